"""From counts of several clients to what a client may expect before it has any of its own: rates, how far clients differ
from one another, and how much of what features say to believe.

Clients' rates are taken as draws of a beta distribution, each client's good outcomes as binomial given its rate. Mean m and
intraclass correlation ρ are found by moments with weights w_i = n_i / (1 + (n_i - 1) ρ), so that a large client does not
speak for all (Kleinman 1973, JASA 68, "Proportions with extraneous variance"):

    m = Σ w_i p_i / W                          S = Σ w_i (p_i - m)²
    ρ = (S / (m (1 - m)) - A) / (B - A)        A = Σ (w_i / n_i)(1 - w_i / W),  B = Σ w_i (1 - w_i / W)

and the prior is Beta(κ m, κ (1 - m)) with κ = 1/ρ - 1: worth κ people (empirical Bayes: Robbins 1956; Efron and Morris
1975). Three clients tell little about ρ, so TYPICAL counts beside it as if seen at two clients more.

What a feature's level says is a shift δ of the log-odds against each client's own rate p_i, which travels better than the
rate: the mode of its posterior, where Σ n_i expit(logit p_i + δ) + δ / USUAL² is the number of good outcomes (a normal prior, so
that a level with few people says little: Gelman and others 2008, Annals of Applied Statistics 2); clients' departures from it give
the level a ρ of its own, by the same moments with the expectations in place of m.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from domain.priors.disclosure import Pool
from domain.priors.features import EVERYBODY, FEATURES, Cell, Tally

Numbers = NDArray[np.float64]

TYPICAL = 0.02
"""Intraclass correlation of rates between clients: that of one client at 8 % where another is at 12 %."""
TYPICAL_CLIENTS = 2.0
LEAST_STRENGTH, MOST_STRENGTH = 4.0, 500.0
ROUNDS = 5
HALVINGS = 40
FARTHEST = 4.0
"""Log-odds that a level may shift: a factor of 55."""
USUAL = 0.7
"""Standard deviation of shifts, in log-odds: most levels halve or double the odds at most."""
WEIGHTS = tuple(round(tenth / 10, 1) for tenth in range(11))
"""How much of the features' shifts may be believed; they say the same thing twice, so seldom all of it."""
MOST_PARTS = 5
"""Parts in which clients are held out to choose the weight."""
STEP = 0.1
"""Log-odds are told in steps of this, a tenth of the odds: what one client adds drowns in it more often than not."""
STRENGTHS = (5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)


@dataclass(frozen=True, slots=True)
class Rate:
    """A mean, and how many people's worth it is."""

    mean: float
    strength: float


@dataclass(frozen=True, slots=True)
class Shift:
    """What a level says: log-odds against a client's own rate, and how many people's worth that is."""

    log_odds: float
    strength: float


@dataclass(frozen=True, slots=True)
class Learned:
    """Of several clients together."""

    base: Rate
    shifts: dict[Cell, Shift]


def learn(pool: Pool) -> Learned:
    """Rates and shifts of the cells of a pool, exact; `told` rounds them."""
    everybody = pool.cells.index(EVERYBODY)
    people, good = pool.people[:, everybody], pool.good[:, everybody]
    base = rate_of(people, good)
    own = (base.strength * base.mean + good) / (base.strength + people)
    cells = [place for place in range(len(pool.cells)) if place != everybody]
    shifts = shifts_of(pool.people[:, cells], pool.good[:, cells], own)
    return Learned(base, dict(zip((pool.cells[place] for place in cells), shifts, strict=True)))


def rate_of(people: Numbers, good: Numbers) -> Rate:
    """The beta distribution that clients' rates are draws of; one number a client, with or without people."""
    people, good = people[people > 0], good[people > 0]
    rates, weights, mean, correlation = good / people, people, 0.5, 0.0
    for _ in range(ROUNDS):
        whole = float(weights.sum())
        mean = float((weights * rates).sum() / whole)
        mean = min(max(mean, 0.5 / float(people.sum())), 1 - 0.5 / float(people.sum()))
        left = 1 - weights / whole
        spread = float((weights * (rates - mean) ** 2).sum())
        by_chance, between = float((weights / people * left).sum()), float((weights * left).sum())
        found = (spread / (mean * (1 - mean)) - by_chance) / (between - by_chance) if between > by_chance else TYPICAL
        correlation = _steadied(found, len(people))
        weights = people / (1 + (people - 1) * correlation)
    return Rate(mean, strength_at(correlation))


