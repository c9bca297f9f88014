"""Rules by position: shares by hand, and whole conversions on any path."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from domain.errors import InvalidInput
from models_ml.attribution.paths import Paths
from models_ml.attribution.rules import MODELS, rule
from tests.models_ml.attribution.journeys import rows


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first_touch", {"A": 1, "B": 0, "C": 0, "Direct": 0}),
        ("last_touch", {"A": 0, "B": 0, "C": 0, "Direct": 1}),
        ("last_non_direct", {"A": 0, "B": 0, "C": 1, "Direct": 0}),
        ("linear", {"A": 0.25, "B": 0.25, "C": 0.25, "Direct": 0.25}),
        ("u_shaped", {"A": 0.4, "B": 0.1, "C": 0.1, "Direct": 0.4}),
        ("time_decay", {"A": 1 / 15, "B": 2 / 15, "C": 4 / 15, "Direct": 8 / 15}),
    ],
)
def test_a_rule_shares_one_conversion(model, expected):
    paths = Paths.of([(["A", "B", "C", "Direct"], 1, 10, 0)])
    credit = rule(paths, model, half_life=1)
    assert credit.by_channel() == pytest.approx(expected)
    assert credit.values.sum() == pytest.approx(10)


def test_two_touches_share_a_u_and_one_keeps_it():
    paths = Paths.of([("AB", 1, 1, 0), ("C", 1, 1, 0)])
    assert rule(paths, "u_shaped", ends=(0.5, 0.25)).by_channel() == pytest.approx({"A": 2 / 3, "B": 1 / 3, "C": 1})


def test_last_non_direct_is_direct_where_there_is_no_other():
    paths = Paths.of([(["Direct", "Direct"], 2, 2, 0)])
    assert rule(paths, "last_non_direct").by_channel() == {"Direct": 2}


def test_ages_decide_a_decay_not_places():
    paths = Paths.of([("AB", 1, 1, 0)])
    aged = rule(paths, "time_decay", ages=np.array([14.0, 0.0]), half_life=7)
    assert aged.by_channel() == pytest.approx({"A": 0.2, "B": 0.8})


@given(rows)
def test_credits_sum_to_the_conversions_on_any_path(found):
    paths = Paths.of(found)
    for model in MODELS:
        credit = rule(paths, model)
        assert credit.conversions.sum() == pytest.approx(sum(won for _, won, _, _ in found))
        assert credit.values.sum() == pytest.approx(sum(value for _, _, value, _ in found))
        assert (credit.conversions >= 0).all()


def test_what_is_no_rule_is_refused():
    paths = Paths.of([("A", 1, 1, 0)])
    for model, changes in (("best", {}), ("u_shaped", {"ends": (0.9, 0.2)}), ("time_decay", {"half_life": 0})):
        with pytest.raises(InvalidInput):
            rule(paths, model, **changes)
