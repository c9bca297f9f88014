"""Closed forms against those written out by hand, and luck against counts that show it or do not."""

from __future__ import annotations

import numpy as np
import pytest

from models_ml.forecast import luck
from models_ml.forecast.futures import OLDEST, chances, weeks_to_win, won_of_open
from models_ml.forecast.rates import CLASSES, TARGETS, Draws
from models_ml.forecast.weeks import LOST, OPEN, WON
from tests.models_ml.forecast.chains import walked

WIN, LOSE = 0.06, 0.09


def constant(draws: int) -> Draws:
    """Every stage is left for won or lost at the same chances each week."""
    rates = np.zeros((draws, len(OPEN), CLASSES, TARGETS))
    rates[..., WON], rates[..., LOST] = WIN, LOSE
    entry = np.zeros((draws, TARGETS))
    entry[:, 0] = 1.0
    return Draws(rates, entry, np.ones((draws, 1)))


def won_by(weeks: float) -> float:
    return WIN / (WIN + LOSE) * (1 - (1 - WIN - LOSE) ** weeks)


def test_rivals_share_what_ends():
    found = chances(constant(1), np.array([1.0, 8.0, 52.0]), np.ones((1, 4)), np.zeros((1, 4)))

    for place, weeks in enumerate((1, 8, 52)):
        assert found.of_open[place, 0] == pytest.approx(won_by(weeks))


def test_the_closed_form_is_what_deals_come_to_that_are_walked_through_week_by_week():
    chance = np.random.default_rng(3)
    rates = chance.dirichlet(np.full(TARGETS + 1, 0.7), size=(1, len(OPEN), CLASSES))[..., :TARGETS] * 0.5
    rates[:, range(len(OPEN)), :, range(len(OPEN))] = 0.0
    win_luck, weeks = np.array([[1.6, 0.5]]), np.array([4.0, 20.0])
    closed = chances(Draws(rates, constant(1).entry, np.ones((1, 1))), weeks, win_luck, np.zeros((1, 2))).of_open

    for stage, age in ((0, 0), (3, 5), (5, 30)):
        many = 20_000
        won = walked(rates, win_luck, np.full(many, stage), np.full(many, age), 20, chance)
        for place, horizon in enumerate(weeks):
            truth = closed[place, 0, stage, min(age, OLDEST)]
            assert (won <= horizon).mean() == pytest.approx(truth, abs=4.5 * np.sqrt(truth * (1 - truth) / many))


def test_new_deals_are_won_from_the_week_after_they_come():
    found = chances(constant(1), np.array([10.0]), np.ones((1, 1)), np.full((1, 1), 2.0))

    assert found.to_come[0, 0] == pytest.approx(2.0 * sum(won_by(left) for left in range(10)))


def test_half_of_the_won_ones_are_won_by_the_date_of_a_deal():
    weeks = weeks_to_win(constant(1))[0, 0]

    assert won_by(weeks) == pytest.approx(won_by(52) / 2, rel=0.01)


def test_luck_that_deals_share_widens_what_they_bring_together():
    chance, amounts = np.random.default_rng(1), np.full(60, 100.0)
    where = np.zeros(60, dtype=np.int64)
    spread = {}
    for name, sigma in (("none", 0.0), ("shared", 0.8)):
        win_luck = np.exp(sigma * chance.standard_normal((1_000, 1)))
        found = chances(constant(1_000), np.array([13.0]), win_luck, np.zeros((1_000, 1)))
        spread[name] = won_of_open(found, where, where, amounts, np.ones(1), np.ones(1), chance).std()

    alone = 100 * np.sqrt(60 * won_by(13) * (1 - won_by(13)))
    assert spread["none"] == pytest.approx(alone, rel=0.05)
    assert spread["shared"] > 1.5 * alone


def test_luck_is_found_in_counts_that_swing_and_not_in_steady_ones():
    expected = np.full(8, 30.0)
    steady = luck.of_wins(np.array([31.0, 28, 33, 27, 30, 34, 26, 31]), expected, expected, expected)
    swinging = luck.of_wins(np.array([51.0, 12, 45, 18, 30, 60, 9, 31]), expected, expected, expected)

    assert luck.SPREADS @ steady < 0.3 < luck.SPREADS @ swinging


def test_without_history_luck_is_what_the_prior_says():
    no_history = luck.of_arrivals(np.zeros(0))
    prior = np.exp(-luck.SPREADS / luck.PRIOR_OF_ARRIVALS)

    assert no_history == pytest.approx(prior / prior.sum())
