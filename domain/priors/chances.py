"""A lead's chance before a client has a model of its own: what other clients of the agency saw, giving way to its own people.

With the prior Beta(κ m, κ (1 - m)) of the agency's other clients and g good of n people of its own, a client's rate is
b = (κ m + g) / (κ + n). Each level f of a lead has a rate of its own, (κ_f q_f + g_f) / (κ_f + n_f), with
q_f = expit(logit b + δ_f) what the others' shift δ_f makes of b. A lead's log-odds are

    logit b + λ Σ_f (logit r_f - logit b)

where λ, between 0 and 1, is what predicted held-out clients best: naive Bayes, damped, for levels say partly the same. All of
it is weighed by people, so the client's own take over as they come.

The interval is normal in log-odds: the variance of the logit of a Beta(a, b) is ψ'(a) + ψ'(b), and those of the rate and of
the levels are added up, undamped: where clients have little in common (a small λ), what a level means at this one is not
known, and that widens the interval. It is about the chance of such leads at this client, not about one lead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from scipy.special import expit, logit, polygamma

from domain.priors.features import FEATURES, NOBODY, Cell, Count, Levels
from domain.wording import plural

SURE = 1.96
"""Standard deviations of a 95 % interval."""
OWN_ALONE = 50.0
"""What no shift is worth, at a level of which nothing may be told: this many people at the client's own rate."""


@dataclass(frozen=True, slots=True)
class Chance:
    """`low` and `high` hold the chance with 95 % certainty."""

    probability: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Chances:
    """A client's prior, worked out: log-odds and variance of its rate, and of each level what it moves and how surely."""

    base: float
    variance: float
    weight: float
    moves: Mapping[Cell, tuple[float, float]]

    def of(self, levels: Levels) -> Chance:
        """Of a lead with these levels."""
        found = [self.moves[cell] for cell in zip(FEATURES, levels, strict=True) if cell in self.moves]
        moved = self.weight * math.fsum(moved for moved, _ in found)
        return self._around(self.base + moved, self.variance + math.fsum(variance for _, variance in found))

    def of_level(self, cell: Cell) -> Chance:
        """Of people of whom nothing but this level is known: as observed, undamped."""
        moved, variance = self.moves[cell]
        return self._around(self.base + moved, self.variance + variance)

    def of_anybody(self) -> Chance:
        """Of people of whom nothing is known."""
        return self._around(self.base, self.variance)

    def _around(self, centre: float, variance: float) -> Chance:
        spread = SURE * math.sqrt(variance)
        return Chance(float(expit(centre)), float(expit(centre - spread)), float(expit(centre + spread)))


@dataclass(frozen=True, slots=True)
class LevelPrior:
    """What is told of one level: its shift in log-odds, what that is worth, who stands behind it; and the client's own."""

    shift: float = 0.0
    strength: float = OWN_ALONE
    client_count: int = 0
    people_count: int = 0
    own: Count = NOBODY


@dataclass(frozen=True, slots=True)
class ClientPrior:
    """What one client's leads start from. Counts of others are told rounded, and no client is named."""

    mean: float
    strength: float
    weight: float
    client_count: int
    people_count: int
    own: Count = NOBODY
    levels: Mapping[Cell, LevelPrior] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """The client's own rate as it stands to be: the others' and its own people's together."""
        return (self.strength * self.mean + self.own.good) / (self.strength + self.own.people)

    def chances(self) -> Chances:
        """Of any number of leads: what each level moves is worked out once."""
        rate = self.rate
        good = self.strength * self.mean + self.own.good
        base, variance = float(logit(rate)), _variance(good, self.strength + self.own.people - good)
        moves = {}
        for cell, level in self.levels.items():
            expected = float(expit(base + level.shift))
            good = level.strength * expected + level.own.good
            bad = level.strength * (1 - expected) + level.own.people - level.own.good
            moves[cell] = (math.log(good / bad) - base, _variance(good, bad))
        return Chances(base, variance, self.weight, moves)

    def words(self, chance: Chance) -> str:
        """What people read beside a score."""
        own = f", and {plural(self.own.people, 'lead')} of your own" if self.own.people else ""
        return (
            f"Chance from clients like you: {shown(chance.probability)} ({shown(chance.low)} to {shown(chance.high)}), "
            f"from {self.client_count} clients of the agency, {self.people_count:,} people{own}"
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for keeping; `of` reads them."""
        return {
            "mean": self.mean,
            "strength": self.strength,
            "weight": self.weight,
            "clients": self.client_count,
            "people": self.people_count,
            "own": [self.own.people, self.own.good],
            "levels": [
                [*cell, one.shift, one.strength, one.client_count, one.people_count, one.own.people, one.own.good]
                for cell, one in self.levels.items()
            ],
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self | None:
        """None for an empty mapping: nothing to start from."""
        if not kept:
            return None
        levels = {
            (str(feature), str(level)): LevelPrior(shift, strength, clients, people, Count(own, good))
            for feature, level, shift, strength, clients, people, own, good in kept["levels"]
        }
        return cls(
            kept["mean"], kept["strength"], kept["weight"], kept["clients"], kept["people"], Count(*kept["own"]), levels
        )


def shown(share: float) -> str:
    """`12%`, below ten `3.4%`, and at last `under 0.1%`."""
    if share < 0.0005:
        return "under 0.1%"
    return f"{share:.1%}" if share < 0.0995 else f"{share:.0%}"


def _variance(good: float, bad: float) -> float:
    """Of the log-odds of a rate that is Beta(good, bad). Below one of a kind it is taken as one: there the variance grows without end,
    and would speak of rates that nobody could tell from nought."""
    return float(polygamma(1, max(good, 1.0)) + polygamma(1, max(bad, 1.0)))
