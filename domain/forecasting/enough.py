"""How much history a forecast needs, and what is missing of it."""

from __future__ import annotations

from dataclasses import dataclass

from domain.forecasting.periods import Period

FEWEST_CLOSED, FEWEST_WON = 20, 5
"""Deals; below these nothing is forecast."""
FEWEST_WEEKS = {Period.THIS_QUARTER: 8, Period.NEXT_QUARTER: 13, Period.TWELVE_MONTHS: 26}
"""Weeks of history that a period needs; a year cannot be told from a month."""


@dataclass(frozen=True, slots=True)
class Missing:
    """`what` is `closed`, `won` or `weeks`: there are `has` of it where `needs` are needed."""

    what: str
    has: int
    needs: int


def missing(period: Period, *, closed: int, won: int, weeks: int) -> list[Missing]:
    """What keeps the period from being forecast; empty where nothing does. `won` counts deals with an amount."""
    needed = (("closed", closed, FEWEST_CLOSED), ("won", won, FEWEST_WON), ("weeks", weeks, FEWEST_WEEKS[period]))
    return [Missing(what, has, needs) for what, has, needs in needed if has < needs]
