"""What the routes of signals take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from serving.texts import Words

AT_ONCE = 200


class SignalsIn(BaseModel):
    """Each item: `kind`, `title` and/or `url`, one of `email`, `domain`, `contact_id`, `company_id`; and where they are
    known `observed_at`, `strength` (0–100), `half_life_days`, `dedupe_key`."""

    model_config = ConfigDict(extra="forbid")

    source: Words = Field("api", min_length=1, max_length=40, description="What told of them.")
    items: list[dict[str, Any]] = Field(min_length=1, max_length=AT_ONCE)


class TakenOut(BaseModel):
    """`outcome`: `kept`, `known` (it was told before) or `refused`."""

    outcome: str
    reason: str
    message: str


class SignalsTakenOut(BaseModel):
    """One result for each item, in its order."""

    kept: int
    known: int
    refused: int
    results: list[TakenOut]


class SignalOut(BaseModel):
    """`weight` is what is left of `strength` today."""

    buying_signal_id: str
    kind: str
    source: str
    title: str
    url: str
    contact_id: str | None
    contact_name: str | None
    company_id: str | None
    company_name: str | None
    strength: float
    half_life_days: float
    weight: float
    observed_at: datetime
    created_at: datetime


class SignalListOut(BaseModel):
    items: list[SignalOut]
    next_cursor: str | None
    total: int | None


class SpikeOut(BaseModel):
    """More in seven days than the company is used to: `p` is how likely so many are by chance."""

    recent: int
    expected: float
    p: float


class WarmOut(BaseModel):
    """A company with what all its signals weigh today; `by_kind` adds up to it."""

    company_id: str
    name: str
    heat: float
    by_kind: dict[str, float]
    signal_count: int
    last_at: datetime
    spike: SpikeOut | None


class WarmthOut(BaseModel):
    """Warmest first. `spikes_from` is when there is enough past to say what is usual; None where that is so already, or
    where there are no signals."""

    items: list[WarmOut]
    company_count: int
    spikes_from: datetime | None


class RejectedSignalOut(BaseModel):
    rejected_signal_id: str
    source: str
    reason: str
    message: str
    body: str
    received_at: datetime
    attempts: int


class RejectedSignalsOut(BaseModel):
    """The oldest hundred that wait, and how many wait by reason."""

    items: list[RejectedSignalOut]
    reasons: dict[str, int]


class ReplayedOut(BaseModel):
    tried: int
    got_through: int
