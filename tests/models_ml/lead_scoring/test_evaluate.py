"""The figures themselves: known values, bounds, and indifference to what must not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models_ml.lead_scoring.calibration import UNCALIBRATED, Calibrator, calibrate, probability
from models_ml.lead_scoring.evaluate import (
    calibration_error,
    calibration_table,
    check_calibration,
    gain_curve,
    measure,
    windows,
)

outcomes = st.lists(st.booleans(), min_size=20, max_size=200).filter(lambda found: 0 < sum(found) < len(found))


def test_a_perfect_ranking_has_perfect_figures():
    outcome = np.array([True] * 10 + [False] * 90)
    found = measure(outcome, np.arange(100, 0, -1.0), outcome.astype(float))
    figures = (found.auc, found.pr_auc, found.lift_top_decile, found.best_half_share)
    assert figures == pytest.approx((1, 1, 10, 1))
    assert (found.brier, found.ece) == (0, 0)


@settings(max_examples=30, deadline=None)
@given(outcomes)
def test_a_ranking_that_says_nothing_is_a_coin(outcome):
    found = measure(np.array(outcome), np.zeros(len(outcome)), None)
    assert found.auc == pytest.approx(0.5)
    assert found.alift == pytest.approx(0.5, abs=1e-9)
    assert found.lift_top_decile == pytest.approx(1)


@settings(max_examples=30, deadline=None)
@given(outcomes, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_figure(outcome, chance):
    ranking = np.array([chance.randint(0, 5) + 0.4 * one for one in outcome])
    mixed = chance.sample(range(len(outcome)), len(outcome))
    one = measure(np.array(outcome), ranking, None).as_dict()
    other = measure(np.array(outcome)[mixed], ranking[mixed], None).as_dict()
    assert one == pytest.approx(other)


@settings(max_examples=30, deadline=None)
@given(outcomes)
def test_the_gain_curve_rises_from_nothing_to_all(outcome):
    curve = gain_curve(np.array(outcome), np.arange(len(outcome), dtype=float))
    assert curve[0] == 0
    assert curve[-1] == pytest.approx(1)
    assert (np.diff(curve) >= -1e-12).all()


def test_promises_kept_have_no_calibration_error():
    outcome = np.tile([True, False, False, False], 50)
    assert calibration_error(calibration_table(outcome, np.full(200, 0.25))) < 0.06
    assert calibration_error(calibration_table(outcome, np.full(200, 0.75))) == pytest.approx(0.5, abs=0.06)


def passing_share(count: int, *, off_by: float, draws: int = 60) -> float:
    """How often promises that are off by so much pass the gate on a window of so many leads."""
    passed = 0
    for seed in range(draws):
        chance = np.random.default_rng(seed)
        promised = chance.beta(2, 6, count)
        came = chance.random(count) < np.clip(promised + off_by, 0, 1)
        check = check_calibration(came, promised, seed)
        passed += check.error <= check.allowed
    return passed / draws


@pytest.mark.parametrize("count", [60, 300, 3000])
def test_on_few_leads_as_on_many_a_good_calibration_passes_and_a_bad_one_does_not(count):
    assert passing_share(count, off_by=0.0) >= 0.9
    assert passing_share(count, off_by=0.3) <= 0.1


def test_a_tenth_of_a_point_is_told_apart_only_by_enough_leads():
    assert passing_share(60, off_by=0.1) > 0.3
    assert passing_share(1000, off_by=0.1) <= 0.1


@settings(max_examples=30, deadline=None)
@given(st.integers(30, 400), st.booleans())
def test_every_lead_is_in_exactly_one_window(count, is_ordered):
    outcome = np.arange(count) % 3 == 0
    split = windows(outcome, is_ordered=is_ordered, seed=1)
    together = np.concatenate([split.fit, split.calibrate, split.test])
    assert sorted(together) == list(range(count))
    if is_ordered:
        assert split.fit.max() < split.calibrate.min() <= split.calibrate.max() < split.test.min()


def make_raw(count: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Overconfident log-odds (twice too large, shifted) and what came."""
    chance = np.random.default_rng(seed)
    truth = chance.normal(-1, 1, count)
    return 2 * truth + 1, chance.random(count) < probability(truth)


@pytest.mark.parametrize("count", [1500, 6000])
def test_calibration_makes_promises_mean_what_they_say(count):
    raw, outcome = make_raw(count)
    fresh, came = make_raw(6000, seed=4)
    calibrator = calibrate(raw, outcome)
    before = calibration_error(calibration_table(came, probability(fresh)))
    after = calibration_error(calibration_table(came, probability(calibrator.apply(fresh))))
    assert after < 0.5 * before


@settings(max_examples=30, deadline=None)
@given(st.integers(20, 800), st.integers(0, 50))
def test_calibration_never_turns_the_ranking_over(count, seed):
    raw, outcome = make_raw(count, seed)
    mapped = calibrate(raw, outcome).apply(np.sort(raw))
    assert (np.diff(mapped) >= -1e-9).all()


def test_a_window_with_hardly_an_outcome_calibrates_nothing():
    assert calibrate(np.zeros(50), np.arange(50) < 3) == UNCALIBRATED


def test_a_calibrator_survives_being_written_down():
    made = calibrate(*make_raw(3000))
    assert Calibrator.of(made.as_dict()) == made
