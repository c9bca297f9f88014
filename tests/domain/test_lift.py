"""What a signal is worth: against formulas of textbooks, against worlds whose truth is known, and never from too little."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.lift import LEAST_REACHED, SURE, Counted, Verdict, lift


def alone(n: int, reached: int, others: int, other_reached: int) -> list[Counted]:
    """Every company at one moment, none of them weighed."""
    return [
        Counted(1, 1, 0, 0, 0, reached), Counted(1, 0, 0, 0, 0, n - reached),
        Counted(0, 0, 1, 1, 1, other_reached), Counted(0, 0, 1, 0, 0, others - other_reached),
    ]  # fmt: skip


counts = st.tuples(st.integers(10, 500), st.integers(10, 500)).flatmap(
    lambda of: st.tuples(st.just(of[0]), st.integers(5, of[0]), st.just(of[1]), st.integers(5, of[1]))
)


@given(counts)
def test_where_every_company_stands_at_one_moment_the_interval_is_katzs(drawn):
    n, a, m, b = drawn
    found = lift(alone(n, a, m, b))
    error = math.sqrt(max(0, 1 / a - 1 / n + 1 / b - 1 / m))
    assert found.ratio == pytest.approx((a / n) / (b / m))
    assert found.low == pytest.approx(found.ratio * math.exp(-SURE * error), rel=1e-6)
    assert found.high == pytest.approx(found.ratio * math.exp(SURE * error), rel=1e-6)


def test_an_example_of_a_textbook():
    """Aspirin and heart attacks: Agresti, Categorical Data Analysis, gives 1.82, between 1.43 and 2.30."""
    found = lift(alone(11034, 189, 11037, 104))
    assert (found.ratio, found.low, found.high) == pytest.approx((1.82, 1.43, 2.30), abs=0.01)
    assert found.verdict is Verdict.MORE


@given(counts)
def test_with_and_without_exchanged_is_one_over_it(drawn):
    n, a, m, b = drawn
    one, other = lift(alone(n, a, m, b)), lift(alone(m, b, n, a))
    assert one.ratio == pytest.approx(1 / other.ratio)
    assert one.low == pytest.approx(1 / other.high)


@given(st.integers(0, LEAST_REACHED - 1), st.booleans())
def test_from_too_little_nothing_is_said(few, on_the_side_of_the_signal):
    found = lift(alone(100, few, 100, 20) if on_the_side_of_the_signal else alone(100, 20, 100, few))
    assert (found.verdict, found.ratio, found.low, found.high) == (Verdict.CANNOT_KNOW_YET, None, None, None)


def test_without_any_moment_there_is_no_share_either():
    found = lift([])
    assert (found.rate, found.other_rate, found.verdict) == (None, None, Verdict.CANNOT_KNOW_YET)


@given(st.integers(2, 6))
def test_the_same_company_again_and_again_is_no_more_to_know(times):
    once = alone(200, 40, 200, 20)
    again = [
        Counted(
            times * row.with_signal, times * row.reached, times * row.without, times * row.expected, row.other_reached,
            row.companies,
        )
        for row in once
    ]  # fmt: skip
    assert lift(again).low == pytest.approx(lift(once).low)


def world(draw: random.Random, truth: float, companies: int = 400) -> list[Counted]:
    """Companies of which some buy oftener than others whatever happens, each with its signal compared with three without;
    the others are drawn again and again."""
    usual = [draw.choice((0.05, 0.2)) for _ in range(companies)]
    with_it, pool = range(companies // 4), range(companies // 4, companies)
    buys = [draw.random() < usual[one] * (truth if one in with_it else 1) for one in range(companies)]
    alike = {rate: [one for one in pool if usual[one] == rate] for rate in (0.05, 0.2)}
    weights, expected, raw = Counter[int](), Counter[int](), Counter[int]()
    for one in with_it:
        for other in draw.sample(alike[usual[one]], 3):
            weights[other] += 1 / 3
            expected[other] += buys[other] / 3
            raw[other] += buys[other]
    return [Counted(1, buys[one], 0, 0, 0) for one in with_it] + [
        Counted(0, 0, weights[one], expected[one], raw[one]) for one in weights
    ]


@pytest.mark.parametrize("truth", [1.0, 2.0])
def test_intervals_hold_the_truth_as_often_as_they_say(truth):
    draw = random.Random(7)
    found = [each for _ in range(300) if (each := lift(world(draw, truth))).ratio is not None]
    held = sum(each.low <= truth <= each.high for each in found) / len(found)
    assert len(found) > 280
    assert 0.93 <= held < 1  # likeness at the moment makes them a little wider than they need to be
