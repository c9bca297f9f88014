"""Means compared at any time: money, ratios of clustered units, anything with a mean and a variance; and CUPED.

The confidence sequence is the normal mixture of Robbins (1970), as mSPRT in Johari, Koomen, Pekelis, Walsh (Operations
Research 2022) and, with an estimated variance, the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy,
Ramdas (2021). Being asymptotic, it is given from `LEAST` units an arm on. Ratios (answers per message of companies of many
people) are linearised by the delta method (Deng, Knoblich, Lu: Applying the delta method, KDD 2018).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from domain.errors import InvalidInput
from domain.experiments.rates import Difference

LEAST = 50
"""Units an arm below which a variance is no basis for an interval of means."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Units of an arm, their mean, and the variance of one unit."""

    total: int
    mean: float
    variance: float

    @classmethod
    def of(cls, values: ArrayLike) -> Moments:
        """Of one value a unit."""
        found = np.asarray(values, float)
        _require_finite(found)
        if len(found) < 2:
            return cls(len(found), float(found.mean()) if len(found) else 0.0, 0.0)
        return cls(len(found), float(found.mean()), float(found.var(ddof=1)))

    @classmethod
    def of_ratio(cls, numerators: ArrayLike, denominators: ArrayLike) -> Moments:
        """Of the ratio of two sums over units, by the delta method: units stay the companies, not their people."""
        above, below = np.asarray(numerators, float), np.asarray(denominators, float)
        _require_finite(above, below)
        if len(above) != len(below) or not below.sum() > 0:
            raise InvalidInput("a ratio needs as many numerators as denominators, and something to divide by")
        ratio = float(above.sum() / below.sum())
        linear = (above - ratio * below) / below.mean()
        return cls(len(above), ratio, float(linear.var(ddof=1)) if len(above) > 1 else 0.0)


def compare_means(control: Moments, variant: Moments, *, planned: int, alpha: float = 0.05) -> Difference:
    """Variant minus control in the unit of the means. `planned`: units of both arms together at which the interval is to
    be narrowest; another number of them costs width, never validity. Endless below `LEAST` units an arm."""
    if planned < 1 or not 0 < alpha < 1:
        raise InvalidInput("planned is at least one unit, and alpha lies between 0 and 1")
    estimate = variant.mean - control.mean
    spread = _per_unit(control) + _per_unit(variant)
    if min(control.total, variant.total) < LEAST or spread <= 0:
        return Difference(estimate, -math.inf, math.inf, 1.0)
    total = control.total + variant.total
    rho2 = (2 * math.log(1 / alpha) + math.log(2 * math.log(1 / alpha) + 1)) / planned
    grown = total * rho2
    half = math.sqrt(spread * (grown + 1) / grown * (2 * math.log(1 / alpha) + math.log(grown + 1)))
    log_e = grown / (grown + 1) * estimate**2 / spread / 2 - math.log(grown + 1) / 2
    return Difference(estimate, estimate - half, estimate + half, math.exp(-max(log_e, 0.0)))


def adjusted(outcomes: ArrayLike, before: ArrayLike, arms: ArrayLike) -> tuple[NDArray[np.float64], float]:
    """CUPED: outcomes less what the time before the experiment explains, and the share of variance that this took away.

    `before`: one or more columns measured before exposure, one row a unit; `arms`: the arm of each unit. The slopes are
    pooled over arms after taking each arm's own means away, so that an effect is not explained away; means move by the
    same centre in every arm (Deng, Xu, Kohavi, Walker: Improving the sensitivity of online controlled experiments by
    utilizing pre-experiment data, WSDM 2013).
    """
    values = np.asarray(outcomes, float)
    columns = np.asarray(before, float).reshape(len(values), -1)
    _require_finite(values, columns)
    _, places = np.unique(np.asarray(arms), return_inverse=True)
    counts = np.bincount(places)

    def within(column: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(column - (np.bincount(places, weights=column) / counts)[places])

    spread = np.column_stack([within(column) for column in columns.T])
    slopes, *_ = np.linalg.lstsq(spread, within(values), rcond=None)
    found = values - (columns - columns.mean(axis=0)) @ slopes
    old, new = float((within(values) ** 2).sum()), float((within(found) ** 2).sum())
    return np.asarray(found, np.float64), 1 - new / old if old > 0 else 0.0


def _per_unit(arm: Moments) -> float:
    return arm.variance / arm.total if arm.total else 0.0


def _require_finite(*arrays: NDArray[np.float64]) -> None:
    if not all(np.isfinite(each).all() for each in arrays):
        raise InvalidInput("an outcome is no number", hint="Leave out units whose outcome is not known yet.")
