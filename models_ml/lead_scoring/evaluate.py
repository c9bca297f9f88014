"""How good a ranking and its probabilities are, on leads it has not seen; and how to hold leads back for that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold

from domain.leakage import wilson
from domain.promotion import CALIBRATED_WITHIN
from models_ml.lead_scoring.features import Matrix

Outcome = NDArray[np.bool_]
Positions = NDArray[np.int64]
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
    auc_error: float = 0.0
    """Standard error of the AUC."""

    @property
    def base_rate(self) -> float:
        return self.outcome_count / self.lead_count if self.lead_count else 0.0

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "base_rate": self.base_rate}

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Self:
        return cls(**{one.name: stored[one.name] for one in fields(cls) if one.name in stored})


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """A tenth of the leads by predicted probability: what was promised and what came."""

    lead_count: int
    predicted_rate: float
    observed_rate: float
    low: float = 0.0
    high: float = 1.0
    """Wilson's interval of the observed rate."""


@dataclass(frozen=True, slots=True)
class CalibrationCheck:
    """Expected calibration error on leads a calibrator has not seen, with its 90 % bootstrap interval; and what two others
    exceed in one of twenty cases on so many leads: a perfectly calibrated model (`by_chance`), and one that is off by
    CALIBRATED_WITHIN in every tenth (`allowed`)."""

    error: float
    low: float
    high: float
    by_chance: float
    allowed: float


def measure(outcome: Outcome, ranking: Matrix, probability: Matrix | None) -> Metrics:
    """All figures; `ranking` may be any number that rises with the chance. Both outcomes must occur."""
    gain = gain_curve(outcome, ranking)
    decile = max(1, round(0.1 * len(outcome)))
    return Metrics(
        lead_count=len(outcome),
        outcome_count=int(outcome.sum()),
        auc=(auc := area(outcome, ranking)),
        pr_auc=float(average_precision_score(outcome, ranking)),
        lift_top_decile=float(gain[decile] / (decile / len(outcome))),
        alift=float(np.trapezoid(gain, dx=1 / len(outcome))),
        best_half_share=float(gain[round(0.5 * len(outcome))]),
        brier=None if probability is None else float(np.mean((probability - outcome) ** 2)),
        ece=None if probability is None else calibration_error(calibration_table(outcome, probability)),
        auc_error=area_error(auc, int(outcome.sum()), int((~outcome).sum())),
    )


def area(outcome: Outcome, ranking: Matrix) -> float:
    """AUC by ranks: the chance that a good lead ranks above one that is not, ties counted half. Both must occur."""
    ranks = rankdata(ranking)
    good = int(outcome.sum())
    return float((ranks[outcome].sum() - good * (good + 1) / 2) / (good * (len(outcome) - good)))


def area_error(auc: float, good: int, bad: int) -> float:
    """Standard error of an AUC (Hanley and McNeil 1982)."""
    one, two = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    spread = auc * (1 - auc) + (good - 1) * (one - auc * auc) + (bad - 1) * (two - auc * auc)
    return float(np.sqrt(max(spread, 0.0) / max(good * bad, 1)))


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
    rates = [(part, float(probability[part].mean()), float(outcome[part].mean())) for part in parts]
    return [CalibrationBin(len(part), said, came, *wilson(came, len(part))) for part, said, came in rates]


def calibration_error(table: Sequence[CalibrationBin]) -> float:
    """Mean distance between promise and outcome, weighed by leads."""
    total = sum(one.lead_count for one in table)
    return sum(one.lead_count * abs(one.predicted_rate - one.observed_rate) for one in table) / max(1, total)


