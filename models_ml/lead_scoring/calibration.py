"""From log-odds to probabilities that mean what they say, learned on leads newer than the model has seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from models_ml.lead_scoring.features import Matrix

ENOUGH_FOR_BETA, ENOUGH_FOR_STEPS = 100, 200
"""Outcomes of either kind below which the three numbers of a beta map, or the many of isotonic regression, follow noise;
the two of Platt's method serve from 5 on."""
LEAST_STEP, MOST_STEPS = 30, 25
"""Leads in a step of isotonic regression, and steps in all."""
REACH = np.linspace(-12.0, 12.0, 97)
"""Log-odds between which a beta map is kept as straight pieces."""


@dataclass(frozen=True, slots=True)
class Calibrator:
    """A never-falling map of log-odds to probability: straight between knots in log-odds, so that ranks are kept."""

    method: str
    """`platt`, `beta`, `isotonic` or `none`."""
    raw: tuple[float, ...]
    log_odds: tuple[float, ...]

    def apply(self, raw: Matrix) -> Matrix:
        """Calibrated log-odds; beyond the outer knots the slope goes on (Platt) or the level stays."""
        if self.method in {"isotonic", "beta"}:
            return np.interp(raw, self.raw, self.log_odds)
        slope = (self.log_odds[1] - self.log_odds[0]) / (self.raw[1] - self.raw[0])
        return self.log_odds[0] + slope * (raw - self.raw[0])

    def as_dict(self) -> dict[str, Any]:
        return {"method": self.method, "raw": list(self.raw), "log_odds": list(self.log_odds)}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        return cls(stored["method"], tuple(stored["raw"]), tuple(stored["log_odds"]))


UNCALIBRATED = Calibrator("none", (0.0, 1.0), (0.0, 1.0))


def calibrate(raw: Matrix, outcome: NDArray[np.bool_]) -> Calibrator:
    """The best by log-loss across two halves of the window, among the methods that so many outcomes allow."""
    if outcome.sum() < 5 or (~outcome).sum() < 5:
        return UNCALIBRATED
    rarer = min(outcome.sum(), (~outcome).sum())
    methods = [_platt]
    methods += [_beta] if rarer >= ENOUGH_FOR_BETA else []
    methods += [_isotonic] if rarer >= ENOUGH_FOR_STEPS else []
    if len(methods) == 1:
        return _platt(raw, outcome)
    halves = [np.arange(len(raw)) % 2 == half for half in (0, 1)]
    losses = [
        sum(_log_loss(method(raw[fitted], outcome[fitted]).apply(raw[~fitted]), outcome[~fitted]) for fitted in halves)
        for method in methods
    ]
    return methods[int(np.argmin(losses))](raw, outcome)


def calibrated_unseen(raw: Matrix, outcome: NDArray[np.bool_]) -> Matrix:
    """Probabilities of a window's leads, each from a calibrator that saw only the other half: what calibration is worth
    on leads it has not seen."""
    promised = np.empty(len(raw))
    for half in (0, 1):
        fitted = np.arange(len(raw)) % 2 == half
        promised[~fitted] = probability(calibrate(raw[fitted], outcome[fitted]).apply(raw[~fitted]))
    return promised


def probability(log_odds: Matrix) -> Matrix:
    return 1.0 / (1.0 + np.exp(-np.clip(log_odds, -40, 40)))


def _platt(raw: Matrix, outcome: NDArray[np.bool_]) -> Calibrator:
    """A slope and a shift; a slope that would turn the ranking over is replaced by 1."""
    fitted = LogisticRegression(C=1e6, max_iter=500).fit(raw.reshape(-1, 1), outcome)
    slope, shift = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
    if slope <= 0:
        rate = (outcome.sum() + 1) / (len(outcome) + 2)
        slope, shift = 1.0, float(np.log(rate / (1 - rate)) - raw.mean())
    return Calibrator("platt", (0.0, 1.0), (shift, shift + slope))


def _beta(raw: Matrix, outcome: NDArray[np.bool_]) -> Calibrator:
    """Beta calibration (Kull, Silva Filho and Flach 2017): a · ln p - b · ln(1 - p) + c; Platt's where it would fall."""
    inside = np.clip(raw, REACH[0], REACH[-1])
    # ln p and -ln(1 - p) of log-odds x are -softplus(-x) and softplus(x).
    sides = np.column_stack([-np.logaddexp(0, -inside), np.logaddexp(0, inside)])
    fitted = LogisticRegression(C=1e6, max_iter=500).fit(sides, outcome)
    left, right = fitted.coef_[0]
    if left <= 0 or right <= 0:
        return _platt(raw, outcome)
    levels = fitted.intercept_[0] - left * np.logaddexp(0, -REACH) + right * np.logaddexp(0, REACH)
    return Calibrator("beta", tuple(map(float, REACH)), tuple(map(float, levels)))


def _isotonic(raw: Matrix, outcome: NDArray[np.bool_]) -> Calibrator:
    """Steps made into a line through the middle of each step, so that leads within one keep their order.

    Steps of few leads are joined with the next: at the ends they promise what chance gave a handful.
    """
    order = np.argsort(raw, kind="stable")
    fitted = IsotonicRegression(out_of_bounds="clip").fit(raw, outcome).predict(raw)[order]
    starts = np.flatnonzero(np.diff(fitted, prepend=-1.0) > 0)
    least = max(LEAST_STEP, len(raw) // MOST_STEPS)
    kept = [0]
    for start in starts[1:]:
        if start - kept[-1] >= least:
            kept.append(int(start))
    if len(kept) > 1 and len(raw) - kept[-1] < least:
        kept.pop()
    sizes = np.diff([*kept, len(raw)])
    middles = np.add.reduceat(raw[order], kept) / sizes
    rates = (np.add.reduceat(outcome[order].astype(np.float64), kept) + 0.5) / (sizes + 1)
    levels = np.maximum.accumulate(np.log(rates / (1 - rates)))
    return Calibrator("isotonic", tuple(map(float, middles)), tuple(map(float, levels)))


def _log_loss(log_odds: Matrix, outcome: NDArray[np.bool_]) -> float:
    return float(np.mean(np.logaddexp(0, np.where(outcome, -log_odds, log_odds))))
