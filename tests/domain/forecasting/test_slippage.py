"""How late deals are won, said only where there are enough of them."""

from __future__ import annotations

from datetime import date, timedelta

from domain.forecasting.slippage import FEWEST_WON, slippage

TODAY = date(2026, 3, 2)


def test_late_and_overdue_deals_are_counted_and_the_middle_one_is_told():
    won = [(TODAY, TODAY + timedelta(days=days)) for days in (-3, 0, 4, 5, 6, 7, 8, 9, 30, 90)]

    found = slippage(won, [TODAY, TODAY - timedelta(days=1)], TODAY)

    assert (found.won_count, found.late_count, found.median_days, found.overdue_count) == (10, 8, 6, 1)


def test_of_few_deals_no_middle_is_told():
    assert slippage([(TODAY, TODAY)] * (FEWEST_WON - 1), [], TODAY).median_days is None
    assert slippage([], [], TODAY).won_count == 0
