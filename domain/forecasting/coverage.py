"""Whether intervals held what they promised: past forecasts beside what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.leakage import wilson

FEWEST_SPANS = 4
"""Separate stretches of time below which nobody can know: forecasts of one quarter share its luck."""


class CoverageVerdict(StrEnum):
    """What the counts allow to say."""

    CANNOT_KNOW_YET = "cannot_know_yet"
    AS_PROMISED = "as_promised"
    TOO_NARROW = "too_narrow"


@dataclass(frozen=True, slots=True)
class Judged:
    """One past forecast of a period that is over."""

    starts_on: date
    ends_on: date
    is_held_80: bool
    is_held_95: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of `forecast_count` intervals `held_count` held the truth; `low` and `high` bound the share that would in the long
    run, counting each separate span once."""

    level: float
    forecast_count: int
    held_count: int
    span_count: int
    low: float
    high: float
    verdict: CoverageVerdict


def coverage(judged: Sequence[Judged], level: float) -> Coverage:
    """At the level 0.8 or 0.95."""
    held = sum(one.is_held_80 if level == 0.8 else one.is_held_95 for one in judged)
    spans = separate_spans(judged)
    low, high = wilson(held / len(judged) if judged else 0.0, spans)
    if spans < FEWEST_SPANS:
        verdict = CoverageVerdict.CANNOT_KNOW_YET
    else:
        verdict = CoverageVerdict.TOO_NARROW if high < level else CoverageVerdict.AS_PROMISED
    return Coverage(level, len(judged), held, spans, low, high, verdict)


def separate_spans(judged: Sequence[Judged]) -> int:
    """The most periods among them of which no two overlap."""
    count, free_from = 0, date.min
    for one in sorted(judged, key=lambda one: one.ends_on):
        if one.starts_on > free_from:
            count, free_from = count + 1, one.ends_on
    return count
