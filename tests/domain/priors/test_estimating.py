"""Rates of clients, how far they differ, and what levels add: as drawn, so found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from domain.priors.chances import ClientPrior, LevelPrior, shown
from domain.priors.estimating import (
    FARTHEST,
    LEAST_STRENGTH,
    MOST_STRENGTH,
    STEP,
    rate_of,
    shifts_of,
    stepped,
    told_people,
)
from domain.priors.features import FEATURES, Count

CLIENTS = st.lists(
    st.integers(1, 5000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), min_size=1, max_size=9
)
SAME = ("a",) * len(FEATURES)


@pytest.mark.parametrize("correlation", [0.005, 0.02, 0.08])
def test_mean_and_strength_of_a_beta_distribution_are_found_again(correlation):
    chance = np.random.default_rng(7)
    strength = 1 / correlation - 1
    found = []
    for _ in range(60):
        people = chance.integers(80, 2000, 30).astype(float)
        rates = chance.beta(0.12 * strength, 0.88 * strength, 30)
        found.append(rate_of(people, chance.binomial(people.astype(int), rates).astype(float)))
    assert np.mean([one.mean for one in found]) == pytest.approx(0.12, abs=0.01)
    assert 1 / (1 + np.median([one.strength for one in found])) == pytest.approx(correlation, rel=0.3)


@given(CLIENTS)
def test_whatever_clients_saw_the_prior_is_one(counts):
    people, good = (np.array(column, float) for column in zip(*counts, strict=True))
    found = rate_of(people, good)
    assert 0 < found.mean < 1
    assert LEAST_STRENGTH <= found.strength <= MOST_STRENGTH
    (shift,) = shifts_of(people[:, None], good[:, None], (good + 1) / (people + 2))
    assert abs(shift.log_odds) <= FARTHEST
    assert LEAST_STRENGTH <= shift.strength <= MOST_STRENGTH


def test_a_level_means_the_same_whatever_the_rates_of_clients():
    chance = np.random.default_rng(3)
    rates = np.array([0.02, 0.1, 0.4])
    people = np.full((3, 1), 20_000.0)
    good = chance.binomial(20_000, expit(logit(rates) + 0.7))[:, None].astype(float)
    (shift,) = shifts_of(people, good, rates)
    assert shift.log_odds == pytest.approx(0.7, abs=0.05)


def test_a_level_in_which_nobody_is_good_yet_is_not_hopeless_and_its_interval_says_something():
    people, good, rates = np.full((3, 1), 25.0), np.zeros((3, 1)), np.full(3, 0.1)
    (shift,) = shifts_of(people, good, rates)
    assert -2 < shift.log_odds < -0.5
    prior = ClientPrior(0.1, 50, 1.0, 3, 900, levels={("source", "a"): LevelPrior(-2.0, 20, 3, 70)})
    found = prior.chances().of(SAME)
    assert found.high < 0.25


@given(st.floats(-6, 6))
def test_what_is_told_stands_on_a_grid(log_odds):
    assert abs(stepped(log_odds) - log_odds) <= STEP / 2 + 1e-9
    assert stepped(log_odds) * 10 == pytest.approx(round(stepped(log_odds) * 10))


def test_people_are_told_in_round_figures():
    assert [told_people(count) for count in (57, 119, 1287, 20_400)] == [50, 110, 1200, 20_000]


@given(st.integers(0, 400), st.floats(0, 1), st.floats(0.01, 0.6))
def test_a_prior_gives_way_to_the_clients_own_people(people, share, mean):
    own = Count(people, int(share * people))
    prior = ClientPrior(mean, 50, 0.0, 3, 900, own)
    low, high = sorted((mean, own.good / people if people else mean))
    assert low - 1e-9 <= prior.rate <= high + 1e-9
    assert prior.chances().of(SAME).probability == pytest.approx(prior.rate)


@given(st.integers(0, 2000))
def test_the_interval_holds_the_chance_and_is_narrower_with_more_people_of_ones_own(people):
    few, many = (
        ClientPrior(0.1, 20, 0.5, 3, 900, Count(count, count // 10), {("source", "a"): LevelPrior(0.4, 20, 3, 400)})
        for count in (people, people + 500)
    )
    wide, narrow = few.chances().of(SAME), many.chances().of(SAME)
    assert wide.low < wide.probability < wide.high
    assert logit(narrow.high) - logit(narrow.low) < logit(wide.high) - logit(wide.low)


def test_a_prior_is_kept_and_read_as_it_was():
    prior = ClientPrior(
        0.1, 50, 0.7, 4, 1200, Count(30, 2), {("source", "form"): LevelPrior(0.3, 20, 3, 400, Count(9, 1))}
    )
    assert ClientPrior.of(prior.as_dict()) == prior
    assert ClientPrior.of({}) is None


def test_a_chance_is_said_with_its_interval_and_who_stands_behind_it():
    prior = ClientPrior(0.1, 50, 0.7, 4, 1200, Count(30, 2))
    said = prior.words(prior.chances().of(SAME))
    assert said.startswith("Chance from clients like you: 8.7% (4.1% to 18%), ")
    assert said.endswith("from 4 clients of the agency, 1,200 people, and 30 leads of your own")
    assert ClientPrior(0.1, 50, 0.7, 4, 1200).words(prior.chances().of(SAME)).endswith("1,200 people")
    assert [shown(share) for share in (0.0001, 0.004, 0.0994, 0.0996, 0.5)] == [
        "under 0.1%",
        "0.4%",
        "9.9%",
        "10%",
        "50%",
    ]
