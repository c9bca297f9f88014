"""A person's day in words: when something is due, how long it waits, and tomorrow morning. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MORNING = time(9)
"""When a snoozed task comes back."""


def greeting(now: datetime, zone: ZoneInfo, name: str) -> str:
    """`Good morning, Ada`, by the hour of the organization's day."""
    hour = now.astimezone(zone).hour
    part = "morning" if 4 <= hour < 12 else "afternoon" if hour < 18 else "evening"
    first = name.split(" ", maxsplit=1)[0] if name and "@" not in name else ""
    return f"Good {part}, {first}" if first else f"Good {part}"


def tomorrow_morning(now: datetime, zone: ZoneInfo) -> datetime:
    """Nine o'clock of the next day there, whatever the clocks do in the night."""
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), MORNING, zone)


def due_words(due_at: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    """`14:00`, `yesterday`, `3 days late`, `tomorrow 09:00`, `Fri 27 Nov`; nothing where there is no date."""
    if due_at is None:
        return ""
    there = due_at.astimezone(zone)
    days = (there.date() - now.astimezone(zone).date()).days
    if days == 0:
        return f"{there:%H:%M}"
    if days == -1:
        return "yesterday"
    if days < 0:
        return f"{-days} days late"
    return f"tomorrow {there:%H:%M}" if days == 1 else f"{there:%a %-d %b}"


def waiting_deals(
    rotting_first: Sequence[dict[str, Any]], idle: Sequence[dict[str, Any]], most: int
) -> list[dict[str, Any]]:
    """Deals that rot in their stage, the longest first, then those with nothing planned; each once."""
    found = {deal["deal_id"]: deal for deal in (*(each for each in rotting_first if each["is_rotting"]), *idle)}
    return list(found.values())[:most]
