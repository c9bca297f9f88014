"""Working time: blocks of the week in a time zone, without holidays. What a clock of service levels counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from domain.errors import InvalidInput
from domain.time_zones import time_zone_names

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_BLOCK = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-(([01]\d|2[0-3]):([0-5]\d)|24:00)$")
HORIZON = timedelta(days=366)
"""Where a week has no working time before this, there is none."""


class Block(NamedTuple):
    """Part of a day, in minutes after midnight: from `starts` up to, not including, `ends` (1,440 is midnight)."""

    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Blocks for each day of the week (0 is Monday), local to `time_zone`; nothing on `holidays`."""

    time_zone: str
    blocks: tuple[tuple[Block, ...], ...]
    holidays: frozenset[date] = field(default=frozenset())

    def is_open(self, at: datetime) -> bool:
        """Whether it is working time."""
        return _is_open(self, at)

    def worked(self, since: datetime, until: datetime) -> timedelta:
        """Working time between two moments; none where `until` is not later."""
        total = timedelta()
        for starts, ends in self.spans(since, until):
            total += max(timedelta(), min(ends, until) - max(starts, since))
        return total

    def after(self, since: datetime, worked: timedelta) -> datetime | None:
        """The moment when so much working time has passed; None where there is not enough within a year.

        Of no time at all it is `since` itself in working time, else the next opening.
        """
        left = worked
        for starts, ends in self.spans(since, since + HORIZON):
            starts = max(starts, since)  # noqa: PLW2901  a span that has begun
            if starts + left <= ends and (left or starts < ends):
                return (starts + left).astimezone(UTC)
            left -= max(timedelta(), ends - starts)
        return None

    def opens(self, since: datetime) -> datetime | None:
        """The moment itself in working time, else the next opening."""
        return self.after(since, timedelta())

    def spans(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Blocks that may overlap the time between, as UTC moments, in order. Where clocks go forward a block may be
        shorter, where they go back longer: it begins and ends when the wall clock says so."""
        zone = ZoneInfo(self.time_zone)
        day = since.astimezone(zone).date() - timedelta(days=1)
        last = until.astimezone(zone).date() + timedelta(days=1)
        while day <= last:
            if day not in self.holidays:
                for starts, ends in _spans_of(day, self.blocks[day.weekday()], self.time_zone):
                    if ends > since and starts < until:
                        yield starts, ends
            day += timedelta(days=1)


ALWAYS = WorkingHours("UTC", tuple((Block(0, 1440),) for _ in DAYS))
"""Around the clock."""


def parse_working_hours(raw: Mapping[str, Any], time_zone: str) -> WorkingHours:
    """`{"time_zone": …, "mon": ["09:00-12:30", "13:30-18:00"], …, "holidays": ["2026-12-25"]}`; days that are not named
    are free. Raises InvalidInput that names the fault. `time_zone` holds where the mapping names none."""
    unknown = sorted(set(raw) - {*DAYS, "time_zone", "holidays"})
    if unknown:
        raise InvalidInput(f"working hours: {unknown[0]!r} is no day", hint=f"Days: {', '.join(DAYS)}.")
    zone = str(raw.get("time_zone") or time_zone)
    if zone not in time_zone_names():
        raise InvalidInput(f"working hours: {zone!r} is no IANA time zone")
    return WorkingHours(
        zone, tuple(_blocks(day, raw.get(day) or []) for day in DAYS), _holidays(raw.get("holidays") or [])
    )


def written(hours: WorkingHours) -> dict[str, Any]:
    """The mapping that `parse_working_hours` reads back."""
    days = {
        day: [f"{_clock(block.starts)}-{_clock(block.ends)}" for block in blocks]
        for day, blocks in zip(DAYS, hours.blocks, strict=True)
        if blocks
    }
    return {"time_zone": hours.time_zone, **days, "holidays": sorted(each.isoformat() for each in hours.holidays)}


def _blocks(day: str, raw: Any) -> tuple[Block, ...]:
    if not isinstance(raw, list):
        raise InvalidInput(f"working hours: {day} is a list of blocks such as 09:00-17:30")
    found = []
    for text in raw:
        match = _BLOCK.match(text) if isinstance(text, str) else None
        if match is None:
            raise InvalidInput(f"working hours: {day}: {text!r} is no block such as 09:00-17:30")
        starts = int(match[1]) * 60 + int(match[2])
        ends = 1440 if match[3] == "24:00" else int(match[4]) * 60 + int(match[5])
        if starts >= ends:
            raise InvalidInput(f"working hours: {day}: {text} ends before it begins")
        found.append(Block(starts, ends))
    found.sort(key=lambda block: block.starts)
    if any(before.ends > after.starts for before, after in pairwise(found)):
        raise InvalidInput(f"working hours: {day}: blocks overlap")
    return tuple(found)


def _holidays(raw: Any) -> frozenset[date]:
    try:
        return frozenset(date.fromisoformat(each) for each in raw)
    except (TypeError, ValueError) as error:
        raise InvalidInput("working hours: holidays are dates such as 2026-12-25") from error


@lru_cache(maxsize=4096)
def _is_open(hours: WorkingHours, at: datetime) -> bool:
    """Asked of the same few windows at the same moment for everybody whose message is decided on then."""
    return any(starts <= at < ends for starts, ends in hours.spans(at, at + timedelta.resolution))


@lru_cache(maxsize=4096)
def _spans_of(day: date, blocks: tuple[Block, ...], time_zone: str) -> tuple[tuple[datetime, datetime], ...]:
    """A day's blocks as UTC moments, without those that a jump of the clock leaves empty."""
    zone = ZoneInfo(time_zone)
    found = ((_moment(day, block.starts, zone), _moment(day, block.ends, zone)) for block in blocks)
    return tuple((starts, ends) for starts, ends in found if starts < ends)


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """A time of the wall clock as a UTC moment; one that is skipped in spring is the moment of the jump's other side."""
    local = datetime.combine(day, time(), zone).replace(hour=0) + timedelta(minutes=minutes)
    return local.replace(fold=0).astimezone(UTC)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
