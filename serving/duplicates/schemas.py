"""What the routes of duplicates take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.duplicates import LEAST_FOR_MANY, RecordKind


class RecordOut(BaseModel):
    """One of the two, as far as it takes to tell it from the other."""

    id: str
    name: str
    known_by: str
    """Address, telephone or domain."""
    detail: str
    """Title and source, or industry and country."""
    created_at: datetime
    is_there: bool
    """False once it was merged or deleted."""


class EvidenceOut(BaseModel):
    """What one comparison says. `weight` is in bits: one bit doubles the odds, a negative one halves them."""

    comparison: str
    level: str
    words: str
    weight: float


class DuplicateOut(BaseModel):
    """Two records that may be one."""

    duplicate_proposal_id: str
    entity: RecordKind
    status: Literal["open", "merged", "dismissed", "gone"]
    probability: float
    chance: str
    """The probability in words."""
    weight: float
    """All evidence together, in bits."""
    left: RecordOut
    right: RecordOut
    evidence: list[EvidenceOut]
    """The prior odds first, then the strongest; together they are `weight`."""
    model_version: str
    reason: str
    merge_id: str | None
    batch_id: str | None
    decided_by: str
    decided_at: datetime | None
    created_at: datetime
    etag: str


class DuplicateListOut(BaseModel):
    """A page, the surest first unless `sort` says otherwise."""

    items: list[DuplicateOut]
    next_cursor: str | None
    total: int | None


class DuplicateCountsOut(BaseModel):
    """How many pairs wait, and how many of them are at least as sure as was asked."""

    contact: int
    company: int
    at_least: float
    acceptable: int


class MergeDuplicateIn(BaseModel):
    """Which record stays, where a person knows better than the rules, and whose value a field keeps."""

    model_config = ConfigDict(extra="forbid")

    survivor_id: str | None = Field(None, max_length=36, description="Default: the one that the rules suggest.")
    choices: dict[str, Literal["survivor", "merged"]] = Field({}, max_length=200)


class DismissDuplicateIn(BaseModel):
    """Why the two are two, for whoever asks later."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field("", max_length=100)


class SearchIn(BaseModel):
    """What to look through; without `entity` contacts and companies."""

    model_config = ConfigDict(extra="forbid")

    entity: RecordKind | None = None


class SearchOut(BaseModel):
    """A search that a worker will do, or is doing."""

    job_id: str


class AcceptIn(BaseModel):
    """Merges every open pair that is so sure. `count` is the number that the person saw: it must still be right."""

    model_config = ConfigDict(extra="forbid")

    entity: RecordKind
    min_probability: float = Field(ge=LEAST_FOR_MANY, le=1)
    count: int = Field(ge=1, description="How many pairs that is, from `GET /v1/duplicates/counts`.")


class AcceptOut(BaseModel):
    """What a worker merges, each pair by the rules of survivorship. The batch can be taken back as a whole."""

    batch_id: str
    accepted_count: int
