"""When a sequence would be through, asked before it is started: a day at a time, by the limits that hold, and which of them
holds people up.

Nobody answers or leaves, tasks are done at once, everybody goes where most messages are, and no other sequence uses the
mailboxes: with answers it is sooner, with others later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.outreach.health import Band
from domain.outreach.limits import HOUR, SendTimes, midnight
from domain.outreach.mailboxes import Terms, mailbox_of
from domain.outreach.sequences import Sequence as Definition
from domain.outreach.sequences import openers
from domain.outreach.steps import END, EmailStep, WaitStep, exits
from domain.outreach.windows import shared
from domain.working_hours import WorkingHours

HORIZON = 366
"""Days that are looked ahead."""
Way = tuple[tuple[int, str], ...]
"""Messages still to come: days after the one before, and the step."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """A mailbox as far as its room on a day goes. `used`: what left it on the first day already."""

    address: str
    domain: str
    terms: Terms
    ramp_began_on: date
    band: Band = Band.UNKNOWN
    used: int = 0


@dataclass(frozen=True, slots=True)
class Room:
    """How many messages may leave on a day, and the limit that says so."""

    messages: int
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Finish:
    """`finishes_on`: the day of the last message; none where `reason` says why not, and `left` how many people are not
    through by then. `limits`: on how many days people waited for the sake of each limit, the most first."""

    people: int
    messages: int
    last_new_on: date | None
    finishes_on: date | None
    limits: Mapping[str, int]
    reason: str = ""
    left: int = 0


def way_from(sequence: Definition, step_id: str) -> Way:
    """The way with most messages from a step on, of these the longest. A wait of hours counts as a day."""
    found: dict[str, Way] = {END: ()}

    def longest(name: str) -> Way:
        if name not in found:
            step = sequence.by_id[name]
            rest = max((longest(target) for target in exits(step, sequence.below[name])), key=_weight)
            if isinstance(step, EmailStep):
                rest = ((0, name), *rest)
            elif isinstance(step, WaitStep) and rest:
                rest = ((rest[0][0] + -(-step.lasts // timedelta(days=1)), rest[0][1]), *rest[1:])
            found[name] = rest
        return found[name]

    return longest(step_id)


def finish(
    sequence: Definition,
    standing: Mapping[str, int],
    room_on: Callable[[date], Room],
    first_day: date,
    *,
    sent_today: int = 0,
    new_today: int = 0,
) -> Finish:
    """`standing`: how many people are at each step; `room_on`: what the mailboxes carry on a day."""
    line = _Line(sequence, standing, max(first_day, sequence.starts_on or first_day))
    people, messages = line.people, line.messages
    held_up: Counter[str] = Counter()
    last_new_on = last_on = None
    for number in range(HORIZON):
        day = first_day + timedelta(days=number)
        if sequence.ends_on is not None and day > sequence.ends_on:
            return Finish(people, messages, last_new_on, None, _most_first(held_up), "campaign_over", line.people)
        if not line.people:
            break
        room = room_on(day)
        if room.messages <= 0 or day < (sequence.starts_on or day):
            continue
        used, new_used = (sent_today, new_today) if number == 0 else (0, 0)
        per_day = Room(max(0, sequence.limits.per_day - used), "sequence_per_day")
        smallest = min(per_day, room, key=lambda each: each.messages)
        gone, new_gone, waits_for = line.send(day, smallest, max(0, sequence.limits.new_per_day - new_used))
        last_on = day if gone else last_on
        last_new_on = day if new_gone else last_new_on
        if waits_for:
            held_up[waits_for] += 1
    if line.people:
        reason = "too_far_away" if last_on else "no_room"
        return Finish(people, messages, last_new_on, None, _most_first(held_up), reason, line.people)
    return Finish(people, messages, last_new_on, last_on, _most_first(held_up))


class _Line:
    """Those who wait, by the day on which their next message is due and what is still to come."""

    def __init__(self, sequence: Definition, standing: Mapping[str, int], first_day: date) -> None:
        self._first = openers(sequence)
        self._new_first = sequence.priority == "new"
        self._due: Counter[tuple[date, Way]] = Counter()
        for step_id, count in standing.items():
            if way := way_from(sequence, step_id) if step_id in sequence.by_id else ():
                self._due[first_day + timedelta(days=way[0][0]), way] += count

    @property
    def people(self) -> int:
        return self._due.total()

    @property
    def messages(self) -> int:
        return sum(len(way) * count for (_, way), count in self._due.items())

    def send(self, day: date, room: Room, new_left: int) -> tuple[int, int, str]:
        """Takes those who are due as far as there is room; answers how many messages left, how many of them to somebody
        new, and the limit that some waited for."""
        gone = new_gone = 0
        waits_for = ""
        due = sorted(key for key in self._due if key[0] <= day)
        for key in sorted(due, key=lambda each: self._is_new(each[1]) is not self._new_first):
            is_new, waiting = self._is_new(key[1]), self._due[key]
            fits = min(room.messages - gone, new_left - new_gone if is_new else waiting)
            leaves = max(0, min(waiting, fits))
            if leaves < waiting:
                waits_for = room.limit if room.messages - gone <= leaves else "new_per_day"
            self._move(key, leaves, day)
            gone, new_gone = gone + leaves, new_gone + leaves * is_new
        return gone, new_gone, waits_for

    def _is_new(self, way: Way) -> bool:
        return way[0][1] in self._first

    def _move(self, key: tuple[date, Way], count: int, day: date) -> None:
        if not count:
            return
        self._due[key] -= count
        if not self._due[key]:
            del self._due[key]
        if rest := key[1][1:]:
            self._due[day + timedelta(days=max(1, rest[0][0])), rest] += count


@dataclass(slots=True)
class Fleet:
    """The mailboxes that may carry it. `per_domain`: what each sending domain may carry a day, and what it has on the first
    day already; `since`: nothing leaves before."""

    window: WorkingHours
    carriers: Sequence[Carrier]
    time_zone: str
    per_domain: Mapping[str, tuple[int, int]]
    since: datetime
    _rooms: dict[tuple[object, ...], Room] = field(default_factory=dict, repr=False)

    @property
    def first_day(self) -> date:
        return self.since.astimezone(ZoneInfo(self.window.time_zone)).date()

    def room_on(self, day: date) -> Room:
        """All of them together, by the limit that holds back most."""
        by_limit: Counter[str] = Counter()
        for domain in sorted({one.domain for one in self.carriers}):
            rooms = [self._room(one, day) for one in self.carriers if one.domain == domain]
            carried = sum(each.messages for each in rooms)
            per_day, used = self.per_domain.get(domain, (carried, 0))
            left = max(0, per_day - (used if day == self.first_day else 0))
            if left < carried:
                by_limit["sending_domain_per_day"] += left
            else:
                for each in rooms:
                    by_limit[each.limit] += each.messages
        if not by_limit:
            return Room(0)
        return Room(by_limit.total(), by_limit.most_common(1)[0][0])

    def _room(self, one: Carrier, day: date) -> Room:
        is_first = day == self.first_day
        key = (one.terms, one.ramp_began_on, one.band, one.used if is_first else 0, day)
        if key not in self._rooms:
            self._rooms[key] = self._measured(one, day, one.used if is_first else 0)
        return self._rooms[key]

    def _measured(self, one: Carrier, day: date, used: int) -> Room:
        zone = self.window.time_zone
        begins = max(midnight(day, zone), self.since)
        mailbox = mailbox_of(
            one.terms, SendTimes(), mailbox_id=one.address, address=one.address, time_zone=self.time_zone,
            ramp_began_on=one.ramp_began_on, last_sent_on=day, now=midnight(day, zone) + 12 * HOUR, band=one.band,
        )  # fmt: skip
        open_for = shared([self.window, mailbox.window], begins, midnight(day + timedelta(days=1), zone))
        if not open_for:
            return Room(0)
        rooms = [
            Room(cap.limit * -(-open_for // HOUR), cap.name) if cap.per == "hour" else Room(cap.limit - used, cap.name)
            for cap in mailbox.caps
        ]
        if gap := mailbox.min_gap + mailbox.gap_jitter / 2:
            rooms.append(Room(open_for // gap + 1, "mailbox_gap"))
        smallest = min(rooms, key=lambda each: each.messages)
        return Room(max(0, smallest.messages), smallest.limit)


def _weight(way: Way) -> tuple[int, int]:
    return len(way), sum(days for days, _ in way)


def _most_first(held_up: Counter[str]) -> dict[str, int]:
    return dict(held_up.most_common())
