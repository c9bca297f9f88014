"""Whether leads come to the outcome otherwise than they did, and since when: more or fewer of them, or for other reasons.

A reference, a scorecard of the other companies, says how likely each lead was. What came is held against it, company by
company (colleagues share their luck), over the newest 50 companies, the newest 71, 100 and so on: is there a place from
which on leads do better or worse than before, or what told them apart tells less? In how many places one looks, how rare
outcomes are and what the reference gets wrong makes no false alarms, for the same companies in an order drawn anew give the
measure: what moved further than in all but one of DRAWS such orders is called a change. Without a change that happens in one
look of 400, to the rate and to the pulls each, whatever the leads are (an exact permutation test).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.drift import BASE_RATE, PULL, DriftLevel, Part, change_level, pull_of
from models_ml.lead_scoring.calibration import probability
from models_ml.lead_scoring.evaluate import FOLDS, Outcome, Positions, has_both
from models_ml.lead_scoring.features import Feature, Matrix
from models_ml.lead_scoring.growth import SEED, Growth
from models_ml.lead_scoring.learners import Scorecard

DRAWS, FURTHER = 799, 2
"""Orders drawn anew, and how many of them may not go as far: the chance of a false alarm is FURTHER / (DRAWS + 1)."""
LEAST_COMPANIES = 50
"""In the shortest stretch looked at, and half of those before it."""
MOST_DATES = 400
"""Moments among which what is found is dated: where the leads before and since differ most."""
LEAST_OUTCOMES = 30
"""Of either kind among all leads; with fewer nothing could be told."""
MOST_PULLS = 8
"""Features whose pull is followed, the strongest: each more makes every one harder to tell from chance."""
LEAST_PULL = 1.25
"""A pull that is left between its inverse and this is not told: where the rate leaps, chances and their spread do too."""
MOST_SPREADS = 2.5
"""Standard deviations at which a feature's pull on one lead is cut: a single odd lead would outweigh a hundred."""


@dataclass(frozen=True, slots=True)
class Change:
    """One subject that is otherwise since the lead at position `since`: `ratio` is the rate, or the pull, since then as a part
    of what it was (below 0: turned round); `now` are the leads of the companies that came since."""

    subject: str
    label: str
    ratio: float
    since: int
    now: NDArray[np.bool_]
    parts: tuple[Part, ...]

    @property
    def level(self) -> DriftLevel:
        return change_level(self.ratio)


@dataclass(frozen=True, slots=True)
class Reference:
    """What leads of other companies make of each lead: its chance, and for each pull followed (all together first) how far it
    moves the lead from the average in log-odds."""

    chance: Matrix
    pulls: Matrix
    names: tuple[tuple[str, str], ...]
    """(subject, label) of each pull."""

    @classmethod
    def of(cls, features: Sequence[Feature], matrix: Matrix, outcome: Outcome, companies: Positions) -> Reference:
        draw = np.random.default_rng(SEED)
        fold = draw.integers(0, FOLDS, companies.max() + 1)[companies]
        raw, moved = np.empty(len(outcome)), np.empty((len(outcome), len(features)))
        for number in range(FOLDS):
            others, held = draw.permutation(np.flatnonzero(fold != number)), np.flatnonzero(fold == number)
            card = Scorecard.fit(features, matrix[others], outcome[others], Growth())
            raw[held], moved[held] = card.raw(matrix[held]), card.contributions(matrix[held])
        strongest = np.argsort(-moved.std(axis=0), kind="stable")[:MOST_PULLS]
        chance = probability(raw)
        pulls = np.column_stack([raw - raw.mean(), moved[:, strongest]])
        reach = MOST_SPREADS * pulls.std(axis=0)
        pulls = np.clip(pulls, -reach, reach)
        names = (
            (PULL, "What tells leads apart"),
            *((pull_of(features[at].name), features[at].label) for at in strongest),
        )
        return cls(chance, pulls, names)


def find_changes(
    features: Sequence[Feature], matrix: Matrix, outcome: Outcome, companies: Positions, newest_share: float
) -> list[Change]:
    """The subjects that changed among the newest `newest_share` of the companies, of leads in order of time."""
    companies = _numbered(companies)
    if not features or not has_both(outcome, LEAST_OUTCOMES) or companies.max() < 3 * LEAST_COMPANIES:
        return []
    reference = Reference.of(features, matrix, outcome, companies)
    return changes_against(reference, outcome, companies, newest_share)


def changes_against(reference: Reference, outcome: Outcome, companies: Positions, newest_share: float) -> list[Change]:
    """The same with a reference at hand; `companies` are numbered by their first lead, from 0 on."""
    weight = (reference.chance * (1 - reference.chance))[:, None]
    pulls = reference.pulls - (weight * reference.pulls).sum(axis=0) / weight.sum()
    surplus = (outcome - reference.chance)[:, None] * pulls
    columns = (outcome, reference.chance, weight, surplus, weight * pulls)
    sums = _by_company(np.column_stack(columns), companies)
    sizes = _sizes(int(newest_share * len(sums)))
    if not len(sizes):
        return []
    found = _distances(sums, sums[::-1][: sizes[-1]], sizes)
    furthest = np.abs(found).max(axis=0)
    by_chance = _furthest_by_chance(sums, sizes, furthest)
    ends = np.unique(np.linspace(LEAST_COMPANIES, sizes[-1], MOST_DATES).astype(np.int64))
    dated = np.abs(_distances(sums, sums[::-1][: sizes[-1]], ends))
    changes = []
    for at in np.flatnonzero(furthest > by_chance):
        now = companies >= len(sums) - int(ends[dated[:, at].argmax()])
        changes.append(
            _changed_pull(reference, outcome, now, int(at) - 1) if at else _changed_rate(reference, outcome, now)
        )
    return [one for one in changes if one.subject == BASE_RATE or not 1 / LEAST_PULL < one.ratio < LEAST_PULL]


