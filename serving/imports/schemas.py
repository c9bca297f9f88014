"""What /v1/imports takes and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Entity = Literal["contacts", "deals"]
Duplicates = Literal["skip", "update", "create"]


class ColumnOut(BaseModel):
    """One column of the file and what becomes of it."""

    column: str
    target: str = Field(description="A field, `attribute:<key>` or `ignore`.")
    data_type: str
    role: str
    positive_value: str | None
    format: str = Field(description="Decimal sign of numbers, order (`ymd`, `dmy`, `mdy`) of dates.")
    confidence: float = Field(description="0 to 1, how sure the suggestion is; 1 once a person has said so.")
    note: str = Field(description="What was ambiguous, or why it is ignored.")
    is_suggested: bool
    examples: list[str]


class DialectOut(BaseModel):
    """How the file is written."""

    encoding: str
    delimiter: str
    quote: str
    has_header: bool
    skip_lines: int
    width: int


class ReasonOut(BaseModel):
    """How many rows met a reason."""

    outcome: str
    reason: str
    row_count: int


class ImportOut(BaseModel):
    """An import and how far it is."""

    import_id: str
    entity: str
    file_name: str
    byte_count: int
    status: str
    duplicates: str
    rows_total: int
    rows_done: int
    created_count: int
    updated_count: int
    skipped_count: int
    rejected_count: int
    error: str
    created_by: str
    created_at: datetime
    finished_at: datetime | None
    can_undo: bool
    undo: dict[str, Any] | None = Field(
        None, description="What an undo did: deleted, restored, kept_count and kept [{line, entity_id, reason}]."
    )


class ImportDetailOut(ImportOut):
    """An import with its columns, its first rows, and what was noticed."""

    dialect: DialectOut
    columns: list[ColumnOut]
    sample: list[list[str]]
    notes: list[str]
    earlier_import_id: str | None = Field(description="The same bytes were imported before, by this import.")
    targets: list[str] = Field(description="Everything that a column may be mapped to, besides `attribute:<key>`.")
    reasons: list[ReasonOut]


class ImportListOut(BaseModel):
    items: list[ImportOut]


class ColumnPatch(BaseModel):
    """A person's wish for one column; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    target: str | None = Field(None, description="A field, `attribute`, `attribute:<key>` or `ignore`.")
    data_type: Literal["text", "integer", "number", "boolean", "date", "datetime"] | None = None
    format: Literal["", ".", ",", "ymd", "dmy", "mdy"] | None = None
    role: Literal["feature", "outcome", "post_outcome", "ignored"] | None = None
    positive_value: str | None = None


class ImportPatch(BaseModel):
    """Changes to the mapping and the policy, before the start."""

    model_config = ConfigDict(extra="forbid")

    columns: dict[str, ColumnPatch] = Field(default_factory=dict, description="By name of the column.")
    outcome_column: str | None = Field(None, description="What became of a lead; models learn to predict it.")
    positive_value: str | None = Field(None, description="The value of that column that counts as success.")
    post_outcome_columns: list[str] = Field(
        default_factory=list, description="Known only after the outcome: shown, never learned from."
    )
    duplicates: Duplicates | None = None


class RowOut(BaseModel):
    """A row that has something to say."""

    line: int
    outcome: str
    reason: str
    raw: str | None


class PlannedRowOut(BaseModel):
    """A row as it would be stored."""

    line: int
    outcome: str
    fields: dict[str, Any]
    attributes: dict[str, Any]


class PreviewOut(BaseModel):
    """What the import would do now; nothing has been written."""

    rows_total: int
    created_count: int
    updated_count: int
    skipped_count: int
    rejected_count: int
    reasons: list[ReasonOut]
    examples: list[RowOut]
    sample: list[PlannedRowOut]
