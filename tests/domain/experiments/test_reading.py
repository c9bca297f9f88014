"""What may be concluded of an experiment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta as beta_distribution
from scipy.stats import chisquare, false_discovery_control

from domain.errors import InvalidInput
from domain.experiments.bandits import allocation
from domain.experiments.beliefs import believe_money, believe_rates
from domain.experiments.corrections import benjamini_hochberg, holm
from domain.experiments.means import Moments, adjusted, compare_means
from domain.experiments.planning import detectable_lift, horizon, plan, sequential_size
from domain.experiments.rates import Prior, Tally, compare, rate_interval
from domain.experiments.reading import Arm, Harm, Outcome, Terms, read
from domain.experiments.splits import check_split

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def _arm(key, total, won, **changes):
    return Arm(key, changes.pop("exposed", total), Tally(total, won), **changes)


TERMS = Terms(base_rate=0.05, margins={"bounced": 0.01})


def test_a_clear_difference_is_named_with_its_arm():
    found = read([_arm("a", 1_000, 50), _arm("b", 1_000, 120)], TERMS)
    assert (found.outcome, found.key) == (Outcome.BETTER, "b")
    assert 0 < found.comparisons[0].difference.low < 0.07 < found.comparisons[0].difference.high


def test_of_few_nobody_can_know_yet_and_the_answer_says_how_many_are_missing():
    found = read([_arm("a", 40, 2), _arm("b", 40, 4)], TERMS)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, "undecided")
    needed = sequential_size(0.05, 0.05 * 1.25)
    assert needed is not None
    assert found.missing == needed - 40


def test_without_anything_matured_or_any_success_nobody_can_know_yet():
    nothing = [_arm("a", 0, 0, exposed=30), _arm("b", 0, 0, exposed=30)]
    assert read(nothing, TERMS).reason == "nothing_matured"
    assert read([_arm("a", 30, 0), _arm("b", 30, 0)], Terms()).reason == "no_success_yet"


def test_a_broken_split_says_nothing_of_anything_however_clear_the_rest():
    found = read([_arm("a", 1_000, 50, exposed=1_000), _arm("b", 700, 120, exposed=700)], TERMS)
    assert (found.outcome, found.reason) == (Outcome.INVALID, "split_mismatch")
    moved = read([_arm("a", 1_000, 50), _arm("b", 700, 120)], replace(TERMS, is_split_known=False))
    assert moved.outcome is Outcome.BETTER


def test_harm_is_named_before_gain():
    found = read([_arm("a", 1_000, 50), _arm("b", 1_000, 120, harms={"bounced": 80})], TERMS)
    assert (found.outcome, found.reason, found.key) == (Outcome.HARM, "more_bounced", "b")
    assert found.guardrails[0].state is Harm.HARMED


def test_arms_within_what_nobody_would_mind_are_alike():
    found = read([_arm("a", 60_000, 15_000), _arm("b", 60_000, 15_050)], Terms(base_rate=0.25, least_lift=0.1))
    assert found.outcome is Outcome.ALIKE


def test_the_first_arm_wins_where_every_other_is_worse():
    found = read([_arm("a", 1_000, 150), _arm("b", 1_000, 60), _arm("c", 1_000, 70)], TERMS)
    assert (found.outcome, found.key) == (Outcome.WORSE, "a")


def test_more_arms_ask_for_more_evidence():
    two = compare(Tally(500, 25), Tally(500, 52), Prior.around(0.05))
    many = [_arm("a", 500, 25), _arm("b", 500, 52), *(_arm(name, 500, 25) for name in "cdef")]
    found = read(many, Terms(base_rate=0.05))
    assert found.comparisons[0].adjusted_p_value == pytest.approx(min(two.p_value * 5, 1))
    assert found.comparisons[0].difference.low < two.low


def test_the_order_of_variants_changes_nothing_but_the_order():
    arms = [_arm("a", 400, 20), _arm("b", 400, 31), _arm("c", 400, 25)]
    one, other = read(arms, TERMS), read([arms[0], arms[2], arms[1]], TERMS)
    assert {each.key: each.adjusted_p_value for each in one.comparisons} == pytest.approx(
        {each.key: each.adjusted_p_value for each in other.comparisons}
    )


@given(st.integers(0, 400), st.floats(0, 1), st.integers(0, 400), st.floats(0, 1))
def test_an_interval_holds_its_estimate_and_agrees_with_its_p_value(total_a, share_a, total_b, share_b):
    control, variant = (Tally(n, round(n * share)) for n, share in ((total_a, share_a), (total_b, share_b)))
    found = compare(control, variant, Prior())
    assert -1 <= found.low <= found.estimate <= found.high <= 1
    assert (found.low > 0 or found.high < 0) == (found.p_value < 0.05)
    turned = compare(variant, control, Prior())
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low), abs=1e-9)
    low, high = rate_interval(control, Prior())
    assert 0 <= low <= control.rate <= high <= 1


def test_beliefs_agree_with_draws_from_the_posteriors():
    arms = [Tally(300, 12), Tally(280, 19), Tally(20, 0)]
    rng = np.random.default_rng(1)
    draws = np.stack(
        [beta_distribution(0.5 + a.successes, 0.5 + a.total - a.successes).rvs(400_000, random_state=rng) for a in arms]
    )
    best = draws.max(axis=0)
    for place, belief in enumerate(believe_rates(arms, Prior())):
        assert belief.chance_best == pytest.approx((draws[place] == best).mean(), abs=0.004)
        assert belief.expected_loss == pytest.approx((best - draws[place]).mean(), abs=0.0005)


def test_equal_arms_are_equally_likely_the_best_and_the_bandit_keeps_its_floor():
    arms = {"a": Tally(100, 5), "b": Tally(100, 5), "c": Tally(100, 40)}
    shares = allocation(arms, Prior(), floor=0.1)
    assert shares["a"] == pytest.approx(shares["b"]) == pytest.approx(0.1, abs=0.01)
    assert sum(shares.values()) == pytest.approx(1)
    with pytest.raises(InvalidInput):
        allocation(arms, Prior(), floor=0.4)


@pytest.mark.parametrize("model", ["gamma", "normal"])
def test_money_is_believed_by_how_many_pay_and_how_much(model):
    rng = np.random.default_rng(2)
    amounts = [rng.gamma(2, 500, 40), rng.gamma(2, 900, 40)]
    found = believe_money(amounts, [400, 400], Prior.around(0.1), rng, model=model)
    assert found[1].chance_best > 0.9
    assert found[0].mean == pytest.approx(0.1 * 1_000, rel=0.25)
    assert found[0].low < found[0].mean < found[0].high
    with pytest.raises(InvalidInput):
        believe_money([[0.0], [1.0]], [5, 5], Prior(), rng)


def test_cuped_takes_away_what_was_known_before_and_leaves_the_effect():
    rng = np.random.default_rng(4)
    before = rng.normal(10, 3, 4_000)
    arms = rng.integers(0, 2, 4_000)
    outcome = before + rng.normal(0, 1, 4_000) + 0.2 * arms
    values, share = adjusted(outcome, before, arms)
    assert share == pytest.approx(0.9, abs=0.02)
    plain, better = (
        compare_means(Moments.of(each[arms == 0]), Moments.of(each[arms == 1]), planned=4_000)
        for each in (outcome, values)
    )
    assert better.estimate == pytest.approx(0.2, abs=0.1)
    assert better.p_value < 0.05 < plain.p_value
    assert values.mean() == pytest.approx(outcome.mean())


def test_people_of_one_company_are_no_independent_units():
    rng = np.random.default_rng(6)
    people = np.full(200, 10.0)
    answers = np.where(rng.random(200) < 0.2, 10.0, 0.0)  # all of a company answer, or nobody
    clustered = Moments.of_ratio(answers, people)
    alone = Moments.of(np.repeat(answers / people, 10))
    assert clustered.mean == pytest.approx(alone.mean)
    assert clustered.variance / clustered.total == pytest.approx(10 * alone.variance / alone.total, rel=0.02)


def test_means_of_few_units_have_no_interval_yet():
    few = Moments.of([1.0, 2.0, 3.0])
    assert compare_means(few, few, planned=100).high == float("inf")


@given(P_VALUES)
def test_false_discoveries_are_controlled_as_scipy_does(p_values):
    assert benjamini_hochberg(p_values) == pytest.approx(list(false_discovery_control(p_values)))


@given(P_VALUES)
def test_holm_lies_between_the_p_value_and_bonferroni_and_keeps_the_order(p_values):
    found = holm(p_values)
    for one, raised in zip(p_values, found, strict=True):
        assert one <= raised <= min(one * len(p_values), 1) + 1e-12
    order = np.argsort(p_values, kind="stable")
    assert (np.diff(np.asarray(found)[order]) >= 0).all()


def test_a_split_agrees_with_pearson_and_knows_arms_that_get_nobody():
    found = check_split([520, 480], [1, 1])
    assert found.p_value == pytest.approx(chisquare([520, 480]).pvalue)
    assert not found.is_mismatch
    assert check_split([50, 50, 1], [1, 1, 0]).is_mismatch
    assert not check_split([0, 0], [1, 1]).is_mismatch
    with pytest.raises(InvalidInput):
        check_split([1, 2], [0, 0])


def test_a_plan_counts_arms_days_and_the_time_until_outcomes_are_in():
    found = plan(0.05, 0.5, units_per_day=40, horizon_days=10)
    assert found.per_arm is not None
    assert found.per_arm_fixed < found.per_arm < 3.5 * found.per_arm_fixed
    assert found.days == pytest.approx(found.per_arm * 2 / 40 + 10)
    assert plan(0.05, 0.5).days is None
    assert plan(0.0001, 0.001).per_arm is None
    with pytest.raises(InvalidInput):
        plan(0.0, 0.2)


def test_what_so_many_units_can_find_is_what_a_plan_for_it_asks_for():
    lift = detectable_lift(0.05, 1_000)
    assert lift is not None
    assert sequential_size(0.05, 0.05 * (1 + lift)) == pytest.approx(1_000, rel=0.01)
    assert detectable_lift(0.05, 3) is None


def test_outcomes_are_waited_for_as_long_as_they_took_before():
    assert horizon([1.0] * 5) == 14
    assert horizon([*([1.0] * 90), *([8.5] * 10)]) == 9
