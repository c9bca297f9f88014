"""A person's day in words: when something is due, how long it waits, and tomorrow morning. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

MORNING = time(9)
"""When a snoozed task comes back."""


def greeting(now: datetime, zone: ZoneInfo, name: str) -> str:
    """`Good morning, Ada`, by the hour of the organization's day."""
    hour = now.astimezone(zone).hour
    part = "morning" if 4 <= hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"
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


def left_words(due_at: datetime | None, now: datetime) -> str:
    """`12 min left`, `3 h late`, `2 days late`; nothing where there is no moment."""
    if due_at is None:
        return "no end"
    minutes = (due_at - now).total_seconds() / 60
    size = abs(minutes)
    told = f"{size:.0f} min" if size < 90 else f"{size / 60:.0f} h" if size < 60 * 36 else f"{size / 1_440:.0f} days"
    return f"{told} left" if minutes >= 0 else f"{told} late"


def reply_rate(days: pd.DataFrame) -> str:
    """Replies for each message sent; a dash where nothing was sent. `days`: sent_count, reply_count."""
    sent = float(days["sent_count"].sum()) if "sent_count" in days else 0.0
    return f"{float(days['reply_count'].sum()) / sent:.1%}" if sent else "–"


def waiting_deals(
    rotting_first: Sequence[dict[str, Any]], idle: Sequence[dict[str, Any]], most: int
) -> list[dict[str, Any]]:
    """Deals that rot in their stage, the longest first, then those with nothing planned; each once."""
    found = {deal["deal_id"]: deal for deal in (*(each for each in rotting_first if each["is_rotting"]), *idle)}
    return list(found.values())[:most]
