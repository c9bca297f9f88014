"""Tasks and logged activities: their kinds, and when one is due."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class TaskKind(StrEnum):
    """What a person is asked to do."""

    TODO = "todo"
    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    LINKEDIN = "linkedin"
    SMS = "sms"
    WHATSAPP = "whatsapp"


class TaskStatus(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class LoggedKind(StrEnum):
    """What a person writes down after it happened."""

    NOTE = "note"
    CALL = "call"
    MEETING = "meeting"
    EMAIL = "email"
    LINKEDIN = "linkedin"
    SMS = "sms"
    WHATSAPP = "whatsapp"


TOUCHES = frozenset(set(LoggedKind) - {LoggedKind.NOTE})
"""What counts as having reached out to somebody; a note to oneself does not."""


class Due(StrEnum):
    """The part of a person's list that a task stands in."""

    OVERDUE = "overdue"
    TODAY = "today"
    UPCOMING = "upcoming"
    WHENEVER = "whenever"


def day_of(moment: datetime, time_zone: str) -> tuple[datetime, datetime]:
    """The beginning and end of the day of a moment in a time zone: a day is 23 to 25 hours where clocks change."""
    zone = ZoneInfo(time_zone)
    today = moment.astimezone(zone).date()
    return datetime.combine(today, time(), zone), datetime.combine(today + timedelta(days=1), time(), zone)


def due(due_at: datetime | None, now: datetime, time_zone: str) -> Due:
    """Overdue is what was due before now, today included; the rest of today is `today`."""
    if due_at is None:
        return Due.WHENEVER
    if due_at < now:
        return Due.OVERDUE
    _, ends_at = day_of(now, time_zone)
    return Due.TODAY if due_at < ends_at else Due.UPCOMING
