"""How much may leave: caps by the day and by the hour, stacked so that the smallest wins; ramps; gaps.

A cap of a day counts twice: over the last 24 hours, as receivers do, and over the local day, as people plan. Both hold.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


Since = tuple[datetime, bool]
"""A moment, and whether what happened at it counts."""


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


class Counted(SendTimes):
    """The same where not every moment was read: the newest is known, and the numbers since some moments. Whoever asks for
    anything else has all of them read, by `read`."""

    def __init__(
        self, newest: datetime | None, counts: Mapping[Since, int], read: Callable[[], Iterable[datetime]]
    ) -> None:
        super().__init__()
        self.counts, self.read = counts, read
        self._newest, self._is_read = newest, False

    def count_since(self, since: datetime, *, inclusive: bool) -> int:
        known = None if self._is_read else self.counts.get((since, inclusive))
        if known is None:
            self._read_all()
        return (known or 0) + super().count_since(since, inclusive=inclusive)

    def from_newest(self, number: int) -> datetime:
        self._read_all()
        return super().from_newest(number)

    @property
    def newest(self) -> datetime | None:
        added = super().newest
        return added if self._newest is None or (added and added > self._newest) else self._newest

    def __iter__(self) -> Iterator[datetime]:
        self._read_all()
        return super().__iter__()

    def __len__(self) -> int:
        self._read_all()
        return super().__len__()

    def _read_all(self) -> None:
        if not self._is_read:
            self._times, self._is_read = sorted([*self.read(), *self._times]), True


def together(of: Sequence[Counted]) -> Counted:
    """What several carried, as one: they were counted since the same moments, and nothing was added to them yet."""
    counts: Counter[Since] = Counter()
    for one in of:
        counts.update(one.counts)
    newest = max((one.newest for one in of if one.newest is not None), default=None)
    return Counted(newest, counts, lambda: (at for one in of for at in one.read()))


def asked_since(now: datetime, time_zones: Iterable[str]) -> list[Since]:
    """The moments since which caps count, where days begin in these zones."""
    return [
        (now - HOUR, False),
        (now - DAY, False),
        *((day_begins(now, zone), True) for zone in sorted(set(time_zones))),
    ]


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


def binding(caps: Sequence[Cap], used: Sequence[int]) -> Cap | None:
    """The cap that leaves least, of those of which so much is used; of equals the smaller limit, then the earlier in order.
    None without caps."""
    left = [(max(0, cap.limit - number), cap.limit) for cap, number in zip(caps, used, strict=True)]
    return caps[left.index(min(left))] if caps else None


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


@lru_cache(maxsize=1024)
def day_begins(now: datetime, time_zone: str) -> datetime:
    """Midnight before a moment, where it is."""
    return midnight(now.astimezone(ZoneInfo(time_zone)).date(), time_zone)


def next_day(now: datetime, time_zone: str) -> datetime:
    return midnight(now.astimezone(ZoneInfo(time_zone)).date() + timedelta(days=1), time_zone)


@lru_cache(maxsize=1024)
def midnight(day: date, time_zone: str) -> datetime:
    """The first moment of a day: where clocks go forward at midnight it is the jump, where they go back the first of two."""
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)
