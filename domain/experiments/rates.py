"""Two shares compared at any time, exactly, however few there are: one may look after every unit and stop at will.

For each arm the Beta-binomial mixture M(p) = B(a+s, b+f) / B(a, b) / (p^s (1-p)^f) is a martingale of mean one under the
arm's true p (the method of mixtures: Robbins 1970). Two arms are independent, so M_A(p) M_B(p + d) is one too, and by
Ville's inequality exceeds 1/α ever with probability α at most. Its least value over p is the evidence against a difference
d (universal inference: Wasserman, Ramdas, Balakrishnan, PNAS 2020); those d whose evidence stays below 1/α are a confidence
sequence. Nothing here is a large-sample approximation: five answers of a hundred are as valid as five thousand. Validity
holds for every prior that was chosen before the data; a fitting one decides sooner.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, xlog1py, xlogy

from domain.errors import InvalidInput

HALVINGS = 50
WORTH = (2.0, 25.0)
"""Successes that a prior is worth, at least and at most: a stronger one is dear where it was wrong."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Beta(a, b): what a rate was thought to be before the experiment."""

    a: float = 0.5
    b: float = 0.5

    @classmethod
    def around(cls, rate: float, worth: float = 4.0) -> Prior:
        """Round a rate known from before, worth as much as `worth` successes."""
        rate = min(max(rate, 1e-4), 1 - 1e-4)
        return cls(worth, worth * (1 - rate) / rate)

    @classmethod
    def for_lift(cls, rate: float, lift: float) -> Prior:
        """Round a rate, about as wide as a relative change of `lift`: such a change is then found soonest."""
        return cls.around(rate, min(max(1 / lift**2, WORTH[0]), WORTH[1]) if lift else WORTH[1])


KNOWING_NOTHING = Prior()


@dataclass(frozen=True, slots=True)
class Tally:
    """Units of one arm whose outcome is known, and how many of them had it."""

    total: int
    successes: int

    def __post_init__(self) -> None:
        if not 0 <= self.successes <= self.total:
            raise InvalidInput(f"{self.successes} successes of {self.total} cannot be")

    @property
    def rate(self) -> float:
        return self.successes / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Difference:
    """Variant minus control, as shares of 1. `low` and `high` hold at every look together; so does `p_value`."""

    estimate: float
    low: float
    high: float
    p_value: float


def log_evidence(
    successes_a: ArrayLike, total_a: ArrayLike, successes_b: ArrayLike, total_b: ArrayLike, prior: Prior
) -> NDArray[np.float64]:
    """Log of the evidence that two rates differ; arrays of looks give one number a look."""
    won_a, won_b = np.asarray(successes_a, float), np.asarray(successes_b, float)
    lost_a, lost_b = np.asarray(total_a, float) - won_a, np.asarray(total_b, float) - won_b
    mixed = _log_mixture([(won_a, lost_a), (won_b, lost_b)], prior)
    won, total = won_a + won_b, won_a + won_b + lost_a + lost_b
    common = np.divide(won, total, out=np.zeros_like(total + 0.0), where=total > 0)
    return np.asarray(mixed - xlogy(won, common) - xlog1py(total - won, -common), np.float64)


def compare(control: Tally, variant: Tally, prior: Prior, *, alpha: float = 0.05) -> Difference:
    """The difference of two rates with its confidence sequence at level 1 - alpha."""
    if not 0 < alpha < 1:
        raise InvalidInput("alpha lies between 0 and 1")
    estimate = variant.rate - control.rate if control.total and variant.total else 0.0
    limit = math.log(1 / alpha)
    mixed = _log_mixture_of(control, variant, prior=prior)

    def is_kept(difference: float) -> bool:
        return mixed - _best_likelihood(control, variant, difference) < limit

    low = _edge(is_kept, estimate, -1.0)
    high = _edge(is_kept, estimate, 1.0)
    log_e = float(log_evidence(control.successes, control.total, variant.successes, variant.total, prior))
    return Difference(estimate, low, high, math.exp(-max(log_e, 0.0)))


def rate_interval(arm: Tally, prior: Prior, *, alpha: float = 0.05) -> tuple[float, float]:
    """The confidence sequence of one rate."""
    limit = math.log(1 / alpha)
    mixed = _log_mixture_of(arm, prior=prior)

    def is_kept(rate: float) -> bool:
        return mixed - _log_likelihood(arm, rate) < limit

    return _edge(is_kept, arm.rate, 0.0), _edge(is_kept, arm.rate, 1.0)


def _log_mixture(arms: Sequence[tuple[NDArray[Any], NDArray[Any]]], prior: Prior) -> NDArray[np.float64]:
    """Of what each arm won and lost. Half of the weight is on a prior that knows nothing, so that a belief that was wrong
    costs little; the mean of two martingales is one."""
    logs = [
        np.asarray(sum(betaln(each.a + won, each.b + lost) - betaln(each.a, each.b) for won, lost in arms))
        for each in (prior, KNOWING_NOTHING)
    ]
    return np.asarray(np.logaddexp(*logs) - math.log(2))


def _log_mixture_of(*arms: Tally, prior: Prior) -> float:
    parts = [(np.asarray(arm.successes), np.asarray(arm.total - arm.successes)) for arm in arms]
    return float(_log_mixture(parts, prior))


def _log_likelihood(arm: Tally, rate: float) -> float:
    lost = arm.total - arm.successes
    if (arm.successes and rate <= 0) or (lost and rate >= 1):
        return -math.inf
    return (arm.successes * math.log(rate) if arm.successes else 0.0) + (lost * math.log1p(-rate) if lost else 0.0)


def _best_likelihood(control: Tally, variant: Tally, difference: float) -> float:
    """The greatest likelihood of both arms with rates that far apart; it is concave in the rate, so its slope is halved
    in on."""
    low, high = max(0.0, -difference), min(1.0, 1.0 - difference)

    def slope(rate: float) -> float:
        found = 0.0
        for arm, at in ((control, rate), (variant, rate + difference)):
            at = min(max(at, 1e-300), 1 - 1e-16)  # noqa: PLW2901  the ends of the range
            found += arm.successes / at - (arm.total - arm.successes) / (1 - at)
        return found

    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    best = (low + high) / 2
    return _log_likelihood(control, best) + _log_likelihood(variant, min(max(best + difference, 0.0), 1.0))


def _edge(is_kept: Callable[[float], bool], inside: float, outside: float) -> float:
    """Where a convex set that holds `inside` ends on the way to `outside`; never short of its true end."""
    if is_kept(outside):
        return outside
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if is_kept(middle) else (inside, middle)
    return outside
