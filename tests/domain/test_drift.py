"""When leads count as drifted: further than the limit and than chance."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.drift import (
    FALSE_ALARMS,
    DriftLevel,
    by_chance,
    change_level,
    expected,
    in_words,
    level_of,
    psi,
    pull_of,
    ranking_level,
    what_it_costs,
    what_to_do,
)

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
    def level(index, *size):
        return level_of(index, expected(*size), by_chance(*size))

    assert level(0.3, 10, 50_000, 50_000) is DriftLevel.ALARM
    assert level(0.3, 10, 100, 100) is DriftLevel.STEADY


def test_what_changed_by_half_alarms_and_what_turned_round_does_too():
    assert [change_level(ratio) for ratio in (2.0, 1.2, 0.5, -0.3)] == [
        DriftLevel.ALARM, DriftLevel.MOVED, DriftLevel.ALARM, DriftLevel.ALARM
    ]  # fmt: skip


def test_a_ranking_alarms_when_it_lost_much_more_than_chance_explains():
    assert ranking_level(0.80, 0.67, 0.01) is DriftLevel.ALARM
    assert ranking_level(0.80, 0.76, 0.01) is DriftLevel.MOVED
    assert ranking_level(0.80, 0.67, 0.1) is ranking_level(0.70, 0.80, 0.01) is DriftLevel.STEADY


@pytest.mark.parametrize(("then_count", "now_count"), [(100, 100), (600, 200), (5000, 1500)])
def test_leads_that_have_not_moved_say_anything_in_one_look_of_a_hundred(then_count, now_count):
    chance, looks, subjects = np.random.default_rng(then_count), 400, 30
    shares = [chance.dirichlet(np.full(size, 0.7)) for size in chance.integers(2, 11, subjects)]
    moved = 0
    for _ in range(looks):
        levels = set()
        for share in shares:
            counts = chance.multinomial(then_count, share), chance.multinomial(now_count, share)
            size = (len(share), then_count, now_count)
            levels.add(level_of(psi(*(list(one) for one in counts)), expected(*size), by_chance(*size, subjects)))
        moved += levels != {DriftLevel.STEADY}
    assert moved / looks <= 2 * FALSE_ALARMS


def test_an_alarm_is_told_with_what_moved_what_it_costs_and_what_to_do():
    parts = [("Software", 0.12, 0.4), ("Finance", 0.5, 0.22), ("other", 0.38, 0.38)]
    assert in_words("industry", "Industry", 0.41, 0.03, parts) == (
        "Industry: “Finance” from 50% to 22% of the leads; “Software” from 12% to 40% of the leads "
        "(PSI 0.41; chance alone gives up to 0.03)."
    )
    assert "0.672 on the newest" in what_it_costs(0.803, 0.672)
    assert what_it_costs(0.75, 0.76).startswith("The ranking has not suffered")
    told = what_to_do([("base_rate", "Base rate"), ("industry", "Industry")])
    assert told[0].startswith("Look where Industry comes from")
    assert "percentages" in told[1]


def test_a_change_is_told_with_the_day_since_when():
    day = datetime(2026, 3, 24, 9, tzinfo=UTC)
    assert in_words("base_rate", "Base rate", -0.05, 0.0, [("good within 10 days", 0.101, 0.052)], day) == (
        "Base rate: 10.1% of the leads came to the outcome within 10 days; since about 24 March, 5.2% do."
    )
    halves = [("those it speaks for", 0.14, 0.06), ("the others", 0.05, 0.05)]
    assert in_words(pull_of("budget"), "Budget", 0.2, 0.0, halves, day) == (
        "Budget tells leads apart less than it did since about 24 March: of those it speaks for 14.0% came to the outcome before "
        "and 6.0% since, of the others 5.0% and 5.0%."
    )
    told = what_to_do([("base_rate", "Base rate"), (pull_of("budget"), "Budget")])
    assert told[0].startswith("Trust the order of leads less")
    assert len(told) == 2


@pytest.mark.parametrize(
    ("index", "favoured_now", "others_now", "how"),
    [
        (-0.4, 0.05, 0.08, "the other way round"),
        (0.3, 0.09, 0.08, "less than it did"),
        (1.8, 0.3, 0.05, "more than it did"),
        (-0.4, 0.6, 0.2, "otherwise than it did"),
    ],
)
def test_how_a_pull_changed_is_said_as_its_two_halves_bear_out(index, favoured_now, others_now, how):
    halves = [("those it speaks for", 0.14, favoured_now), ("the others", 0.07, others_now)]
    assert f"tells leads apart {how}:" in in_words(pull_of("budget"), "Budget", index, 0.0, halves)
