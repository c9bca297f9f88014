"""Signs of life that change how a sequence goes on, and what they do to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Signal(StrEnum):
    """What somebody did, or what came back."""

    REPLY = "reply"
    AUTO_REPLY = "auto_reply"
    MEETING = "meeting"
    STAGE_CHANGE = "stage_change"
    UNSUBSCRIBE = "unsubscribe"
    COMPLAINT = "complaint"
    BOUNCE = "bounce"


class Reaction(StrEnum):
    """What a sequence does with a sign."""

    CONTINUE = "continue"
    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Pause:
    """A countdown that stands still. `left` is what was still to wait when it began."""

    until: datetime
    left: timedelta

    @property
    def next_at(self) -> datetime:
        """When the step is due after the pause: the rest of its wait still passes."""
        return self.until + self.left


def pause(next_at: datetime, now: datetime, *, returns_at: datetime | None, resume_after: timedelta) -> Pause:
    """Stops the countdown to `next_at` until somebody is back, or for `resume_after` where that is not known."""
    until = returns_at if returns_at is not None and returns_at > now else now + resume_after
    return Pause(until, max(next_at - now, timedelta()))
