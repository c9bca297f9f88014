"""The hour of the week at which people answer: learnt from messages and what people did about them, never from opens.

Each message counts under the hour at which it left, on its recipient's clock, and whether its recipient answered or clicked.
Shares of the organization are drawn towards the whole by as much as hours differ (empirical Bayes, beta-binomial, its
strength by moments); those of a company towards the organization's, and a person's towards their company's. Where hours
differ no more than chance lets them, nobody can know a best one, and none is chosen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pydantic import Field

from domain.chance import chance
from domain.experiments.assigning import Design, Variant, assign
from domain.outreach.steps import Part
from domain.outreach.windows import opens
from domain.working_hours import DAYS, WorkingHours

ARM = "send_time"
"""Under this name an enrolment keeps which of the two it was dealt, beside the arms of A/B steps."""
BEST, RANDOM = "best_hour", "random_hour"
HALF_LIFE = timedelta(days=90)
LOOK_BACK = timedelta(days=365)
MATURES = timedelta(days=3)
"""Younger messages may still be answered: they do not count yet."""
LEAST_ANSWERS = 30
LEAST_STRENGTH = 20.0
SURE = 3.0
"""Standard errors by which hours must differ more than chance lets them: one world in 700 without a best hour fools it."""
HOUR = timedelta(hours=1)
Tally = Mapping[int, tuple[float, float]]
"""By hour of the week from Monday 0:00: messages, and answered ones; old ones weigh less."""


class Timing(Part):
    """Whether messages wait for the hour at which people answer most, and how many leave at random hours to measure it."""

    best_hour: bool = False
    wait_at_most_hours: int = Field(72, ge=1, le=168)
    random_share: float = Field(0.1, ge=0.05, le=0.5)

    @property
    def variants(self) -> tuple[Variant, Variant]:
        return Variant(RANDOM, self.random_share), Variant(BEST, 1 - self.random_share)

    def arm(self, sequence_id: str, contact_id: str, held: str | None) -> str:
        """Sticky: what somebody was dealt stays theirs."""
        return assign(Design(f"{ARM}:{sequence_id}", self.variants), contact_id, held=held).variant or BEST


@dataclass(frozen=True, slots=True)
class Sent:
    """A message: when it left, on its recipient's clock, and whether they answered or clicked."""

    at: datetime
    is_answered: bool


@dataclass(frozen=True, slots=True)
class Rates:
    """Share of answers by hour of the week. `is_known`: hours differ by more than chance."""

    overall: float
    by_hour: tuple[float, ...]
    strength: float
    messages: float
    is_known: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """When a message leaves, and why then."""

    at: datetime
    arm: str
    why: str


def hour_of(local: datetime) -> int:
    return local.weekday() * 24 + local.hour


def tally(messages: Iterable[Sent], now: datetime) -> dict[int, tuple[float, float]]:
    """Of those that had time to be answered."""
    found: dict[int, tuple[float, float]] = {}
    for one in messages:
        age = now - one.at
        if MATURES <= age <= LOOK_BACK:
            weight = 0.5 ** (age / HALF_LIFE)
            sent, answered = found.get(hour_of(one.at), (0.0, 0.0))
            found[hour_of(one.at)] = (sent + weight, answered + weight * one.is_answered)
    return found


def pooled(seen: Tally) -> Rates:
    """The organization's: each hour drawn towards the whole."""
    messages = sum(sent for sent, _ in seen.values())
    answers = sum(answered for _, answered in seen.values())
    mean = (answers + 1) / (messages + 20)
    spread = mean * (1 - mean)
    distance = sum((answered - sent * mean) ** 2 for sent, answered in seen.values()) / spread
    pairs = sum(sent * max(0.0, sent - 1) for sent, _ in seen.values())
    likeness = (distance - messages) / pairs if pairs else 0.0
    strength = max(LEAST_STRENGTH, 1 / likeness - 1) if likeness > 0 else math.inf
    is_known = strength < math.inf and answers >= LEAST_ANSWERS and _dispersion(seen, mean) > SURE
    rates = Rates(mean, (mean,) * 168, strength, messages, is_known)
    return narrowed(rates, seen) if is_known else rates


def narrowed(rates: Rates, seen: Tally) -> Rates:
    """The same for a company or a person in it: what is known of them, drawn towards what holds around them."""
    if not rates.is_known:
        return rates
    by_hour = list(rates.by_hour)
    for hour, (sent, answered) in seen.items():
        by_hour[hour] = (answered + rates.strength * by_hour[hour]) / (sent + rates.strength)
    return replace(rates, by_hour=tuple(by_hour))


def choose(
    timing: Timing, arm: str, rates: Rates, windows: Sequence[WorkingHours], zone: str, *, due_at: datetime, now: datetime,
    seed: str,
) -> Choice:  # fmt: skip
    """When a message that may leave now leaves: within the windows, and at the latest `wait_at_most_hours` after it was due.
    Asked again at that moment, the answer is that moment."""
    until = due_at + timedelta(hours=timing.wait_at_most_hours)
    if arm == RANDOM:
        moments = _moments(tuple(windows), due_at, until)
        at = moments[int(chance(ARM, seed, due_at.isoformat()) * len(moments))] if moments else now
        return Choice(max(at, now), RANDOM, "random time: holdout")
    if not rates.is_known:
        return Choice(now, BEST, "no best hour is known: hours differ no more than chance lets them")
    ahead = [now, *_moments(tuple(windows), now + timedelta(microseconds=1), until)]
    at = max(ahead, key=lambda each: rates.by_hour[hour_of(each.astimezone(ZoneInfo(zone)))])
    local = at.astimezone(ZoneInfo(zone))
    share = rates.by_hour[hour_of(local)]
    name = f"{DAYS[local.weekday()].capitalize()} {local.hour}:00"
    return Choice(at, BEST, f"{name} chosen: {share:.1%} answer then, {rates.overall:.1%} on the whole")


@lru_cache(maxsize=1024)
def _moments(windows: tuple[WorkingHours, ...], since: datetime, until: datetime) -> tuple[datetime, ...]:
    """The first moment of each hour at which every window is open."""
    found: list[datetime] = []
    at = opens(windows, since)
    while at is not None and at <= until:
        found.append(at)
        at = opens(windows, at.replace(minute=0, second=0, microsecond=0) + HOUR)
    return tuple(found)


def _dispersion(seen: Tally, mean: float) -> float:
    """By how many standard errors hours differ more than chance lets them: Pearson's statistic, with its own variance, for
    some hours hold few messages."""
    cells = [(sent, answered) for sent, answered in seen.values() if sent >= 1]
    spread = mean * (1 - mean)
    statistic = sum((answered - sent * mean) ** 2 / (sent * spread) for sent, answered in cells)
    freedom = len(cells) - 1
    variance = 2 * freedom + sum(1 / (sent * spread) for sent, _ in cells)
    return (statistic - freedom) / math.sqrt(variance) if freedom > 0 else 0.0
