"""Failures that may pass: a full mailbox, a server that is away for days. One says nothing of an address; many, with no
sign of life between them, let it rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from domain.outreach.retries import Phase, ReplyClass
from domain.outreach.steps import Part
from domain.replies.failures import BounceKind

REASON = "soft_bounces"
FAILURES = frozenset({"bounced", "refused"})
"""Kinds of events that tell of them."""
SIGNS_OF_LIFE = frozenset({"replied", "clicked", "delivered"})
"""Kinds of events after which what failed before says nothing any more."""


class SoftBounceRule(Part):
    """After so many failures within so many days an address rests; then it may be written to again."""

    failures: int = Field(3, ge=1, le=20)
    within_days: int = Field(30, ge=1, le=365)
    rests_days: int = Field(30, ge=1, le=365)

    @property
    def within(self) -> timedelta:
        return timedelta(days=self.within_days)

    def rests_until(self, failed_at: Iterable[datetime], now: datetime, *, since: datetime | None) -> datetime | None:
        """Until when, or None: each message that failed counts once, those until `since` not at all."""
        begins = max(now - self.within, since or now - self.within)
        counted = sum(begins < at for at in failed_at)
        return now + timedelta(days=self.rests_days) if counted >= self.failures else None


def may_pass(kind: str, detail: Mapping[str, Any]) -> bool:
    """Whether an event tells of a failure that was the recipient's and may pass. A server of ours that could not be
    reached, or a message that was put off and arrived, is none."""
    if kind == "bounced":
        return bool(detail.get("bounce") == BounceKind.SOFT)
    if kind != "refused":
        return False
    gave_up = detail.get("class") == ReplyClass.LATER and detail.get("phase") == Phase.RECIPIENT
    return gave_up or detail.get("class") == ReplyClass.MAILBOX_FULL
