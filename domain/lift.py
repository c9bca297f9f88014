"""What a kind of signal is worth: how much more often companies that had it reached an outcome than companies alike without."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

LEAST_REACHED = 5
"""Outcomes on each side below which nothing is said: the logarithm of a ratio of fewer is far from normal."""
LEAST_COMPANIES = 10
SURE = 1.959964
"""Standard errors of a 95 % interval."""


class Verdict(StrEnum):
    MORE = "more"
    LESS = "less"
    NO_DIFFERENCE_SEEN = "no_difference_seen"
    CANNOT_KNOW_YET = "cannot_know_yet"


@dataclass(frozen=True, slots=True)
class Counted:
    """What companies gave to a comparison, `companies` of them the same: moments with the signal and how many of those
    reached the outcome; moments of others at which they were compared with, each counted as one over how many it shared
    the moment with, and how many of those reached it, so weighed (`expected`) and as they are (`other_reached`)."""

    with_signal: int
    reached: int
    without: float
    expected: float
    other_reached: int
    companies: int = 1


@dataclass(frozen=True, slots=True)
class Lift:
    """`ratio` with its 95 % interval is how many times as often the outcome came; None where it cannot be known yet."""

    with_signal: int
    reached: int
    rate: float | None
    other_rate: float | None
    ratio: float | None
    low: float | None
    high: float | None
    verdict: Verdict


def lift(counted: Iterable[Counted]) -> Lift:
    """The ratio of two shares, with the interval of its logarithm (Katz et al., Biometrika 65, 1978). A company stands at
    several moments, so the variance is summed by company (Liang and Zeger, Biometrika 73, 1986); where each stands at one
    and others are not weighed, it is Katz's own: 1/a − 1/n + 1/b − 1/m."""
    rows = list(counted)
    moments = sum(row.with_signal * row.companies for row in rows)
    reached = sum(row.reached * row.companies for row in rows)
    without = math.fsum(row.without * row.companies for row in rows)
    expected = math.fsum(row.expected * row.companies for row in rows)
    rate = reached / moments if moments else None
    other_rate = expected / without if without else None
    companies = sum(row.companies for row in rows if row.with_signal)
    others = sum(row.other_reached * row.companies for row in rows)
    if rate is None or other_rate is None or companies < LEAST_COMPANIES or min(reached, others) < LEAST_REACHED:
        return Lift(moments, reached, rate, other_rate, None, None, None, Verdict.CANNOT_KNOW_YET)
    ratio = rate / other_rate
    error = math.sqrt(
        math.fsum(
            row.companies
            * ((row.reached - rate * row.with_signal) / reached - (row.expected - other_rate * row.without) / expected)
            ** 2
            for row in rows
        )
    )
    low, high = ratio * math.exp(-SURE * error), ratio * math.exp(SURE * error)
    verdict = Verdict.MORE if low > 1 else Verdict.LESS if high < 1 else Verdict.NO_DIFFERENCE_SEEN
    return Lift(moments, reached, rate, other_rate, ratio, low, high, verdict)
