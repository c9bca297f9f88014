"""A mailbox whose messages come back is paused by the rule, with its reason, and let go on by a person alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.decisions import DecisionKind
from domain.outreach.health import Outcomes
from domain.tenancy import Role, Scope
from serving.jobs.judge_health import queue_health
from serving.worker import Worker
from storage.ops.repositories.mailbox_outcomes import MailboxOutcomes
from storage.ops.repositories.mailboxes import Mailboxes
from storage.ops.repositories.outbox import MessageEvents, event_of
from storage.ops.tables import DecisionLedger, Notification, OutboxMessage
from tests.factories import SYSTEM, TESTER
from tests.factories.outreach import FREE, HELLO, make_enrolment, make_mailbox, make_outcomes, make_sequence


@pytest.fixture
def judge(store, settings, clock):
    """Lets the worker look, as it does every quarter of an hour; answers how many organizations were due."""

    def looked() -> int:
        due = queue_health(store, clock)
        Worker(store, settings, clock=clock).drain()
        return due

    return looked


def of(store, mailbox):
    with store.read(SYSTEM) as work:
        return Mailboxes(work).get(mailbox.mailbox_id)


def lines(store, kind: DecisionKind):
    with store.read(SYSTEM) as work:
        found = work.session.scalars(
            select(DecisionLedger)
            .where(DecisionLedger.kind == kind.value, DecisionLedger.actor_kind == "system")
            .order_by(DecisionLedger.decided_at, DecisionLedger.decision_id)
        )
        return [(one.outcome, one.reason) for one in found]


def test_one_in_twenty_that_bounces_pauses_the_mailbox_once_and_tells_who_can_do_something(
    store, mailbox, judge, clock, sign_in, agency, run
):
    admin = sign_in(agency, Role.ADMIN)
    make_outcomes(store, mailbox, sent=60, bounces=3)
    assert judge() == 1
    found = of(store, mailbox)
    assert (found.status, found.health_band) == ("paused", "quarantine")
    assert found.status_reason == "5.00% of messages bounced: 3 of 60 within 7 days"
    clock.now += timedelta(minutes=14)
    assert judge() == 0
    clock.now += timedelta(minutes=2)
    assert judge() == 1
    assert lines(store, DecisionKind.SWITCH) == [("paused", "bounces")]
    assert lines(store, DecisionKind.HEALTH) == []
    with store.read(SYSTEM) as work:
        assert [one.title for one in work.session.scalars(select(Notification))] == ["ada@agency.example was paused"]
    make_enrolment(store, make_sequence(store, agency, HELLO), email="ada@lovelace.example")
    assert run() == 0
    shown = admin.get("/v1/mailboxes").json()["items"][0]
    assert (shown["is_stopped_for_health"], shown["switched"]["by"], shown["health"]["reason"]) == (True, "", "bounces")
    assert {one["measure"]: one["found"] for one in shown["health"]["readings"]} == {"bounces": 3, "complaints": 0}


def test_what_a_person_lets_go_on_is_judged_by_what_it_sends_from_then_on(
    store, mailbox, judge, clock, sign_in, agency
):
    admin = sign_in(agency, Role.ADMIN)
    make_outcomes(store, mailbox, sent=60, bounces=12)
    judge()
    path = f"/v1/mailboxes/{mailbox.mailbox_id}/switch"
    shown = admin.post(path, json={"status": "connected", "reason": "The list is clean now"}).json()
    assert (shown["status"], shown["health"]["band"]) == ("connected", "unknown")
    assert (shown["switched"]["why"], shown["switched"]["outcome"]) == ("The list is clean now", "connected")
    assert of(store, mailbox).ramp_began_on == clock.now.date()
    clock.now += timedelta(hours=1)
    judge()
    assert of(store, mailbox).status == "connected"
    make_outcomes(store, mailbox, sent=49, bounces=49)
    clock.now += timedelta(hours=1)
    judge()
    assert of(store, mailbox).health_band == "unknown"
    make_outcomes(store, mailbox, sent=1)
    clock.now += timedelta(hours=1)
    judge()
    assert of(store, mailbox).status == "paused"


def test_what_a_person_paused_stays_as_they_left_it(store, mailbox, judge, clock, agency):
    with store.write(Scope.of(agency), TESTER) as work:
        Mailboxes(work).set_status(Mailboxes(work).get(mailbox.mailbox_id), "paused", "on holiday")
    make_outcomes(store, mailbox, sent=60, bounces=30)
    judge()
    assert (of(store, mailbox).status_reason, of(store, mailbox).health_band) == ("on holiday", "blocked")
    clock.now += timedelta(days=40)
    judge()
    found = of(store, mailbox)
    assert (found.status, found.status_reason, found.health_band) == ("paused", "on holiday", "blocked")


def test_a_mailbox_that_is_watched_goes_on_at_half_of_its_messages_and_the_limit_has_a_name(
    store, agency, sink, judge, sign_in, clock
):
    watched = make_mailbox(store, agency, sink.port, "ben@agency.example", terms={**FREE, "per_day": 90})
    make_outcomes(store, watched, sent=60, bounces=2, at=clock.now - timedelta(days=2))
    judge()
    (shown,) = sign_in(agency, Role.ADMIN).get("/v1/mailboxes").json()["items"]
    assert (shown["standing"]["smallest"], shown["standing"]["room"]) == ("health", 45)
    assert lines(store, DecisionKind.HEALTH) == [("watch", "bounces")]
    make_outcomes(store, watched, sent=40, at=clock.now - timedelta(days=2))
    clock.now += timedelta(hours=1)
    judge()
    assert lines(store, DecisionKind.HEALTH) == [("watch", "bounces"), ("good", "better_numbers")]


def test_a_message_counts_once_on_the_day_it_left_and_a_full_mailbox_is_nobodys_fault(store, mailbox, agency, clock):
    twice, full, refused, called_spam = make_outcomes(
        store, mailbox, sent=4, bounces=1, complaints=1, at=clock.now - timedelta(days=6)
    )
    make_outcomes(store, mailbox, sent=2, bounces=1, at=clock.now - timedelta(days=8))
    with store.write(SYSTEM, TESTER) as work:
        told = work.session.get_one(OutboxMessage, refused)
        told.status, told.counted_at, told.sent_at = "refused", None, None
        reports = [
            (twice, "bounced", {"bounce": "block"}),
            (full, "bounced", {"bounce": "soft"}),
            (refused, "refused", {"class": "blocked"}),
            (called_spam, "replied", {}),
        ]
        MessageEvents(work).add_all(
            [
                event_of(work.session.get_one(OutboxMessage, key), kind, clock.now, f"again:{key}", detail)
                for key, kind, detail in reports
            ],
            agency,
        )
    with store.read(Scope.of(agency)) as work:
        found = MailboxOutcomes(work).of_mailboxes([mailbox.mailbox_id], clock.now)[mailbox.mailbox_id]
    assert found == (Outcomes(tried=4, bounces=2, complaints=1), Outcomes(tried=6, bounces=3, complaints=1))
