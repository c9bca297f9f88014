"""Agencies whose clients are known: each has a rate of its own, and levels mean nearly the same for all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from domain.priors.features import FEATURES, NOBODY, Cell, Count, Levels, Tally

LEVELS = {
    "source": ("form", "import", "api"),
    "first_touch_channel": ("Paid Search", "Organic Search", "Direct", "Referral"),
    "email_domain_type": ("corporate", "free"),
    "seniority": ("executive", "director", "manager", "unknown"),
    "company_size": ("1-10", "51-200", "1001-5000", "unknown"),
    "country": ("DE", "US", "FR"),
}
OUTCOME = "lifecycle:customer"


@dataclass(frozen=True, slots=True)
class Client:
    """`effects` in log-odds; `mixes`: how often each level occurs here."""

    base: float
    effects: dict[Cell, float]
    mixes: dict[str, np.ndarray]

    def draw(self, chance: np.random.Generator, count: int) -> tuple[list[Levels], np.ndarray, np.ndarray]:
        """Levels, true chances and outcomes of so many people. A third of them are alike in all that they are."""
        alike, kind = chance.random(count) < 1 / 3, chance.integers(0, 2, count)
        columns = []
        for name, levels in LEVELS.items():
            place = chance.choice(len(levels), count, p=self.mixes[name])
            columns.append(np.asarray(levels)[np.where(alike, kind * (len(levels) - 1), place)])
        people = [tuple(str(column[row]) for column in columns) for row in range(count)]
        odds = [self.base + sum(self.effects[cell] for cell in zip(FEATURES, one, strict=True)) for one in people]
        truth = expit(np.asarray(odds))
        return people, truth, chance.random(count) < truth


def agency(
    chance: np.random.Generator, clients: int, *, common: float = 0.6, own: float = 0.25, spread: float = 0.5
) -> list[Client]:
    """`common`: how much levels mean for everybody; `own`: how much clients differ in it; `spread`: in their rates."""
    cells = [(name, level) for name, levels in LEVELS.items() for level in levels]
    meaning = dict(zip(cells, chance.normal(0, common, len(cells)), strict=True))
    return [
        Client(
            chance.normal(-2, spread),
            {cell: effect + chance.normal(0, own) for cell, effect in meaning.items()},
            {name: chance.dirichlet(np.full(len(levels), 3.0)) for name, levels in LEVELS.items()},
        )
        for _ in range(clients)
    ]


def tally_of(people: list[Levels], outcomes: np.ndarray, outcome: str = OUTCOME) -> Tally:
    counts: dict[Levels, Count] = {}
    for levels, good in zip(people, outcomes, strict=True):
        counts[levels] = counts.get(levels, NOBODY) + Count(1, int(good))
    return Tally(outcome, counts)
