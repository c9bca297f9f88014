"""What the routes of the audit log tell."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class ActOut(BaseModel):
    """One act. `before` and `after` are null where nothing was kept, or where the person was erased (`is_shredded`)."""

    position: int
    at: datetime
    actor_kind: str
    actor_id: str
    actor_name: str
    """Of a person or key that is still here, else empty."""
    action: str
    entity: str
    entity_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    is_shredded: bool


class ActListOut(BaseModel):
    items: list[ActOut]
    next_cursor: str | None


class VerificationOut(BaseModel):
    """Whether the log is whole. `end` names its last row that fits: written down elsewhere, it proves that a later log
    begins with this one."""

    count: int
    """Rows that fit, from the first on."""
    is_whole: bool
    broken_at: int | None
    reason: str
    end: str


class VerificationStateOut(BaseModel):
    """What is known without looking: how long the log is, and what the last verification found."""

    count: int
    verified_at: datetime | None
    verified_count: int | None
    fault: str | None
