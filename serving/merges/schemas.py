"""What the routes of merges take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class MergeIn(BaseModel):
    """The other record, which is laid into the contact of the address."""

    model_config = ConfigDict(extra="forbid")

    contact_id: str = Field(max_length=36, description="The record that is merged; its id answers with the survivor.")
    choices: dict[str, Literal["survivor", "merged"]] = Field(
        {}, max_length=200, description="Whose value a field keeps, where a person knows better than the rules."
    )


class ChoiceOut(BaseModel):
    """A field of both records, with whose value is kept and why."""

    field: str
    survivor_value: Any
    merged_value: Any
    kept: str
    reason: str
    is_differing: bool


class MergePreviewOut(BaseModel):
    """What a merge would keep. `etag` is what `If-Match` of the merge takes: it names the state of both records."""

    survivor_id: str
    merged_id: str
    suggested_survivor_id: str
    suggested_because: str
    """`verified`, `more_complete` or `older`."""
    choices: list[ChoiceOut]
    etag: str


class UndoReportOut(BaseModel):
    """Rows by table that went back, rows that came after the merge and stay with the survivor, and fields that somebody
    has changed since."""

    returned: dict[str, int] = {}
    stayed: dict[str, int] = {}
    kept_fields: list[str] = []


class CompanyMergeIn(BaseModel):
    """The other record, which is laid into the company of the address."""

    model_config = ConfigDict(extra="forbid")

    company_id: str = Field(
        max_length=36, description="The record that is merged; its id and domain lead to the survivor."
    )
    choices: dict[str, Literal["survivor", "merged"]] = Field({}, max_length=200)


class MergedOut(BaseModel):
    """A merge and, once it is undone, what that did."""

    survivor_id: str
    merged_id: str
    status: str
    choices: list[dict[str, str]]
    moved: dict[str, int]
    """Rows that followed, by table."""
    merged_by: str
    merged_at: datetime
    undone_by: str
    undone_at: datetime | None
    report: UndoReportOut


class MergeOut(MergedOut):
    """Of two contacts."""

    contact_merge_id: str


class CompanyMergeOut(MergedOut):
    """Of two companies."""

    company_merge_id: str


class RulesIO(BaseModel):
    """Which value survives a merge: `most_recent`, `most_complete`, `source_priority`, `verified_first` or
    `hand_set_first`; a company's fields begin with `company.`."""

    model_config = ConfigDict(extra="forbid")

    default: str = "most_complete"
    fields: dict[str, str] = Field({}, max_length=200)
    sources: list[str] = Field([], max_length=50, description="The source that is trusted most comes first.")
