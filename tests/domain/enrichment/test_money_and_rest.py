"""What calls cost, which limit they break, how providers rest, and what their record proposes."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.enrichment.answers import Answer, Operation, Outcome
from domain.enrichment.breaker import LONGEST_PAUSE, Circuit, after, slot
from domain.enrichment.fields import Subject
from domain.enrichment.scoreboard import Tally, expected_cost, proposal
from domain.enrichment.spending import Budget, cost, first_exceeded, micros, price
from tests.conftest import NOON

FIND = Operation("find", Subject.COMPANY, frozenset({"industry"}), (("company_domain",),))
ALWAYS = Operation("find", Subject.COMPANY, frozenset({"industry"}), (("company_domain",),), units=2, charges="always")


@pytest.mark.parametrize(
    ("operation", "answer", "paid"),
    [
        (FIND, Answer(Outcome.FOUND), 10_000),
        (FIND, Answer(Outcome.NOT_FOUND), 0),
        (FIND, Answer(Outcome.NOT_FOUND, units=0.5), 5_000),
        (FIND, Answer(Outcome.RATE_LIMITED), 0),
        (FIND, Answer(Outcome.AWAY), 0),
        (FIND, Answer(Outcome.TIMED_OUT), 10_000),
        (FIND, Answer(Outcome.MALFORMED), 10_000),
        (ALWAYS, Answer(Outcome.NOT_FOUND), 20_000),
        (ALWAYS, Answer(Outcome.REFUSED), 0),
    ],
)
def test_a_call_costs_what_the_provider_says_else_what_it_may_have_charged(operation, answer, paid):
    assert cost(operation, 10_000, answer) == paid
    assert cost(operation, 10_000, answer) <= max(price(operation, 10_000), paid)


def test_an_amount_is_exact_and_never_rounded_below_itself():
    assert (micros("0.1"), micros(0.1), micros("0.0000001")) == (100_000, 100_000, 1)


@given(
    limits=st.lists(st.none() | st.integers(0, 1000), min_size=1, max_size=4),
    amounts=st.lists(st.integers(0, 400), max_size=20),
)
def test_no_limit_is_ever_broken_by_what_is_taken_one_after_the_other(limits, amounts):
    budgets = [Budget(f"limit{number}", limit) for number, limit in enumerate(limits)]
    taken: dict[str, int] = {}
    for amount in amounts:
        if first_exceeded(budgets, amount, taken) is None:
            taken = {budget.scope: taken.get(budget.scope, 0) + amount for budget in budgets}
    assert all(budget.limit is None or taken.get(budget.scope, 0) <= budget.limit for budget in budgets)


def test_a_pause_that_was_asked_for_is_kept_and_never_shortened():
    circuit = after(Circuit(), Answer(Outcome.RATE_LIMITED, retry_after=90), NOON)
    assert circuit.open_until == NOON + timedelta(seconds=90)
    later = after(circuit, Answer(Outcome.RATE_LIMITED, retry_after=1), NOON + timedelta(seconds=1))
    assert later.open_until == circuit.open_until
    assert later.is_open(NOON + timedelta(seconds=89))
    assert not later.is_open(NOON + timedelta(seconds=90))


def test_failures_in_a_row_open_the_circuit_longer_and_longer_and_one_answer_closes_it():
    circuit, pauses = Circuit(), []
    for _ in range(20):
        circuit = after(circuit, Answer(Outcome.AWAY), NOON)
        pauses.append(circuit.open_until - NOON if circuit.open_until else timedelta(0))
    assert pauses[:4] == [timedelta(0)] * 4
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
    assert after(circuit, Answer(Outcome.NOT_FOUND), NOON).failures == 0
    assert after(Circuit(), Answer(Outcome.AWAY, is_about_question=True), NOON) == Circuit()


@given(
    per_minute=st.integers(1, 6000), burst=st.integers(1, 20), gaps=st.lists(st.floats(0, 3), min_size=1, max_size=40)
)
def test_no_more_leave_in_any_stretch_than_the_rate_and_its_burst_allow(per_minute, burst, gaps):
    circuit, now, times = Circuit(), NOON, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        leaves, circuit = slot(circuit, now, per_minute, burst)
        assert leaves >= now
        times.append(leaves)
    interval = 60 / per_minute
    for (first, one), (last, other) in itertools.combinations(enumerate(times), 2):
        assert (other - one).total_seconds() >= (last - first - burst + 1) * interval - 1e-4


TALLIES = st.builds(
    lambda asked, share, paid: (asked, round(asked * share), paid * asked),
    st.integers(30, 500), st.floats(0, 1), st.integers(0, 100_000),
)  # fmt: skip


@given(records=st.lists(TALLIES, min_size=2, max_size=4))
def test_the_proposed_order_is_the_cheapest_of_all_orders(records):
    names = "abcd"[: len(records)]
    tallies = {
        (name, "email"): Tally(name, "email", asked=asked, hits=hits, cost=cost)
        for name, (asked, hits, cost) in zip(names, records, strict=True)
    }
    found = proposal("email", list(names), tallies)
    best = min(expected_cost([tallies[name, "email"] for name in order]) for order in itertools.permutations(names))
    assert found.expected_proposed == pytest.approx(best)


def test_nothing_is_concluded_from_a_few_calls_and_who_is_rarely_right_comes_last():
    few = {
        ("a", "email"): Tally("a", "email", asked=5, hits=1),
        ("b", "email"): Tally("b", "email", asked=500, hits=400),
    }
    found = proposal("email", ["a", "b"], few)
    assert (found.reason, found.short, found.proposed) == ("too_little", ("a",), ("a", "b"))
    wrong = {
        ("a", "email"): Tally("a", "email", asked=400, hits=380, right=2, wrong=60, cost=0),
        ("b", "email"): Tally("b", "email", asked=400, hits=200, right=40, wrong=2, cost=4_000_000),
    }
    assert proposal("email", ["a", "b"], wrong).proposed == ("b", "a")