def check_calibration(outcome: Outcome, probability: Matrix, seed: int, draws: int = 200) -> CalibrationCheck:
    """How far promises are off, and how far chance alone would put them off; the tenths stay as they are."""
    order = np.argsort(probability, kind="stable")
    tenth = np.empty(len(order), np.int64)
    tenth[order] = np.arange(len(order)) * 10 // max(len(order), 1)
    chance = np.random.default_rng(seed)

    def error(good: Matrix, promised: Matrix, tenths: NDArray[np.int64]) -> float:
        apart = np.bincount(tenths, weights=promised, minlength=10) - np.bincount(tenths, weights=good, minlength=10)
        return float(np.abs(apart).sum() / len(good))

    found = error(outcome.astype(float), probability, tenth)
    off = probability + np.where(probability < 0.5, CALIBRATED_WITHIN, -CALIBRATED_WITHIN)
    again, perfect, tolerable = [], [], []
    for _ in range(draws):
        drawn, luck = chance.integers(0, len(outcome), len(outcome)), chance.random(len(outcome))
        again.append(error(outcome[drawn].astype(float), probability[drawn], tenth[drawn]))
        perfect.append(error((luck < probability).astype(float), probability, tenth))
        tolerable.append(error((luck < off).astype(float), probability, tenth))
    low, high = np.quantile(again, [0.05, 0.95])
    return CalibrationCheck(
        found, float(low), float(high), float(np.quantile(perfect, 0.95)), float(np.quantile(tolerable, 0.95))
    )


def area_difference(outcome: Outcome, one: Matrix, other: Matrix) -> tuple[float, float]:
    """AUC of `one` less that of `other` on the same leads, and its standard error (DeLong et al. 1988)."""
    good, bad = _placements(outcome, one)
    good_other, bad_other = _placements(outcome, other)
    spread = np.var(good - good_other, ddof=1) / len(good) + np.var(bad - bad_other, ddof=1) / len(bad)
    return float(good.mean() - good_other.mean()), float(np.sqrt(spread))


def _placements(outcome: Outcome, ranking: Matrix) -> tuple[Matrix, Matrix]:
    """For each good lead the share of bad ones it ranks above, for each bad one the share of good ones above it."""
    ranks = rankdata(ranking)
    good = (ranks[outcome] - rankdata(ranking[outcome])) / max(int((~outcome).sum()), 1)
    bad = 1 - (ranks[~outcome] - rankdata(ranking[~outcome])) / max(int(outcome.sum()), 1)
    return good, bad


@dataclass(frozen=True, slots=True)
class Windows:
    """Positions of leads, oldest first: to fit on, to calibrate on, and the newest to judge by."""

    fit: NDArray[np.int64]
    calibrate: NDArray[np.int64]
    test: NDArray[np.int64]

    @property
    def before(self) -> Positions:
        """All but the newest."""
        return np.sort(np.concatenate([self.fit, self.calibrate]))


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


def out_of_fold(outcome: Outcome, seed: int, fit_and_rank: Callable[[Positions, Positions], Matrix]) -> Matrix:
    """Log-odds of every lead by a model fitted on the other folds; `fit_and_rank(train, test)` answers those of `test`.

    Time is ignored here: it flatters where behaviour drifts, and is shown because published figures are made so.
    """
    raw = np.empty(len(outcome))
    for train, test in _folds(outcome, seed):
        raw[test] = fit_and_rank(train, test)
    return raw


def over_folds(outcome: Outcome, seed: int, raw: Matrix) -> Metrics:
    """Mean figures over the folds of `out_of_fold`."""
    found = [measure(outcome[test], raw[test], 1 / (1 + np.exp(-raw[test]))) for _, test in _folds(outcome, seed)]
    means = {
        one.name: float(np.mean([getattr(metrics, one.name) for metrics in found]))
        for one in fields(Metrics)
        if one.name not in {"lead_count", "outcome_count", "auc_error"}
    }
    error = float(np.std([metrics.auc for metrics in found], ddof=1) / np.sqrt(FOLDS))
    return Metrics(lead_count=len(outcome), outcome_count=int(outcome.sum()), auc_error=error, **means)


def _folds(outcome: Outcome, seed: int) -> list[tuple[Positions, Positions]]:
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(outcome)), outcome))


def _stratified_order(outcome: Outcome, seed: int) -> NDArray[np.int64]:
    """A shuffled order in which every stretch holds both outcomes in proportion."""
    chance = np.random.default_rng(seed)
    place = np.empty(len(outcome))
    for kind in (True, False):
        members = chance.permutation(np.flatnonzero(outcome == kind))
        place[members] = (np.arange(len(members)) + chance.random(len(members))) / max(1, len(members))
    return np.argsort(place, kind="stable")
