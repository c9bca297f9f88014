"""What the quality routes take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class RejectedEventOut(BaseModel):
    """A refused event as it came, with the reason; replayed once it got through."""

    rejected_event_id: str
    event_id: str | None
    source: str
    reason: str
    message: str
    body: str
    received_at: datetime
    replayed_at: datetime | None
    attempts: int


class ReasonOut(BaseModel):
    reason: str
    count: int
    newest_at: datetime


class RejectedEventsOut(BaseModel):
    """A page of refused events, and how many wait for each reason."""

    items: list[RejectedEventOut]
    next_cursor: str | None
    reasons: list[ReasonOut]


class ReplayRejected(BaseModel):
    """Which refused events to try again: those named, else the oldest 500 of a reason, else of all."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] = Field([], max_length=500)
    reason: str | None = Field(None, max_length=60)


class JobQueuedOut(BaseModel):
    """`count` things are in the job; none is queued for nothing."""

    job_id: str | None
    count: int


class ReplayQuarantine(BaseModel):
    """Quarantined rows to try again; no ids means all of the source."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(min_length=1, max_length=40)
    ids: list[str] = Field([], max_length=5_000)


class QuarantineReplayOut(BaseModel):
    """Asked now, answered by the next landing."""

    quarantine_replay_id: str
    source: str
    asked_count: int | None
    """None means all of the source."""
    status: str
    replayed_count: int
    created_at: datetime
    finished_at: datetime | None


class HeldSubmissionOut(BaseModel):
    form_submission_id: str
    form_id: str
    form_name: str
    answers: dict[str, Any]
    page_url: str
    held_reason: str
    submitted_at: datetime


class DeadJobOut(BaseModel):
    job_id: str
    kind: str
    payload: dict[str, Any]
    attempts: int
    last_error: str
    finished_at: datetime | None
    created_at: datetime


class RequeueJobs(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ids: list[str] = Field(min_length=1, max_length=500)


class RequeuedOut(BaseModel):
    count: int


class TroubleOut(BaseModel):
    """How many of each wait for somebody."""

    rejected_events: int
    held_submissions: int
    dead_jobs: int
    quarantine_replays: int
