"""Whether leads still look like those a model learned from: population stability and base rate, with alarms. Pure.

PSI = Σ (now - then) · ln(now / then) over the parts of a distribution (Siddiqi 2006): below 0.1 steady, to 0.25 moved,
above that another population. Chance alone makes a PSI too, about (1/n + 1/m) · χ² of (parts - 1) degrees of freedom
(Yurdakul 2018), so an alarm is what exceeds the limit by more than chance would give in one of twenty cases.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum

MOVED_AT, ALARM_AT = 0.1, 0.25
LEAST_SHARE = 0.0005
"""An empty part would make the index infinite."""
RATE_RATIO, RATE_Z = 1.5, 3.0
"""A base rate alarms when it changed by half and by more than three standard errors."""


class DriftLevel(StrEnum):
    """How far a distribution has moved."""

    STEADY = "steady"
    MOVED = "moved"
    ALARM = "alarm"


def psi(then: Sequence[float], now: Sequence[float]) -> float:
    """Population stability index of two lists of counts or shares over the same parts; 0 where either is empty."""
    total_then, total_now = math.fsum(then), math.fsum(now)
    if not total_then or not total_now:
        return 0.0
    pairs = (
        (max(before / total_then, LEAST_SHARE), max(after / total_now, LEAST_SHARE))
        for before, after in zip(then, now, strict=True)
    )
    return math.fsum((after - before) * math.log(after / before) for before, after in pairs)


def by_chance(parts: int, then_count: int, now_count: int) -> float:
    """The PSI that two samples of one population exceed in one of twenty cases (Wilson-Hilferty's χ² quantile)."""
    freedom = max(parts - 1, 1)
    spread = 2 / (9 * freedom)
    quantile = freedom * (1 - spread + 1.645 * math.sqrt(spread)) ** 3
    return (1 / max(then_count, 1) + 1 / max(now_count, 1)) * quantile


def level_of(index: float, chance: float) -> DriftLevel:
    """The level of a PSI, given what chance alone would give."""
    if index >= ALARM_AT + chance:
        return DriftLevel.ALARM
    return DriftLevel.MOVED if index >= MOVED_AT + chance else DriftLevel.STEADY


def rate_level(then_good: int, then_count: int, now_good: int, now_count: int) -> DriftLevel:
    """How far the share of good outcomes has moved."""
    if not then_count or not now_count:
        return DriftLevel.STEADY
    before, after = then_good / then_count, now_good / now_count
    pooled = (then_good + now_good) / (then_count + now_count)
    error = math.sqrt(max(pooled * (1 - pooled), 1e-12) * (1 / then_count + 1 / now_count))
    if abs(after - before) < RATE_Z * error:
        return DriftLevel.STEADY
    ratio = max(after, 1e-9) / max(before, 1e-9)
    return DriftLevel.ALARM if not 1 / RATE_RATIO < ratio < RATE_RATIO else DriftLevel.MOVED
