"""Whether deals are won by the day that people said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

FEWEST_WON = 10
"""Won deals with a day said before; below these nothing is said of how late they come."""


@dataclass(frozen=True, slots=True)
class Slippage:
    """Of `won_count` deals that had a day before they were won, `late_count` were won after it; `median_days` after it, less
    than nothing for before, None where there are too few. `overdue_count` open deals are past theirs."""

    won_count: int
    late_count: int
    median_days: int | None
    overdue_count: int


def slippage(won: Sequence[tuple[date, date]], still_open: Sequence[date], today: date) -> Slippage:
    """`won`: the day first said, and the day it was won; `still_open`: what is said now of deals that are open."""
    days = [(won_on - said_on).days for said_on, won_on in won]
    return Slippage(
        won_count=len(days),
        late_count=sum(late > 0 for late in days),
        median_days=round(median(days)) if len(days) >= FEWEST_WON else None,
        overdue_count=sum(said_on < today for said_on in still_open),
    )
