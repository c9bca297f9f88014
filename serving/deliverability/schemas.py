"""What the deliverability routes take and answer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from domain.deliverability.records import State
from domain.deliverability.wording import Weight


class FindingOut(BaseModel):
    """One check of a domain. `unknown`: DNS did not answer, or what is needed to ask was not given."""

    model_config = ConfigDict(from_attributes=True)

    check: str
    state: State
    summary: str
    advice: str
    records: tuple[str, ...]


class DomainReport(BaseModel):
    domain: str
    state: State
    """Fail where any check fails, else unknown where any is."""
    findings: list[FindingOut]


class LetterIn(BaseModel):
    """A letter as it would be sent, rendered."""

    model_config = ConfigDict(extra="forbid")

    subject: str = Field(max_length=1_000)
    text: str = Field("", max_length=100_000)
    html: str = Field("", max_length=200_000)
    is_first: bool = True
    tracks_opens: bool = False
    tracks_clicks: bool = False
    has_unsubscribe_header: bool = True


class RemarkOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    rule: str
    weight: Weight
    found: str
    advice: str


class Remarks(BaseModel):
    remarks: list[RemarkOut]
