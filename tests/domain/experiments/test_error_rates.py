"""A/A and A/B simulations: how often the engine is wrong, and how often it finds what is there, with a look after every few
units."""

from __future__ import annotations

import math

import numpy as np
import pytest

from domain.experiments.means import Moments, compare_means
from domain.experiments.planning import sequential_size
from domain.experiments.rates import Prior, log_evidence
from domain.experiments.splits import check_split

LIMIT = math.log(1 / 0.05)


def _looks(rng, rate_a, rate_b, *, worlds, units, every):
    """Successes of both arms at each look (worlds × looks), and units an arm at each."""
    at = np.arange(every, units + 1, every)
    won = [rng.binomial(every, rate, (worlds, len(at))).cumsum(axis=1) for rate in (rate_a, rate_b)]
    return won[0], won[1], at


def _found(rng, rate_a, rate_b, prior, **size):
    """The share of worlds in which some look found a difference."""
    won_a, won_b, at = _looks(rng, rate_a, rate_b, **size)
    evidence = log_evidence(won_a, at, won_b, at, prior)
    return float((evidence >= LIMIT).any(axis=1).mean())


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.3])
def test_two_equal_arms_are_called_different_at_most_as_often_as_promised(rate):
    rng = np.random.default_rng(7)
    found = _found(rng, rate, rate, Prior.around(rate), worlds=2_000, units=2_000, every=10)
    assert found <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 2_000)


def test_a_test_meant_for_one_look_is_wrong_far_more_often_when_one_looks_every_day():
    rng = np.random.default_rng(7)
    won_a, won_b, at = _looks(rng, 0.05, 0.05, worlds=2_000, units=2_000, every=50)
    common = (won_a + won_b) / (2 * at)
    z = (won_b - won_a) / at / np.sqrt(np.maximum(common * (1 - common), 1e-9) * 2 / at)
    assert (np.abs(z[:, 4:]) > 1.96).any(axis=1).mean() > 0.2


def test_a_difference_is_found_as_often_as_the_plan_says():
    rng = np.random.default_rng(11)
    size = sequential_size(0.05, 0.10)
    assert size is not None
    found = _found(rng, 0.05, 0.10, Prior.for_lift(0.05, 1.0), worlds=1_000, units=size, every=max(size // 40, 1))
    assert found >= 0.8 - 3 * math.sqrt(0.8 * 0.2 / 1_000)


def test_a_fair_split_is_called_broken_in_one_of_a_hundred_worlds_at_most_and_an_unfair_one_soon():
    rng = np.random.default_rng(3)

    def alarms(share):
        wrong = 0
        for _ in range(200):
            seen = rng.binomial(50, share, 40).cumsum()
            wrong += any(
                check_split([50 * look - one, one], [1, 1]).is_mismatch for look, one in enumerate(seen, start=1)
            )
        return wrong / 200

    assert alarms(0.5) <= 0.01 + 3 * math.sqrt(0.01 * 0.99 / 200)
    assert alarms(0.6) > 0.95


def test_skewed_money_of_equal_arms_is_called_different_at_most_as_often_as_promised():
    rng = np.random.default_rng(5)
    wrong = 0
    for _ in range(200):
        arms = [rng.binomial(1, 0.3, 3_000) * rng.gamma(1.5, 1_000, 3_000) for _ in range(2)]
        wrong += any(
            compare_means(Moments.of(arms[0][:n]), Moments.of(arms[1][:n]), planned=3_000).p_value <= 0.05
            for n in range(200, 3_001, 200)
        )
    assert wrong / 200 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.005, 0.02, 0.05, 0.2, 0.5])
@pytest.mark.parametrize("believed", [0.01, 0.05, 0.4])
def test_over_many_worlds_the_error_rate_holds_whatever_the_prior(rate, believed):
    rng = np.random.default_rng(int(rate * 1e4) + int(believed * 1e3))
    found = _found(rng, rate, rate, Prior.around(believed), worlds=20_000, units=5_000, every=25)
    assert found <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "other"), [(0.03, 0.06), (0.05, 0.075), (0.1, 0.13), (0.3, 0.36)])
def test_over_many_worlds_the_plan_keeps_its_power(rate, other):
    rng = np.random.default_rng(17)
    size = sequential_size(rate, other)
    assert size is not None
    found = _found(
        rng, rate, other, Prior.for_lift(rate, other / rate - 1), worlds=5_000, units=size, every=max(size // 50, 1)
    )
    assert 0.8 - 3 * math.sqrt(0.8 * 0.2 / 5_000) <= found <= 0.97
