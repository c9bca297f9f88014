"""What a lead or a customer costs and brings, with how sure that is when there are few of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

FEW = 10
"""Fewer than this, and a cost each is called small: its 95 % interval spans more than a factor of three."""


@dataclass(frozen=True, slots=True)
class CostEach:
    """Minor units each, and its 95 % interval; `high` is None where none at all cannot be excluded."""

    minor: float | None
    low: float | None = None
    high: float | None = None
    is_few: bool = False


@dataclass(frozen=True, slots=True)
class Payback:
    """The first month of age by whose end the money spent was back, or None; `share` is what is back by now."""

    months: int | None
    share: float | None


def cost_each(cost_minor: float | None, count: float) -> CostEach:
    """Cost divided by how many there were. The interval is that of a number of arrivals by chance (Poisson) in Byar's
    approximation: within a percent of the exact one from five arrivals on, and never far from it; it takes fractions of
    credit."""
    if not cost_minor or count < 0:
        return CostEach(None)
    fewest, most = count_interval(count)
    low, high = cost_minor / most, cost_minor / fewest if fewest > 0 else None
    return CostEach(cost_minor / count if count > 1e-9 else None, low, high, count < FEW)


def count_interval(count: float, z: float = 1.959964) -> tuple[float, float]:
    """Between which means a number of arrivals may lie, at 95 %."""
    fewest = count * (1 - 1 / (9 * count) - z / (3 * sqrt(count))) ** 3 if count > 0.5 else 0.0
    above = count + 1
    return max(0.0, fewest), above * (1 - 1 / (9 * above) + z / (3 * sqrt(above))) ** 3


def payback(cost_minor: float | None, revenue_by_age: Mapping[int, float]) -> Payback:
    """When what customers paid covered what was spent on winning them. `revenue_by_age`: months since they were won →
    what they paid then, all of them together."""
    if not cost_minor:
        return Payback(None, None)
    paid = 0.0
    for age in sorted(revenue_by_age):
        paid += revenue_by_age[age]
        if paid >= cost_minor:
            return Payback(age, sum(revenue_by_age.values()) / cost_minor)
    return Payback(None, paid / cost_minor)
