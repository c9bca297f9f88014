"""Intervals hold what a larger sample says, as often as they claim, and say when models differ by more than chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from models_ml.attribution.intervals import Journeys, drawn_anew
from models_ml.attribution.markov import markov
from models_ml.attribution.paths import Paths
from models_ml.attribution.rules import rule
from models_ml.attribution.shapley import shapley

WORLD = Paths.of(
    [
        (["Email"], 20, 0, 300), (["Paid"], 60, 0, 300), (["Paid", "Email"], 70, 0, 200), (["Organic"], 30, 0, 400),
        (["Organic", "Email", "Paid"], 45, 0, 60), (["Organic", "Paid"], 50, 0, 120), (["Email", "Organic"], 25, 0, 90),
    ]
)  # fmt: skip
"""How often each path is taken in a hundred worlds, divided by a hundred."""
RULES = ("first_touch", "last_touch", "linear")


def sample(chance: np.random.Generator, size: float = 1.0) -> Journeys:
    paths = replace(
        WORLD,
        conversions=chance.poisson(WORLD.conversions * size).astype(float),
        nulls=chance.poisson(WORLD.nulls * size).astype(float),
    )
    return journeys_of(paths)


def journeys_of(paths: Paths) -> Journeys:
    path_of = np.repeat(np.arange(len(paths.conversions)), paths.conversions.astype(int))
    one_each = replace(paths, conversions=np.ones(len(paths.conversions)))
    parts = []
    for name in RULES:
        alone = [rule(replace(one_each, conversions=row), name).conversions for row in np.eye(len(paths.conversions))]
        parts.append(np.stack(alone)[path_of])
    return Journeys(paths, path_of, np.arange(len(path_of)), RULES, paths.channels, csr_array(np.hstack(parts)))


def shares_of(paths: Paths) -> dict[tuple[str, str], float]:
    found = {name: rule(paths, name) for name in RULES}
    found |= {"markov": markov(paths, 1, by_journey=True), "shapley": shapley(paths)}
    return {(name, channel): share for name, each in found.items() for channel, share in each.shares().items()}


def test_the_truth_lies_within_as_often_as_is_claimed():
    truth, chance = shares_of(WORLD), np.random.default_rng(5)
    inside = [
        one.share[0] <= truth[one.model, one.channel] <= one.share[1]
        for seed in range(60)
        for one in drawn_anew(sample(chance), 1, seed=seed).intervals()
    ]
    assert len(inside) == 60 * 15
    assert 0.92 <= np.mean(inside) <= 0.98


def test_more_journeys_make_narrower_intervals():
    chance = np.random.default_rng(1)
    few, many = (drawn_anew(sample(chance, size), 1, seed=1).intervals() for size in (1, 16))
    widths = [[high - low for low, high in (one.share for one in found)] for found in (few, many)]
    assert np.mean(widths[0]) / np.mean(widths[1]) == pytest.approx(4, rel=0.2)


def test_a_difference_of_models_is_surer_than_their_intervals_say():
    drawn = drawn_anew(sample(np.random.default_rng(2)), 1, seed=2).intervals()
    of = {(one.model, one.channel): one for one in drawn}
    assert all(of["last_touch", channel].difference == (0, 0) for channel in WORLD.channels)
    for channel in WORLD.channels:
        linear, last = of["linear", channel], of["last_touch", channel]
        apart = np.hypot(linear.share[1] - linear.share[0], last.share[1] - last.share[0])
        assert linear.difference[1] - linear.difference[0] < 0.85 * apart


def test_accounts_that_convert_together_make_it_less_sure():
    alone = sample(np.random.default_rng(3))
    in_tens = replace(alone, accounts=np.arange(len(alone.path_of)) // 10)
    narrow, wide = (drawn_anew(each, 1, seed=3).intervals() for each in (alone, in_tens))
    assert sum(one.conversions[1] - one.conversions[0] for one in wide) > 2 * sum(
        one.conversions[1] - one.conversions[0] for one in narrow
    )


def test_conversions_without_a_touch_count_under_every_model():
    journeys = sample(np.random.default_rng(4))
    count, width = len(journeys.path_of), len(journeys.channels) + 1
    shares = np.zeros((count + 8, len(RULES) * width))
    for number in range(len(RULES)):
        given = journeys.shares.toarray()[:, number * (width - 1) : (number + 1) * (width - 1)]
        shares[:count, number * width : (number + 1) * width - 1] = given
        shares[count:, (number + 1) * width - 1] = 1
    drawn = drawn_anew(
        replace(
            journeys,
            path_of=np.append(journeys.path_of, [-1] * 8),
            accounts=np.arange(count + 8),
            channels=(*journeys.channels, "Unassigned"),
            shares=csr_array(shares),
        ),
        1,
        seed=4,
    )
    offline = drawn.conversions[:, drawn.channels.index("Unassigned")]
    assert offline.mean() == pytest.approx(8, rel=0.15)
    assert (offline == offline[0]).all()


def test_only_conversions_without_a_touch_are_credited_too():
    journeys = Journeys(
        None, np.full(3, -1), np.arange(3), RULES, ("Offline",), csr_array(np.ones((3, len(RULES))))
    )  # fmt: skip
    found = drawn_anew(journeys, 1, seed=1).intervals()
    assert {(one.model, one.channel) for one in found} == {
        (model, "Offline") for model in (*RULES, "markov", "shapley")
    }
    assert all(one.conversions[0] < 3 < one.conversions[1] for one in found)
