"""What a received message changes: the sequence, the address, the timeline, the owner's list, the ledger; once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from domain.contacts import EmailAddress
from domain.outreach.soft_bounces import SoftBounceRule
from domain.replies.intents import Intent
from domain.tenancy import Actor, Scope
from serving.sending.resting import put_rule
from storage.ops.repositories.consents import Suppressions
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.replies import InboundMessages
from storage.ops.tables import Activity, InboundMessage, MessageEvent, Suppression, Task
from tests.domain.replies.letters import report
from tests.factories import SYSTEM
from tests.serving.replies.conftest import ADA, SENT, Told


@pytest.fixture
def rows(store):
    def found(table):
        with store.read(SYSTEM) as work:
            return list(work.session.scalars(select(table)))

    return found


@pytest.fixture
def left_alone(store, written_to):
    def asked(address: str) -> bool:
        with store.read(Scope.of(written_to.organization_id)) as work:
            return Suppressions(work).holding(email=EmailAddress.parse(address)) is not None

    return asked


def kept(rows) -> InboundMessage:
    (row,) = rows(InboundMessage)
    return row


def test_an_answer_stops_the_sequence_and_is_on_the_timeline_and_on_somebodys_list(store, written_to, take_in, rows):
    assert take_in("Yes, let us talk.\n\n> Hello", in_reply_to=SENT) == "human"
    state, row = written_to.state(), kept(rows)
    assert (state.status, state.reason) == ("stopped", "reply")
    assert (row.intent, row.matched_by, row.match_confidence, row.classified_by) == (
        "interested",
        "in_reply_to",
        0.99,
        "told",
    )
    assert [line.summary for line in rows(Activity) if line.kind == "email_reply"] == ["Replied: interested"]
    assert [(task.title, task.source) for task in rows(Task)] == [("Ada: interested", "reply")]
    assert [event.kind for event in rows(MessageEvent)] == ["replied"]
    assert rows(Suppression) == []
    with store.read(Scope.of(written_to.organization_id)) as work:
        assert [(one.outcome, one.reason) for one in Decisions(work).about("reply", row.inbound_message_id)] == [
            ("interested", "person")
        ]
        assert InboundMessages(work).contents([row])[row.inbound_message_id].written == "Yes, let us talk."


def test_the_same_message_twice_changes_nothing_more(take_in, rows):
    take_in(in_reply_to=SENT)
    before = [len(rows(table)) for table in (InboundMessage, Activity, Task, MessageEvent)]
    assert take_in(in_reply_to=SENT) == "known"
    assert [len(rows(table)) for table in (InboundMessage, Activity, Task, MessageEvent)] == before


@pytest.mark.parametrize(
    ("headers", "by", "confidence"),
    [
        ({"in_reply_to": "<other@x.example>", "references": f"{SENT} <other@x.example>"}, "references", 0.95),
        ({"references": SENT, "_from_": "Colleague <bob@lovelace.example>"}, "references", 0.95),
        ({"in_reply_to": "<rewritten@provider.example>"}, "sender_and_subject", 0.85),
        ({"subject": "Something else"}, "sender", 0.6),
    ],
)
def test_an_answer_is_matched_by_the_best_key_it_has(written_to, take_in, rows, headers, by, confidence):
    headers = {name.replace("_from_", "from_"): value for name, value in headers.items()}
    take_in(**headers)
    row = kept(rows)
    assert (row.matched_by, row.match_confidence, row.contact_id) == (by, confidence, written_to.contact_id)
    assert written_to.state().status == "stopped"


def test_mail_that_answers_nothing_of_ours_is_seen_and_not_kept(written_to, take_in, rows):
    take_in("Dear Ada, your invoice", from_="billing@shop.example", subject="Invoice")
    row = kept(rows)
    assert (row.is_answer, row.sealed_content, row.contact_id, row.intent) == (False, None, None, "")
    assert written_to.state().status == "active"
    assert rows(Task) == []


def test_who_wants_no_more_mail_gets_none_whatever_the_classifier_says(written_to, take_in, rows, left_alone):
    take_in("Sounds great, but please take me off your list.", in_reply_to=SENT, from_="ada.private@home.example")
    assert kept(rows).intent == "unsubscribe"
    assert [one.reason for one in rows(Suppression)] == ["unsubscribed", "unsubscribed"]
    assert left_alone(ADA)
    assert left_alone("ada.private@home.example")
    assert written_to.state().status == "stopped"
    assert rows(Task) == []


def test_a_demand_of_low_confidence_suppresses_and_is_left_to_a_person(take_in, rows):
    take_in("Hm.", in_reply_to=SENT, reader=Told(Intent.LEGAL, 0.4))
    assert kept(rows).intent == "unclear"
    assert [one.reason for one in rows(Suppression)] == ["unsubscribed"]
    assert [task.title for task in rows(Task)] == ["Ada: unclear"]


def test_not_now_is_a_task_for_the_day_that_was_named(take_in, rows):
    take_in("Write to me on 14 September please.", in_reply_to=SENT, reader=Told(Intent.NOT_NOW))
    (task,) = rows(Task)
    assert task.due_at.date() == kept(rows).again_on == date(2026, 9, 14)


def test_an_absence_pauses_until_the_day_of_return(written_to, take_in, rows, clock):
    take_in("I am out of the office and back on 16 March.", in_reply_to=SENT, auto_submitted="auto-replied")
    state = written_to.state()
    assert (state.status, state.reason) == ("paused", "auto_reply")
    assert state.next_at is not None
    assert state.next_at.date() >= date(2026, 3, 16)
    assert rows(Task) == []
    assert [event.kind for event in rows(MessageEvent)] == ["auto_replied"]


def test_who_has_left_is_not_written_to_again_and_somebody_looks_for_a_successor(written_to, take_in, rows):
    take_in("Ada no longer works here.", in_reply_to=SENT, auto_submitted="auto-replied")
    assert written_to.state().status == "stopped"
    assert [task.title for task in rows(Task)] == ["Ada: does not work there any more"]


def bounce(status: str, words: str, **more: str) -> bytes:
    raw = report(status, words, recipient=ADA, **more).parsed.as_bytes()
    return raw.replace(b"<first@agency.example>", SENT.encode())


def test_a_hard_bounce_suppresses_the_address_and_a_full_mailbox_does_not(written_to, take_in, rows, left_alone):
    take_in(raw=bounce("5.2.2", "552 5.2.2 mailbox full"))
    assert (rows(Suppression), written_to.state().status) == ([], "active")
    take_in(raw=b"X-Second: 1\n" + bounce("5.1.1", "550 5.1.1 user unknown"))
    assert [one.reason for one in rows(Suppression)] == ["hard_bounce"]
    assert left_alone(ADA)
    assert written_to.state().status == "stopped"
    assert [row.matched_by for row in rows(InboundMessage)] == ["report", "report"]


def test_a_delay_is_only_noted(written_to, take_in, rows):
    take_in(raw=bounce("4.4.1", "timed out", action="delayed"))
    assert (kept(rows).kind, written_to.state().status, rows(MessageEvent)) == ("delay", "active", [])


def test_a_complaint_suppresses(written_to, take_in, rows):
    body = (
        f"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nOriginal-Rcpt-To: {ADA}\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {SENT}\r\n\r\nHi\r\n--b--"
    )
    take_in(body, content_type='multipart/report; report-type=feedback-report; boundary="b"', from_="fbl@isp.example")
    assert [one.reason for one in rows(Suppression)] == ["complained"]
    assert written_to.state().status == "stopped"


def test_a_report_about_somebody_we_did_not_write_to_suppresses_nobody(written_to, take_in, rows):
    raw = bounce("5.1.1", "550 5.1.1 user unknown").replace(ADA.encode(), b"victim@elsewhere.example")
    take_in(raw=raw.replace(SENT.encode(), b"<not-ours@agency.example>"))
    assert (rows(Suppression), written_to.state().status) == ([], "active")


def test_an_old_address_is_no_thread_for_ever(take_in, rows, clock):
    take_in(subject="Long ago", at=clock() + timedelta(days=90))
    assert kept(rows).is_answer is False


@pytest.mark.parametrize(("status", "rests"), [("4.2.2", True), ("5.7.1", False)])
def test_reports_of_a_full_mailbox_let_the_address_rest_and_those_of_a_policy_do_not(
    store, written_to, take_in, left_alone, status, rests
):
    with store.write(Scope.of(written_to.organization_id), Actor("user", "u1")) as work:
        put_rule(work, SoftBounceRule(failures=1))
    words = "Mailbox full" if rests else "not allowed by policy"
    assert take_in(raw=report(status, f"452 {status} {words}", recipient=ADA).parsed.as_bytes()) == "bounce"
    assert left_alone(ADA) is rests
    assert written_to.state().status == ("paused" if rests else "active")