def _numbered(companies: Positions) -> Positions:
    """Companies by number, in order of their first lead."""
    _, first, inverse = np.unique(companies, return_index=True, return_inverse=True)
    place = np.empty(len(first), dtype=np.int64)
    place[np.argsort(first, kind="stable")] = np.arange(len(first))
    return place[inverse]


def _by_company(columns: Matrix, companies: Positions) -> Matrix:
    return np.column_stack([np.bincount(companies, weights=column) for column in columns.T])


def _sizes(most: int) -> NDArray[np.int64]:
    """Companies in each stretch looked at, shortest first: each has about 1.4 times those of the one before."""
    steps = max(0, int(2 * np.log2(most / LEAST_COMPANIES)) + 1) if most >= LEAST_COMPANIES else 0
    return (most / 2 ** (np.arange(steps)[::-1] / 2)).astype(np.int64)


def _distances(sums: Matrix, newest: Matrix, sizes: NDArray[np.int64]) -> Matrix:
    """Stretches × subjects: how far each lies from all, in what is nearly standard deviations; the rate comes first.

    The rate goes by its likelihood ratio: of few outcomes, 36 where 80 were due are stronger evidence than 44 too many. A pull
    is looked at beside the rate of its stretch: where leads of all kinds do better, nothing tells them apart better.
    """
    starts = np.concatenate([[0], sizes[:-1]])
    inside = np.cumsum(np.add.reduceat(newest, starts), axis=0)
    share = (sizes / len(sums))[:, None]
    last = 3 + (sums.shape[1] - 3) // 2
    surplus = np.column_stack([sums[:, 0] - sums[:, 1], sums[:, 3:last]])
    spread = np.maximum(surplus.std(axis=0) * np.sqrt(len(sums) * share * (1 - share)), 1e-12)
    by_rate = (inside[:, :1] - inside[:, 1:2]) * inside[:, last:] / inside[:, 2:3]
    pulled = inside[:, 3:last] - by_rate - share * sums[:, 3:last].sum(axis=0)
    came, due = inside[:, 0], inside[:, 1] * sums[:, 0].sum() / sums[:, 1].sum()
    deviance = 2 * (came * np.log(np.maximum(came, 1e-12) / due) - (came - due))
    rated = np.sign(came - due) * np.sqrt(np.maximum(deviance, 0.0) * due)
    distances: Matrix = np.column_stack([rated, pulled]) / spread
    return distances


def _furthest_by_chance(sums: Matrix, sizes: NDArray[np.int64], furthest: Matrix) -> Matrix:
    """For each subject, how far any of its group (the rate; the pulls) goes in FURTHER of the orders drawn anew. It stops once
    nothing found goes further."""
    draw, most = np.random.default_rng(SEED), np.zeros((2, FURTHER))
    found = np.array([furthest[0], furthest[1:].max()])
    for _ in range(DRAWS):
        drawn = np.abs(_distances(sums, sums[draw.permutation(len(sums))[: sizes[-1]]], sizes)).max(axis=0)
        most = np.sort(np.column_stack([most, [drawn[0], drawn[1:].max()]]), axis=1)[:, 1:]
        if (most[:, 0] >= found).all():
            break
    return np.concatenate([most[:1, 0], np.full(len(furthest) - 1, most[1, 0])])


def _changed_rate(reference: Reference, outcome: Outcome, now: NDArray[np.bool_]) -> Change:
    came, due = ([float(one[where].sum()) for where in (~now, now)] for one in (outcome, reference.chance))
    before, after = float(outcome[~now].mean()), float(outcome[now].mean())
    ratio = (came[1] / due[1]) / max(came[0] / due[0], 1e-9)
    return Change(BASE_RATE, "Base rate", ratio, _first(now), now, (("good", before, after),))


def _changed_pull(reference: Reference, outcome: Outcome, now: NDArray[np.bool_], at: int) -> Change:
    pull, (subject, label) = reference.pulls[:, at], reference.names[at]
    before, after = (_slope(reference.chance[who], pull[who], outcome[who]) for who in (~now, now))
    favoured = pull > np.median(pull)
    parts = tuple(
        (name, float(outcome[who & ~now].mean()), float(outcome[who & now].mean()))
        for name, who in (("those it speaks for", favoured), ("the others", ~favoured))
    )
    return Change(subject, label, after / max(before, 0.1), _first(now), now, parts)


def _slope(chance: Matrix, pull: Matrix, outcome: Outcome) -> float:
    """How far these leads follow a pull, 1 as far as the reference says, at their own rate: one step of Newton's method."""
    raw = np.log(chance / (1 - chance))
    low, high = -20.0, 20.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if probability(raw + middle).sum() < outcome.sum() else (low, middle)
    shifted = probability(raw + high)
    weight = shifted * (1 - shifted)
    centred = pull - weight @ pull / weight.sum()
    return 1 + float((outcome - shifted) @ centred / (weight @ centred**2))


def _first(now: NDArray[np.bool_]) -> int:
    return int(now.argmax())