def shifts_of(people: Numbers, good: Numbers, rates: Numbers) -> list[Shift]:
    """Of each column of clients × levels; `rates` are the clients' own."""
    odds = logit(rates)[:, None]
    low, high = np.full(people.shape[1], -FARTHEST), np.full(people.shape[1], FARTHEST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        is_low = (people * expit(odds + middle)).sum(axis=0) + middle / USUAL**2 < good.sum(axis=0)
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
    shift = (low + high) / 2
    return [
        Shift(float(shift[place]), _strength(people[:, place], good[:, place], expit(odds[:, 0] + shift[place])))
        for place in range(people.shape[1])
    ]


def _strength(people: Numbers, good: Numbers, expected: Numbers) -> float:
    """How many people's worth a level's shift is, by how far clients depart from it."""
    there = people > 0
    people, good, expected = people[there], good[there], expected[there]
    count = len(people)
    pairs = float((people * (people - 1)).sum())
    found = TYPICAL
    if count > 1 and pairs:
        departed = float(((good - people * expected) ** 2 / (expected * (1 - expected))).sum()) * count / (count - 1)
        found = (departed - float(people.sum())) / pairs
    return strength_at(_steadied(found, count))


def _steadied(correlation: float, clients: int) -> float:
    """With TYPICAL beside it: what a handful of clients say of how they differ is mostly chance."""
    seen = max(clients - 1, 0)
    return (seen * min(max(correlation, 0.0), 0.9) + TYPICAL_CLIENTS * TYPICAL) / (seen + TYPICAL_CLIENTS)


def strength_at(correlation: float) -> float:
    return min(max(1 / correlation - 1, LEAST_STRENGTH), MOST_STRENGTH)


def choose_weight(others: Sequence[Tally], narrowed: Callable[[Sequence[Tally]], Pool | None]) -> float:
    """How much of the features' shifts to believe: what predicts clients best that are held out, all of a part at a time.

    `narrowed` makes a pool of the clients that are left. Each client counts the same, however many people it has.
    """
    parts = min(MOST_PARTS, len(others))
    losses = np.zeros(len(WEIGHTS))
    for part in range(parts):
        held = [tally for place, tally in enumerate(others) if place % parts == part]
        found = narrowed([tally for place, tally in enumerate(others) if place % parts != part])
        if found is not None:
            learned = learn(found)
            losses += np.sum([_losses(tally, learned) for tally in held], axis=0)
    return WEIGHTS[int(np.argmin(losses))]


def _losses(tally: Tally, learned: Learned) -> Numbers:
    """Mean log-loss a person at each of WEIGHTS."""
    counts = list(tally.by_levels.values())
    people = np.array([count.people for count in counts], dtype=np.float64)
    good = np.array([count.good for count in counts], dtype=np.float64)
    shifts = np.array([_shift(learned, levels) for levels in tally.by_levels])
    chance = expit(logit(learned.base.mean) + np.outer(WEIGHTS, shifts))
    loss = -(good * np.log(chance) + (people - good) * np.log1p(-chance))
    return np.asarray(loss.sum(axis=1) / people.sum())


def _shift(learned: Learned, levels: Sequence[str]) -> float:
    """The sum of what the levels say."""
    return math.fsum(
        learned.shifts[cell].log_odds for cell in zip(FEATURES, levels, strict=True) if cell in learned.shifts
    )


def told(learned: Learned) -> Learned:
    """The same in the steps in which it leaves the computation."""
    return Learned(
        Rate(float(expit(stepped(float(logit(learned.base.mean))))), _told_strength(learned.base.strength)),
        {
            cell: Shift(stepped(shift.log_odds), _told_strength(shift.strength))
            for cell, shift in learned.shifts.items()
        },
    )


def stepped(log_odds: float) -> float:
    return round(round(log_odds / STEP) * STEP, 10)


def _told_strength(strength: float) -> float:
    """The largest of STRENGTHS that is not above it: never surer than it is."""
    return max((one for one in STRENGTHS if one <= strength), default=STRENGTHS[0])


def told_people(people: int) -> int:
    """Rounded down to two figures: 1,287 people are told as 1,200."""
    size: int = 10 ** max(len(str(people)) - 2, 1)
    return people // size * size
