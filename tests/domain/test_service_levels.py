"""Service levels: working time only, two clocks apart, each act once, and no machine stops a clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.service_levels import (
    Act,
    Clock,
    Policy,
    Running,
    Standing,
    acts_due,
    due_at,
    elapsed,
    is_touch,
    needs_score,
    next_look_at,
    parse_service_levels,
    policy_for,
    standing,
)
from domain.working_hours import DAYS, parse_working_hours

OFFICE = parse_working_hours({day: ["09:00-12:00", "13:00-17:00"] for day in DAYS[:5]}, "UTC")
MONDAY = datetime(2026, 3, 2, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = Policy(
    "hot", Clock.SPEED_TO_LEAD, 2 * HOUR, hours=OFFICE, warns_at=0.5, reassigns_after=HOUR, escalates_after=2 * HOUR,
    escalates_to="boss",
)  # fmt: skip


def test_the_clock_stands_over_lunch():
    running = Running(MONDAY)
    assert due_at(POLICY, running, MONDAY) == MONDAY.replace(hour=14)
    assert due_at(POLICY, running, MONDAY, 0.5) == MONDAY.replace(hour=12)
    assert elapsed(POLICY, running, MONDAY.replace(hour=12, minute=30)) == HOUR


@pytest.mark.parametrize(
    ("hour", "minute", "stands"),
    [(11, 30, Standing.ON_TRACK), (12, 30, Standing.AT_RISK), (14, 0, Standing.AT_RISK), (14, 1, Standing.BREACHED)],
)
def test_it_warns_before_it_is_breached(hour, minute, stands):
    assert standing(POLICY, Running(MONDAY), MONDAY.replace(hour=hour, minute=minute)) is stands


def test_a_touch_ends_it_in_time_or_not():
    in_time, late = Running(MONDAY, MONDAY.replace(hour=14)), Running(MONDAY, MONDAY.replace(hour=14, minute=1))
    assert standing(POLICY, in_time, MONDAY + 100 * HOUR) is Standing.MET
    assert standing(POLICY, late, MONDAY + 100 * HOUR) is Standing.MISSED
    assert acts_due(POLICY, late, [], MONDAY + 100 * HOUR) == []


def test_each_act_comes_in_its_turn_and_once():
    running, done = Running(MONDAY), []
    seen = []
    at = MONDAY
    while at < MONDAY + 30 * HOUR:
        for act in acts_due(POLICY, running, done, at):
            done.append(act)
            seen.append((act, at))
        at += timedelta(minutes=1)
    assert [act for act, _ in seen] == list(Act)
    assert [moment.strftime("%H:%M") for _, moment in seen] == ["12:00", "14:01", "15:00", "16:00"]


def test_a_worker_that_was_away_does_all_that_is_due_in_order():
    assert acts_due(POLICY, Running(MONDAY), [Act.WARN], MONDAY + 48 * HOUR) == [Act.BREACH, Act.REASSIGN, Act.ESCALATE]


def test_a_pause_does_not_count_and_nothing_is_due_during_it():
    paused = Running(MONDAY, paused=((MONDAY + timedelta(minutes=30), None),))
    assert standing(POLICY, paused, MONDAY + 100 * HOUR) is Standing.PAUSED
    assert due_at(POLICY, paused, MONDAY) is None
    over = Running(MONDAY, paused=((MONDAY + timedelta(minutes=30), MONDAY.replace(hour=15)),))
    assert due_at(POLICY, over, MONDAY) == MONDAY.replace(hour=16, minute=30)


def test_a_pause_that_ends_by_itself_moves_what_is_due_and_is_over_on_the_minute():
    snoozed = Running(MONDAY, paused=((MONDAY + timedelta(minutes=30), MONDAY.replace(hour=15)),))
    during = MONDAY.replace(hour=14)
    assert standing(POLICY, snoozed, during) is Standing.PAUSED
    assert due_at(POLICY, snoozed, during) == MONDAY.replace(hour=16, minute=30)
    assert acts_due(POLICY, snoozed, [], during) == []
    assert next_look_at(POLICY, snoozed, [], during) == MONDAY.replace(hour=15, minute=30, second=1)
    assert standing(POLICY, snoozed, MONDAY.replace(hour=15)) is Standing.ON_TRACK
    assert standing(POLICY, snoozed, MONDAY.replace(hour=16, minute=31)) is Standing.BREACHED


@pytest.mark.parametrize(
    ("facts", "waits"),
    [({}, True), ({"country": "DE"}, False), ({"score": 80.0, "band": "hot"}, False), ({"country": "FR"}, True)],
)
def test_a_promise_that_asks_for_a_score_waits_for_it_unless_another_one_holds_first(facts, waits):
    policies = parse_service_levels(
        {"policies": [
            {"name": "home", "clock": "speed_to_lead", "target_minutes": 5, "when": ["country:eq:DE"]},
            {"name": "far and hot", "clock": "speed_to_lead", "target_minutes": 5,
             "when": ["country:eq:AQ", "band:eq:hot"]},
            {"name": "hot", "clock": "speed_to_lead", "target_minutes": 5, "when": ["band:eq:hot"]},
        ]},
        [], "UTC",
    )  # fmt: skip
    assert needs_score(policies, Clock.SPEED_TO_LEAD, facts) is waits
    assert not needs_score(policies, Clock.REP, facts)


@given(
    st.integers(0, 10_000),
    st.integers(1, 600),
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 600)), max_size=3),
)
def test_what_is_due_is_when_the_target_is_used_up(start, target, pauses):
    begun = MONDAY + timedelta(minutes=start)
    spans, at = [], begun
    for wait, length in pauses:
        at += timedelta(minutes=wait)
        spans.append((at, at + timedelta(minutes=length)))
        at = spans[-1][1]
    running = Running(begun, paused=tuple(spans))
    policy = Policy("p", Clock.REP, timedelta(minutes=target), hours=OFFICE)
    due = due_at(policy, running, begun)
    assert due is not None
    assert elapsed(policy, running, due) == timedelta(minutes=target)


@pytest.mark.parametrize(
    ("kind", "actor", "is_auto_reply", "touches"),
    [
        ("call", "human", False, True),
        ("email", "human", False, True),
        ("email", "human", True, False),
        ("email", "system", False, False),
        ("email", "ai", False, False),
        ("note", "human", False, False),
        ("stage_change", "human", False, False),
    ],
)
def test_only_a_person_who_reaches_out_touches_a_lead(kind, actor, is_auto_reply, touches):
    assert is_touch(kind, actor, is_auto_reply=is_auto_reply) is touches


def test_the_first_policy_that_fits_holds():
    policies = parse_service_levels(
        {"policies": [
            {"name": "hot", "clock": "speed_to_lead", "target_minutes": 5, "when": ["band:eq:hot"]},
            {"name": "rest", "clock": "speed_to_lead", "target_minutes": 120},
            {"name": "rep", "clock": "rep", "target_minutes": 30, "escalates_after_minutes": 10, "escalates_to": "boss"},
        ]},
        ["boss"], "UTC",
    )  # fmt: skip
    assert policy_for(policies, Clock.SPEED_TO_LEAD, {"band": "hot"}).name == "hot"
    assert policy_for(policies, Clock.SPEED_TO_LEAD, {}).name == "rest"
    assert policy_for(policies, Clock.REP, {}).escalates_to == "boss"


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"clock": "stop"}, {"target_minutes": 0}, {"target_minutes": None}, {"target_minutes": 1.5}, {"warns_at": 0},
     {"escalates_after_minutes": 5}, {"escalates_to": "boss"}, {"escalates_after_minutes": 5, "escalates_to": "stranger"},
     {"when": ["moon:eq:full"]}, {"hours": {"mon": ["9"]}}, {"pauses_owner": True},
     {"pauses_owner": 1, "reassigns_after_minutes": 5}],
)  # fmt: skip
def test_a_policy_that_makes_no_sense_is_refused(wrong):
    good = {"name": "hot", "clock": "rep", "target_minutes": 5}
    assert parse_service_levels({"policies": [good]}, ["boss"], "UTC")
    with pytest.raises(InvalidInput):
        parse_service_levels({"policies": [good | wrong]}, ["boss"], "UTC")
