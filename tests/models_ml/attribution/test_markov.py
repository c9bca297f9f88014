"""The chain is exact, whole, and deaf to how its input is arranged."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput
from models_ml.attribution.markov import markov
from models_ml.attribution.paths import Paths, transformed
from tests.models_ml.attribution.journeys import GROUPED, dense_removal_effects, manual, rows

orders = st.integers(1, 3)
BY_JOURNEY = {"A": 5.179379002726299, "B": 3.466290339879587, "C": 1.3543306573941134}


@given(rows, orders)
@settings(deadline=None)
def test_the_sparse_chain_equals_dense_algebra(found, order):
    credit = markov(Paths.of(found), order)
    expected = dense_removal_effects(found, order)
    assert credit.effects is not None
    assert dict(zip(credit.channels, credit.effects, strict=True)) == pytest.approx(expected, abs=1e-9)


@given(rows, orders, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_credits_are_whole_and_the_same_for_raw_grouped_and_shuffled_input(found, order, chance: random.Random):
    by_journey = markov(Paths.of(found), order, by_journey=True)
    assert by_journey.conversions.sum() == pytest.approx(sum(won for _, won, _, _ in found))
    assert by_journey.values.sum() == pytest.approx(sum(value for _, _, value, _ in found))
    grouped = markov(Paths.of(found), order)
    assert grouped.conversions.sum() == pytest.approx(sum(won for _, won, _, _ in found))
    assert (grouped.conversions >= 0).all()
    raw = [(path, 1, value / won, 0) for path, won, value, _ in found for _ in range(won)]
    raw += [(path, 0, 0, 1) for path, _, _, lost in found for _ in range(lost)]
    chance.shuffle(raw)
    taken = {channel for path, won, _, lost in found if won + lost for channel in path}
    again = markov(Paths.of(raw), order).by_channel() if raw else {}
    expected = {name: credit for name, credit in grouped.by_channel().items() if name in taken}
    assert again == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("order", "conversions", "values"),
    [
        (1, [0.816667, 0.621212, 0.439286], [76.156806, 39.142971, 31.700223]),
        (2, [0.9, 1.0, 0.46], [59.446293, 62.415992, 25.137716]),
        (3, [0.9, 1.0, 0.7], [49.353564, 51.830109, 45.816327]),
    ],
)
def test_removal_effects_are_those_other_packages_find(order, conversions, values):
    """marketing-attribution-models 2.1.1 answers the effects of order 1 exactly. ChannelAttribution 2.2.5 with
    `max_step=100000` simulates effects and values within a thousandth (without it, paths longer than the longest
    observed one are cut, which is another model)."""
    credit = markov(manual(), order)
    assert credit.effects == pytest.approx(conversions, abs=1e-6)
    assert credit.values == pytest.approx(values, rel=2e-3)


def test_a_step_from_a_channel_to_itself_changes_no_effect_of_order_one():
    paths = manual()
    assert markov(transformed(paths, "exposure")).effects == pytest.approx(markov(paths).effects)


def test_the_grouped_example_equals_its_thirteen_journeys():
    text, won, lost = zip(*GROUPED, strict=True)
    grouped = markov(Paths.of_text(text, won, None, lost))
    journeys = [(path, 1, 0) for path, count, _ in GROUPED for _ in range(count)]
    journeys += [(path, 0, 1) for path, _, count in GROUPED for _ in range(count)]
    assert len(journeys) == 13
    one, converted, failed = zip(*journeys, strict=True)
    raw = markov(Paths.of_text(one, converted, None, failed))
    assert raw.by_channel() == pytest.approx(grouped.by_channel(), abs=1e-12)
    expected = dense_removal_effects([(path.split(" > "), won, won, lost) for path, won, lost in GROUPED], 1)
    assert dict(zip(grouped.channels, grouped.effects, strict=True)) == pytest.approx(expected, abs=1e-9)


def test_credit_by_journey_is_that_of_another_package():
    """marketing-attribution-models 2.1.1, `run_markov()`, on the same journeys, each worth one."""
    credit = markov(manual(), by_journey=True)
    assert credit.by_channel() == pytest.approx(BY_JOURNEY, abs=1e-9)


def test_one_channel_earns_everything():
    credit = markov(Paths.of([("AA", 3, 90, 7)]), 2)
    assert (credit.by_channel(), credit.values.tolist()) == ({"A": 3}, [90])


def test_without_a_conversion_nobody_earns():
    credit = markov(Paths.of([("AB", 0, 0, 7)]))
    assert credit.by_channel() == {"A": 0, "B": 0}
    assert credit.shares() == {"A": 0, "B": 0}


def test_channels_named_like_states_are_channels():
    names = {"(start)": "A", "(conversion)": "B", "(null)": "C"}
    odd = Paths.of([(["(start)", "(conversion)"], 1, 1, 2), (["(null)", "(start)"], 2, 2, 1)])
    plain = Paths.of([("AB", 1, 1, 2), ("CA", 2, 2, 1)])
    credit = {names[name]: value for name, value in markov(odd).by_channel().items()}
    assert credit == pytest.approx(markov(plain).by_channel())


def test_a_channel_nobody_converts_through_earns_nothing():
    credit = markov(Paths.of([("A", 5, 5, 5), ("B", 0, 0, 9)]))
    assert credit.by_channel() == {"A": 5, "B": 0}


def test_a_long_path_over_many_channels_is_solved():
    names = [f"c{number}" for number in range(60)]
    chance = np.random.default_rng(3)
    found = [([names[step] for step in chance.integers(0, 60, 40)], 1, 1, 1) for _ in range(30)]
    for order in (1, 2, 3):
        assert markov(Paths.of(found), order).conversions.sum() == pytest.approx(30)


@pytest.mark.parametrize("order", [0, 4])
def test_an_order_there_is_not_is_refused(order):
    with pytest.raises(InvalidInput, match="order 1 to 3"):
        markov(manual(), order)
