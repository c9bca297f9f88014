"""Costs each with their intervals, and when money spent came back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import chi2, poisson

from domain.economics import FEW, cost_each, count_interval, payback


@pytest.mark.parametrize("count", [2, 3, 5, 10, 40, 1_000])
def test_the_interval_of_a_count_is_that_of_poisson_within_a_percent_from_five_on(count):
    low, high = count_interval(count)
    assert low == pytest.approx(chi2.ppf(0.025, 2 * count) / 2, rel=0.08 if count < 5 else 0.01)
    assert high == pytest.approx(chi2.ppf(0.975, 2 * (count + 1)) / 2, rel=0.01)


@pytest.mark.parametrize("mean", [0.5, 2.0, 7.3, 60.0])
def test_the_interval_covers_the_truth_in_at_least_nineteen_of_twenty_worlds(mean):
    covered = sum(
        float(poisson.pmf(count, mean))
        for count in range(int(mean * 4 + 40))
        if count_interval(count)[0] <= mean <= count_interval(count)[1]
    )
    assert covered >= 0.945


def test_a_cost_each_says_how_sure_it_is_and_when_there_are_few():
    each = cost_each(1_000_00, 4)
    assert (each.minor, each.is_few) == (250_00, True)
    assert each.low < 250_00 < each.high
    assert not cost_each(1_000_00, FEW).is_few
    nobody = cost_each(1_000_00, 0)
    assert (nobody.minor, nobody.high) == (None, None)
    assert nobody.low == pytest.approx(1_000_00 / 3.69, rel=0.01)
    assert cost_each(None, 5).minor is None


def test_money_is_back_in_the_first_month_of_age_that_covers_it():
    assert payback(100, {0: 40, 1: 30, 3: 30}).months == 3
    assert payback(100, {0: 100}).months == 0
    assert payback(100, {0: 40, 1: 22}) == payback(100, {1: 22, 0: 40})
    assert payback(100, {0: 40, 1: 22}).months is None
    assert payback(100, {0: 40, 1: 22}).share == pytest.approx(0.62)
    assert payback(None, {0: 40}).share is None


@given(some.integers(1, 10**9), some.dictionaries(some.integers(0, 60), some.floats(0, 1e9), max_size=20))
def test_money_never_comes_back_later_for_being_paid_more(cost, paid):
    now, more = payback(cost, paid), payback(cost, {age: amount + 1 for age, amount in paid.items()})
    assert now.months is None or (more.months is not None and more.months <= now.months)
