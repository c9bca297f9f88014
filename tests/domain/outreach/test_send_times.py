"""The hour at which people answer: found where there is one, not made up where there is none, and never outside windows."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.outreach.send_times import BEST, HOUR, RANDOM, Rates, Sent, Timing, choose, hour_of, narrowed, pooled, tally
from domain.working_hours import parse_working_hours

NOW = datetime(2026, 3, 30, 9, tzinfo=UTC)  # a Monday
OFFICE = parse_working_hours({day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}, "UTC")
TUESDAY_TEN = 24 + 10
TIMING = Timing(best_hour=True)


def world(seed: int, share_at, messages: int = 3_000) -> list[Sent]:
    """Messages in office hours of the last eight weeks; `share_at(hour)` of them are answered."""
    chance = random.Random(seed)
    found = []
    for _ in range(messages):
        at = (
            NOW
            - timedelta(days=7 * chance.randint(1, 8))
            + timedelta(days=chance.randrange(5), hours=chance.randrange(8))
        )
        if NOW - at >= timedelta(days=3):
            found.append(Sent(at, chance.random() < share_at(hour_of(at))))
    return found


def rates_of(seed: int, share_at, messages: int = 3_000) -> Rates:
    return pooled(tally(world(seed, share_at, messages), NOW))


def chosen(
    rates: Rates, arm: str = BEST, now: datetime = NOW, due_at: datetime = NOW, zone: str = "UTC", seed: str = "a"
):
    return choose(TIMING, arm, rates, [OFFICE], zone, due_at=due_at, now=now, seed=seed)


@pytest.mark.parametrize("seed", range(5))
def test_the_best_hour_of_a_world_that_has_one_is_found(seed):
    rates = rates_of(seed, lambda hour: 0.30 if hour == TUESDAY_TEN else 0.05)
    assert rates.is_known
    assert max(range(168), key=rates.by_hour.__getitem__) == TUESDAY_TEN
    found = chosen(rates)
    assert found.at == NOW + timedelta(days=1, hours=1)
    assert found.why.startswith("Tue 10:00 chosen: ")


def test_in_worlds_without_one_it_says_that_it_cannot_know_and_nobody_waits():
    fooled = [seed for seed in range(60) if rates_of(seed, lambda _: 0.08, 1_500).is_known]
    assert len(fooled) <= 1
    found = chosen(rates_of(61, lambda _: 0.08))
    assert (found.at, found.why[:25]) == (NOW, "no best hour is known: ho")


def test_of_few_answers_nothing_is_concluded_however_clear_they_look():
    few = [Sent(NOW - timedelta(days=6) + HOUR, True) for _ in range(10)]
    none = [Sent(NOW - timedelta(days=6) + 2 * HOUR, False) for _ in range(100)]
    assert not pooled(tally(few + none, NOW)).is_known


def test_what_may_still_be_answered_does_not_count_and_old_messages_weigh_less():
    ages = (1, 10, 100, 400)
    found = tally([Sent(NOW - timedelta(days=age), True) for age in ages], NOW)
    assert sum(sent for sent, _ in found.values()) == pytest.approx(0.5 ** (10 / 90) + 0.5 ** (100 / 90))


def test_a_company_that_answers_at_another_hour_moves_away_from_the_rest_as_far_as_it_was_heard():
    rates = rates_of(3, lambda hour: 0.30 if hour == TUESDAY_TEN else 0.05)
    friday_three = 4 * 24 + 15
    little, much = ({friday_three: (n, n), TUESDAY_TEN: (n, 0.0)} for n in (1.0, 300.0))
    assert max(range(168), key=narrowed(rates, little).by_hour.__getitem__) == TUESDAY_TEN
    assert max(range(168), key=narrowed(rates, much).by_hour.__getitem__) == friday_three


@settings(max_examples=40, deadline=None)
@given(
    arm=st.sampled_from([BEST, RANDOM]),
    due=st.integers(0, 7 * 24 * 60),
    late=st.integers(0, 100 * 60),
    peak=st.integers(0, 167),
    seed=st.text("abc", max_size=3),
)
def test_a_message_leaves_in_an_open_hour_by_its_deadline_and_the_choice_holds_when_it_comes(
    arm, due, late, peak, seed
):
    due_at = NOW + timedelta(minutes=due)
    now = OFFICE.opens(due_at + timedelta(minutes=late))
    rates = Rates(0.05, tuple(0.4 if hour == peak else 0.05 for hour in range(168)), 50.0, 5_000.0, is_known=True)
    found = chosen(rates, arm, now, due_at, seed=seed)
    assert found.at >= now
    assert OFFICE.is_open(found.at)
    assert found.at <= max(now, due_at + timedelta(hours=TIMING.wait_at_most_hours))
    assert chosen(rates, arm, found.at, due_at, seed=seed).at == found.at


def test_random_hours_are_spread_over_the_open_ones_and_say_what_they_are():
    rates = rates_of(1, lambda _: 0.05, 100)
    found = [chosen(rates, RANDOM, seed=str(number)) for number in range(400)]
    assert {one.why for one in found} == {"random time: holdout"}
    assert len({one.at for one in found}) > 20


def test_about_the_stated_share_is_held_out_and_whoever_was_dealt_stays():
    arms = [TIMING.arm("s", str(number), None) for number in range(3_000)]
    assert 0.08 < arms.count(RANDOM) / 3_000 < 0.12
    assert TIMING.arm("s", "1", RANDOM) == RANDOM
