"""Whether receivers still believe a mailbox: bands by bounces and by complaints, and when it is taken out of use.

A measure is read over seven days; where these hold too few messages, over thirty; where these do too, nobody can know. A
band is entered at its line and left well below it, so that a rate that trembles does not. The rule stops mailboxes and never
starts one: a person does, and from then on only what is sent anew counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
LEAVES_BELOW = 0.8
"""A band is left once the rate is under this share of its line."""
RULE_VERSION = "1"


class Band(StrEnum):
    """From best to worst, but for `unknown`, of which nothing can be said."""

    UNKNOWN = "unknown"
    GOOD = "good"
    WATCH = "watch"
    """It goes on, at half of its messages a day."""
    QUARANTINE = "quarantine"
    """It is paused."""
    BLOCKED = "blocked"
    """It is paused, and begins its ramp anew once a person lets it go on."""

    @property
    def rank(self) -> int:
        return list(Band).index(self)

    @property
    def pauses(self) -> bool:
        return self in {Band.QUARANTINE, Band.BLOCKED}


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the bands of a measure begin, as shares of messages, and below how many messages nothing is said."""

    floor: int
    watch: float
    quarantine: float
    blocked: float

    @property
    def by_band(self) -> dict[Band, float]:
        """The worst first."""
        return {Band.BLOCKED: self.blocked, Band.QUARANTINE: self.quarantine, Band.WATCH: self.watch}


LINES: Mapping[str, Lines] = {
    "complaints": Lines(100, 0.0003, 0.001, 0.003),
    "bounces": Lines(50, 0.03, 0.05, 0.10),
}
"""The more damaging first: of equal bands it is named. Google asks for less than 0.1 % complaints, and never 0.3 %."""

STOPPED_FOR = frozenset(LINES) | {f"domain_{measure}" for measure in LINES}
"""What the rule pauses a mailbox for (`Judgement.pauses_for`), as the ledger says it."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of messages: how many were tried, and how many of them came back or were called spam."""

    tried: int = 0
    bounces: int = 0
    complaints: int = 0

    def __add__(self, other: Outcomes) -> Outcomes:
        return Outcomes(
            self.tried + other.tried, self.bounces + other.bounces, self.complaints + other.complaints
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """One measure: `found` of `tried` messages within `days`, and the band that this is."""

    measure: str
    days: int
    tried: int
    found: int
    band: Band

    @property
    def rate(self) -> float:
        return self.found / self.tried if self.tried else 0.0

    @property
    def words(self) -> str:
        what = "bounced" if self.measure == "bounces" else "were called spam"
        return f"{self.rate:.2%} of messages {what}: {self.found} of {self.tried} within {self.days} days"


@dataclass(frozen=True, slots=True)
class Health:
    """The worst band, the measure it comes from (empty where nobody can know, or where all is good), and the readings."""

    band: Band
    reason: str
    readings: tuple[Reading, ...]

    @property
    def words(self) -> str:
        return next((reading.words for reading in self.readings if reading.measure == self.reason), "")


@dataclass(frozen=True, slots=True)
class Sender:
    """A mailbox as it is judged. `former`: its band so far, `because`: the measure it came from."""

    mailbox_id: str
    domain: str
    is_sending: bool
    week: Outcomes
    month: Outcomes
    former: Band = Band.UNKNOWN
    because: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of a mailbox. `pauses_for`: the reason to pause it now, or empty; `words`: the numbers behind it."""

    health: Health
    pauses_for: str = ""
    words: str = ""


def judge(week: Outcomes, month: Outcomes, former: Band = Band.UNKNOWN, because: str = "") -> Health:
    """What the outcomes of seven and of thirty days come to."""
    readings = tuple(
        _read(measure, lines, week, month, former if measure == because else Band.UNKNOWN)
        for measure, lines in LINES.items()
    )
    worst = max(readings, key=lambda reading: reading.band.rank)
    return Health(worst.band, worst.measure if worst.band.rank > Band.GOOD.rank else "", readings)


def judge_all(senders: Sequence[Sender]) -> dict[str, Judgement]:
    """Each mailbox by its own messages; then what is left of each domain by the messages of those together, for receivers
    judge domains. A mailbox that does not send is not made better by what it does not send."""
    found = {one.mailbox_id: _judge_one(one) for one in senders}
    for domain in sorted({one.domain for one in senders}):
        left = [
            one
            for one in senders
            if one.domain == domain and one.is_sending and not found[one.mailbox_id].pauses_for
        ]  # fmt: skip
        together = judge(sum((one.week for one in left), Outcomes()), sum((one.month for one in left), Outcomes()))
        if len(left) > 1 and together.band.pauses:
            for one in left:
                own = found[one.mailbox_id].health
                found[one.mailbox_id] = Judgement(own, f"domain_{together.reason}", f"{domain}: {together.words}")
    return found


def _judge_one(one: Sender) -> Judgement:
    health = judge(one.week, one.month, one.former, one.because)
    if not one.is_sending and health.band.rank < one.former.rank:
        return Judgement(Health(one.former, one.because, health.readings))
    if one.is_sending and health.band.pauses:
        return Judgement(health, health.reason, health.words)
    return Judgement(health)


def _read(measure: str, lines: Lines, week: Outcomes, month: Outcomes, former: Band) -> Reading:
    days, seen = (WEEK.days, week) if week.tried >= lines.floor else (MONTH.days, month)
    found = seen.bounces if measure == "bounces" else seen.complaints
    band = _band(found / seen.tried, lines, former) if seen.tried >= lines.floor else Band.UNKNOWN
    return Reading(measure, days, seen.tried, found, band)


def _band(rate: float, lines: Lines, former: Band) -> Band:
    for band, line in lines.by_band.items():
        held = LEAVES_BELOW if band.rank <= former.rank else 1.0
        if rate >= line * held:
            return band
    return Band.GOOD
