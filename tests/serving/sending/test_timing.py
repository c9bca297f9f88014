"""A sequence that waits for the best hour: who waits, until when, with which reason, and what it brought."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from domain.outreach.send_times import ARM, BEST, RANDOM
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.outbox import MessageEvents, event_of
from storage.ops.tables import Enrolment, OutboxMessage
from tests.factories import SYSTEM, TESTER, make_contact
from tests.factories.outreach import HELLO, enrol_all, make_outcomes, make_sequence

TIMING = {"best_hour": True, "wait_at_most_hours": 168, "random_share": 0.5}


@pytest.fixture
def history(store, mailbox, clock):
    """Thirty messages in each of twelve hours of the week before last; most of those at one hour of Thursday were answered."""
    best = (clock.now - timedelta(days=clock.now.weekday() + 11)).replace(hour=10, minute=0)  # a Thursday
    ids = make_outcomes(store, mailbox, sent=360, at=best)
    with store.write(SYSTEM, TESTER) as work:
        for number in range(12):
            part = ids[number::12]
            at = best + timedelta(hours=number)
            work.session.execute(
                update(OutboxMessage).where(OutboxMessage.outbox_message_id.in_(part)).values(sent_at=at)
            )
            answered = part[: 25 if number == 0 else 1]
            rows = work.session.scalars(select(OutboxMessage).where(OutboxMessage.outbox_message_id.in_(answered)))
            events = [event_of(one, "replied", at, f"r:{one.outbox_message_id}") for one in rows]
            MessageEvents(work).add_all(events, mailbox.organization_id)
    return best


@pytest.fixture
def twelve(store, agency):
    """Twelve people in such a sequence."""
    sequence = make_sequence(store, agency, HELLO, timing=TIMING, window={
        day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")} | {"time_zone": "UTC"})  # fmt: skip
    people = [make_contact(store, agency, email=f"p{number}@lovelace.example").contact_id for number in range(12)]
    enrol_all(store, sequence, people)
    return sequence


def standing(store, sequence):
    with store.read(SYSTEM) as work:
        return list(work.session.scalars(select(Enrolment).where(Enrolment.sequence_id == sequence.sequence_id)))


def test_each_waits_for_the_best_hour_or_a_random_one_and_leaves_then_with_the_reason(
    store, history, twelve, run, clock, sink, api
):
    run()
    waiting = [one for one in standing(store, twelve) if one.reason in {BEST, RANDOM}]
    assert {one.arms[ARM] for one in waiting} == {BEST, RANDOM}
    best = [one for one in waiting if one.reason == BEST]
    assert {(one.next_at.weekday(), one.next_at.hour) for one in best} == {(3, 10)}
    assert best[0].detail["send_time"].startswith("Thu 10:00 chosen: ")
    gone = len(sink.envelopes)
    clock.now = best[0].next_at
    run()
    assert len(sink.envelopes) >= gone + len(best)
    with store.read(SYSTEM) as work:
        lines = Decisions(work).about("enrolment", best[0].enrolment_id)
    assert {(line.outcome, line.reason) for line in lines} >= {("wait", BEST), ("send", "allowed:hello")}
    assert all("Thu 10:00 chosen" in line.detail["send_time"] for line in lines if line.kind == "send")
    clock.now += timedelta(days=30)
    run()
    assert len(sink.envelopes) == 12
    (found,) = api.get(f"/v1/sequences/{twelve.sequence_id}/splits").json()["items"]
    assert (found["split_id"], found["outcome"]) == (ARM, "unknown")
    assert sum(arm["exposed"] for arm in found["arms"]) == 12
    assert [arm["arm_id"] for arm in found["arms"]] == [RANDOM, BEST]


def test_where_nothing_is_known_yet_whoever_is_not_held_out_leaves_at_once(store, mailbox, twelve, run, sink):
    run()
    found = standing(store, twelve)
    assert {one.reason for one in found if one.arms[ARM] == BEST} == {""}
    assert len(sink.envelopes) >= sum(one.arms[ARM] == BEST for one in found) > 0
