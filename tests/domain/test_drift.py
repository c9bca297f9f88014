"""When leads count as drifted: further than the limit and than chance."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.drift import DriftLevel, by_chance, level_of, psi, rate_level

counts = st.lists(st.integers(0, 1000), min_size=2, max_size=12)


def test_the_index_is_the_one_of_the_formula():
    assert psi([50, 50], [80, 20]) == pytest.approx(0.3 * math.log(1.6) + 0.3 * math.log(2.5))


@given(counts)
def test_what_has_not_moved_has_an_index_of_nought(then):
    assert psi(then, [3 * count for count in then]) == pytest.approx(0.0, abs=1e-9)


@given(counts, st.randoms(use_true_random=False))
def test_the_index_is_never_below_nought_and_the_same_both_ways(then, chance):
    now = [chance.randrange(1000) for _ in then]
    assert psi(then, now) >= -1e-12
    assert psi(then, now) == pytest.approx(psi(now, then))


def test_few_leads_must_move_further_to_alarm():
    assert level_of(0.3, by_chance(10, 50_000, 50_000)) is DriftLevel.ALARM
    assert level_of(0.3, by_chance(10, 100, 100)) is DriftLevel.STEADY


def test_a_base_rate_alarms_when_it_changed_by_half_and_not_by_chance():
    assert rate_level(500, 10_000, 3_000, 10_000) is DriftLevel.ALARM
    assert rate_level(500, 10_000, 600, 10_000) is DriftLevel.MOVED
    assert rate_level(5, 100, 9, 100) is DriftLevel.STEADY
