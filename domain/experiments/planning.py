"""How many units and days an experiment takes, from the rates that the organization has now; and what few units can show.

Fixed size: two proportions, Fleiss, Levin, Paik (Statistical Methods for Rates and Proportions, 2003, §4.2). Sequential
size: where the evidence of `rates` reaches 1/α at a split that is as unlucky as the power allows for; one who may look at
any time pays with more units, and mostly stops earlier.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from domain.errors import InvalidInput
from domain.experiments.rates import Prior, log_evidence

MOST_UNITS = 10_000_000
DEFAULT_HORIZON = 14.0
LEAST_DELAYS = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """Units an arm for a look at the end, and for looking at any time; days until they came and their outcomes are in."""

    base_rate: float
    least_lift: float
    per_arm_fixed: int
    per_arm: int | None
    """None: more than ten million."""
    days: float | None
    """None where no units come, or too many are needed."""


def plan(
    base_rate: float,
    least_lift: float,
    *,
    arms: int = 2,
    units_per_day: float = 0.0,
    horizon_days: float = DEFAULT_HORIZON,
    alpha: float = 0.05,
    power: float = 0.8,
) -> Plan:
    """`least_lift`: the smallest change worth finding, relative to the base rate (0.2: from 5 to 6 %)."""
    other = base_rate * (1 + least_lift)
    if not (0 < base_rate < 1 and 0 < other < 1 and least_lift != 0 and arms >= 2):
        raise InvalidInput(
            "a plan needs a base rate between 0 and 1, a lift that leaves it there, and two arms at least",
            hint="Ask for a smaller lift, or wait until a first success gives a base rate.",
        )
    level = alpha / (arms - 1)
    per_arm = sequential_size(base_rate, other, alpha=level, power=power)
    days = per_arm * arms / units_per_day + horizon_days if units_per_day > 0 and per_arm is not None else None
    return Plan(base_rate, least_lift, fixed_size(base_rate, other, alpha=level, power=power), per_arm, days)


def fixed_size(rate: float, other: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """Units an arm, for one look at the end."""
    middle = (rate + other) / 2
    by_chance = float(ndtri(1 - alpha / 2)) * math.sqrt(2 * middle * (1 - middle))
    by_effect = float(ndtri(power)) * math.sqrt(rate * (1 - rate) + other * (1 - other))
    return math.ceil(((by_chance + by_effect) / (rate - other)) ** 2)


def sequential_size(rate: float, other: float, *, alpha: float = 0.05, power: float = 0.8) -> int | None:
    """Units an arm after which the difference has been found with this probability, looking at any time; None above ten
    million."""
    prior, limit = Prior.for_lift(rate, other / rate - 1), math.log(1 / alpha)

    def is_enough(size: float) -> bool:
        spread = math.sqrt((rate * (1 - rate) + other * (1 - other)) / size)
        unlucky = math.copysign(max(abs(other - rate) - float(ndtri(power)) * spread, 0.0), other - rate)
        middle = (rate + other) / 2
        low, high = (np.clip(middle + sign * unlucky / 2, 0, 1) * size for sign in (-1, 1))
        return bool(log_evidence(low, size, high, size, prior) >= limit)

    most = fixed_size(rate, other, alpha=alpha, power=power)
    while not is_enough(most):
        most *= 2
        if most > MOST_UNITS:
            return None
    least = 1
    while most - least > max(1, most // 1000):
        middle = (least + most) // 2
        least, most = (least, middle) if is_enough(middle) else (middle, most)
    return most


def detectable_lift(base_rate: float, per_arm: int, *, alpha: float = 0.05, power: float = 0.8) -> float | None:
    """The smallest relative rise that so many units an arm would find, looking at any time; None where none would."""
    if not 0 < base_rate < 1 or per_arm < 1:
        return None

    def is_found(lift: float) -> bool:
        size = sequential_size(base_rate, base_rate * (1 + lift), alpha=alpha, power=power)
        return size is not None and size <= per_arm

    low, high = 0.0, (0.999 - base_rate) / base_rate
    if not is_found(high):
        return None
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if middle > 0 and is_found(middle) else (middle, high)
    return high


def design_effect(people_per_company: float, likeness: float) -> float:
    """By what factor more units are needed when people are counted but companies are dealt: 1 + (m - 1) ρ (Kish 1965)."""
    return 1 + max(people_per_company - 1, 0.0) * likeness


def horizon(delays: Sequence[float], *, share: float = 0.95, most: float = 60.0) -> float:
    """Days after which so large a share of outcomes has come, from delays of exposures that had time for all of them; 14
    below 20 delays. Exposures count only once they are this old."""
    known = [delay for delay in delays if delay >= 0]
    if len(known) < LEAST_DELAYS:
        return DEFAULT_HORIZON
    return float(min(max(math.ceil(np.quantile(known, share)), 1.0), most))
