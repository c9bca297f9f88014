"""How good a ranking and its probabilities are, on leads it has not seen; and how to hold leads back for that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from models_ml.lead_scoring.features import Matrix

Outcome = NDArray[np.bool_]
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of one model on one set of leads. Probabilities are judged by `brier` and `ece`, ranking by the rest."""

    lead_count: int
    outcome_count: int
    auc: float
    """Chance that a lead who converted ranks above one who did not; 0.5 is a coin."""
    pr_auc: float
    """Average precision; a coin's is the base rate."""
    lift_top_decile: float
    """Conversion among the best tenth, as a multiple of the base rate."""
    alift: float
    """Area under the cumulative gain curve (ALIFT of Moro et al. 2014); 0.5 is a coin."""
    best_half_share: float
    """Share of all conversions found in the best half."""
    brier: float | None
    ece: float | None
    """Expected calibration error over tenths of the leads; None where there is no probability."""

    @property
    def base_rate(self) -> float:
        return self.outcome_count / self.lead_count if self.lead_count else 0.0

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "base_rate": self.base_rate}

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Self:
        return cls(**{one.name: stored[one.name] for one in fields(cls)})


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """A tenth of the leads by predicted probability: what was promised and what came."""

    lead_count: int
    predicted_rate: float
    observed_rate: float


def measure(outcome: Outcome, ranking: Matrix, probability: Matrix | None) -> Metrics:
    """All figures; `ranking` may be any number that rises with the chance. Both outcomes must occur."""
    gain = gain_curve(outcome, ranking)
    decile = max(1, round(0.1 * len(outcome)))
    return Metrics(
        lead_count=len(outcome),
        outcome_count=int(outcome.sum()),
        auc=float(roc_auc_score(outcome, ranking)),
        pr_auc=float(average_precision_score(outcome, ranking)),
        lift_top_decile=float(gain[decile] / (decile / len(outcome))),
        alift=float(np.trapezoid(gain, dx=1 / len(outcome))),
        best_half_share=float(gain[round(0.5 * len(outcome))]),
        brier=None if probability is None else float(np.mean((probability - outcome) ** 2)),
        ece=None if probability is None else calibration_error(calibration_table(outcome, probability)),
    )


def gain_curve(outcome: Outcome, ranking: Matrix) -> Matrix:
    """Share of conversions found after 0, 1, 2 … leads, best first; tied leads share what lies among them."""
    order = np.argsort(-ranking, kind="stable")
    found = outcome[order].astype(np.float64)
    _, starts, sizes = np.unique(-ranking[order], return_index=True, return_counts=True)
    averaged = np.repeat(np.add.reduceat(found, starts) / sizes, sizes)
    return np.concatenate([[0.0], np.cumsum(averaged)]) / max(1, int(outcome.sum()))


def calibration_table(outcome: Outcome, probability: Matrix, bins: int = 10) -> list[CalibrationBin]:
    """Tenths of the leads by predicted probability, lowest first."""
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return [CalibrationBin(len(part), float(probability[part].mean()), float(outcome[part].mean())) for part in parts]


def calibration_error(table: Sequence[CalibrationBin]) -> float:
    """Mean distance between promise and outcome, weighed by leads."""
    total = sum(one.lead_count for one in table)
    return sum(one.lead_count * abs(one.predicted_rate - one.observed_rate) for one in table) / max(1, total)


@dataclass(frozen=True, slots=True)
class Windows:
    """Positions of leads, oldest first: to fit on, to calibrate on, and the newest to judge by."""

    fit: NDArray[np.int64]
    calibrate: NDArray[np.int64]
    test: NDArray[np.int64]


FIT_SHARE, TEST_SHARE = 0.6, 0.2


def windows(outcome: Outcome, *, is_ordered: bool, seed: int) -> Windows:
    """The oldest three fifths, the next fifth, the newest fifth; without an order, a seeded draw of the same sizes."""
    count = len(outcome)
    positions = np.arange(count) if is_ordered else _stratified_order(outcome, seed)
    first, second = int(FIT_SHARE * count), int((1 - TEST_SHARE) * count)
    parts = (positions[:first], positions[first:second], positions[second:])
    return Windows(*(np.sort(part) for part in parts))


def has_both(outcome: Outcome, least: int) -> bool:
    """Whether at least so many leads of either outcome are there."""
    return min(int(outcome.sum()), int((~outcome).sum())) >= least


def cross_validated(outcome: Outcome, seed: int, fit_and_rank: Callable[[Matrix, Matrix], Matrix]) -> Metrics:
    """Mean figures over stratified folds; `fit_and_rank(train, test)` answers the log-odds of the test positions.

    Time is ignored here: it flatters where behaviour drifts, and is shown because published figures are made so.
    """
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(np.zeros(len(outcome)), outcome)
    found = [_fold(outcome, train, test, fit_and_rank) for train, test in folds]
    means = {
        one.name: float(np.mean([getattr(metrics, one.name) for metrics in found]))
        for one in fields(Metrics)
        if one.name not in {"lead_count", "outcome_count"}
    }
    return Metrics(lead_count=len(outcome), outcome_count=int(outcome.sum()), **means)


def _fold(outcome: Outcome, train: Matrix, test: Matrix, fit_and_rank: Callable[[Matrix, Matrix], Matrix]) -> Metrics:
    raw = fit_and_rank(train, test)
    return measure(outcome[test], raw, 1 / (1 + np.exp(-raw)))


def _stratified_order(outcome: Outcome, seed: int) -> NDArray[np.int64]:
    """A shuffled order in which every stretch holds both outcomes in proportion."""
    chance = np.random.default_rng(seed)
    place = np.empty(len(outcome))
    for kind in (True, False):
        members = chance.permutation(np.flatnonzero(outcome == kind))
        place[members] = (np.arange(len(members)) + chance.random(len(members))) / max(1, len(members))
    return np.argsort(place, kind="stable")
