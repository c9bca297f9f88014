"""How much may leave: caps by the day and by the hour, stacked so that the smallest wins; ramps; gaps.

A cap of a day counts twice: over the last 24 hours, as receivers do, and over the local day, as people plan. Both hold.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

DAY = timedelta(hours=24)
HOUR = timedelta(hours=1)
REMEMBERED = timedelta(hours=26)
"""How far back sending times are needed: a local day may have 25 hours, where clocks go back."""
SILENCE = timedelta(days=14)
"""A mailbox that was silent for so long begins its ramp anew."""
YOUNG = timedelta(days=30)
YOUNG_PER_DAY = 20


class SendTimes:
    """When messages left, or were decided to, in order. Caps that share one see what is added to it."""

    def __init__(self, times: Iterable[datetime] = ()) -> None:
        self._times = sorted(times)

    def add(self, at: datetime) -> None:
        insort(self._times, at)

    def count_since(self, since: datetime, *, inclusive: bool) -> int:
        find = bisect_left if inclusive else bisect_right
        return len(self._times) - find(self._times, since)

    def from_newest(self, number: int) -> datetime:
        """The `number`-th from the newest (1 is the newest)."""
        return self._times[-number]

    @property
    def newest(self) -> datetime | None:
        return self._times[-1] if self._times else None

    def __iter__(self) -> Iterator[datetime]:
        return iter(self._times)

    def __len__(self) -> int:
        return len(self._times)


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` of these within a period. `time_zone` says where a day begins."""

    name: str
    limit: int
    times: SendTimes = field(repr=False)
    per: Literal["day", "hour"] = "day"
    time_zone: str = "UTC"

    def used(self, now: datetime) -> int:
        """The larger of both counts."""
        if self.per == "hour":
            return self.times.count_since(now - HOUR, inclusive=False)
        rolling = self.times.count_since(now - DAY, inclusive=False)
        return max(rolling, self.times.count_since(day_begins(now, self.time_zone), inclusive=True))

    def left(self, now: datetime) -> int:
        return max(0, self.limit - self.used(now))

    def frees_at(self, now: datetime) -> datetime:
        """When there is room again, if nothing more leaves; now where there is."""
        if self.left(now) > 0:
            return now
        if self.limit < 1:
            return next_day(now, self.time_zone) if self.per == "day" else now + HOUR
        period = HOUR if self.per == "hour" else DAY
        free = now
        if self.times.count_since(now - period, inclusive=False) >= self.limit:
            free = self.times.from_newest(self.limit) + period
        if self.per == "day" and self.times.count_since(day_begins(now, self.time_zone), inclusive=True) >= self.limit:
            free = max(free, next_day(now, self.time_zone))
        return free


def binding(caps: Sequence[Cap], now: datetime) -> Cap | None:
    """The cap that leaves least; of equals the smaller limit, then the earlier in order. None without caps."""
    return min(caps, key=lambda cap: (cap.left(now), cap.limit), default=None)


def room_at(caps: Sequence[Cap], now: datetime) -> datetime:
    """When all of them have room, if nothing more leaves."""
    return max((cap.frees_at(now) for cap in caps), default=now)


@dataclass(frozen=True, slots=True)
class Ramp:
    """A mailbox's way up: `start` on its first day, `step` more on each day after, up to `ceiling`."""

    start: int = 10
    step: int = 5
    ceiling: int = 50

    def allowed(self, began_on: date, today: date) -> int:
        return min(self.ceiling, self.start + self.step * max(0, (today - began_on).days))


def ramp_begins(began_on: date, last_sent_on: date | None, today: date) -> date:
    """The first day of the ramp that counts today: a mailbox that was silent for two weeks begins anew."""
    last = last_sent_on or began_on
    return today if today - last >= SILENCE else began_on


def day_begins(now: datetime, time_zone: str) -> datetime:
    """Midnight before a moment, where it is."""
    return midnight(now.astimezone(ZoneInfo(time_zone)).date(), time_zone)


def next_day(now: datetime, time_zone: str) -> datetime:
    return midnight(now.astimezone(ZoneInfo(time_zone)).date() + timedelta(days=1), time_zone)


@lru_cache(maxsize=1024)
def midnight(day: date, time_zone: str) -> datetime:
    """The first moment of a day: where clocks go forward at midnight it is the jump, where they go back the first of two."""
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)
