"""Resend as the way out, against a server that keeps its promises about keys: what it is asked, what its answers mean, and
that a message leaves once however often its line breaks."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.outreach.retries import Reply, ReplyClass, classify
from domain.outreach.signals import Signal
from domain.tenancy import Role
from serving.mail.base import Uncertain
from serving.mail.transports.resend.transport import KNOWN_AGAIN, TAG, outcome_of
from serving.outside import Answer
from serving.sending.engine import Engine
from serving.sending.signalling import suppress
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.outbox import REPEATED
from storage.ops.tables import Enrolment, MessageEvent, OutboxMessage
from tests.factories import SYSTEM, TESTER, make_agency_with_client
from tests.factories.outreach import FREE, HELLO, make_enrolment, make_mailbox, make_sequence
from tests.mail_servers import naming
from tests.vendor_server import Said

ADA = "ada@lovelace.example"
KEY = "re_test_key"


class Resend:
    """What the documentation promises: a key names a message, whose second request gets the first answer. `scripted`:
    answers that come first; one that says `lost` is taken, and its answer never arrives."""

    def __init__(self) -> None:
        self.sent: dict[str, dict] = {}
        self.scripted: list[Said | str] = []

    def __call__(self, asked) -> Said:
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return Said({"name": "invalid_api_key", "message": "API key is invalid"}, 403)
        said = self.scripted.pop(0) if self.scripted else None
        if isinstance(said, Said):
            return said
        key = asked.headers["idempotency-key"]
        held = self.sent.setdefault(key, asked.body)
        if held != asked.body:
            return Said({"name": "invalid_idempotent_request", "message": "another body"}, 409)
        return Said({"id": f"id-{len(self.sent)}"}, after=0.6 if said == "lost" else 0.0)


@pytest.fixture
def server(vendors):
    vendors.forget()
    return vendors


@pytest.fixture
def resend(server):
    found = Resend()
    server.says("/emails", found)
    return found


@pytest.fixture
def port(server) -> int:
    return int(server.address.rpartition(":")[2])


@pytest.fixture
def settings(settings, port):
    return naming(settings, port, timeout_seconds=0.3)


@pytest.fixture
def agency(store):
    return make_agency_with_client(store, "Northwind").agency.organization_id


@pytest.fixture
def person(store, agency, port, resend):
    make_mailbox(store, agency, port, transport="resend", secrets={"smtp": KEY})
    return make_enrolment(store, make_sequence(store, agency, HELLO), ADA, first_name="Ada")


@pytest.fixture
def run(store, settings, clock):
    return lambda: Engine(store, settings, clock=clock).drain()


def found(store):
    """(message, kinds of its events) of the only one."""
    with store.read(SYSTEM) as work:
        (message,) = work.session.scalars(select(OutboxMessage))
        return message, [
            each.kind for each in work.session.scalars(select(MessageEvent).order_by(MessageEvent.message_event_id))
        ]


def test_a_message_goes_out_with_its_headers_its_key_and_a_tag_that_names_it(store, person, resend, run):
    assert run() == 1
    message, events = found(store)
    ((key, body),) = resend.sent.items()
    assert (message.status, message.reply_text, events) == ("sent", "taken as id-1", ["sent"])
    assert key == message.outbox_message_id
    assert (body["from"], body["to"], body["subject"]) == ("Ada <ada@agency.example>", [ADA], "Hi Ada")
    assert body["text"].startswith("Hello\n")
    assert body["tags"] == [{"name": TAG, "value": message.outbox_message_id}]
    assert set(body["headers"]) == {"List-Unsubscribe", "References"}
    assert body["headers"]["References"] == message.message_id


def test_an_answer_that_is_lost_is_asked_for_again_and_the_message_leaves_once(store, person, resend, server, run):
    resend.scripted = ["lost"]
    run()
    assert server.counted()["/emails"] == 2
    assert (len(resend.sent), found(store)[0].status) == (1, "sent")


def test_where_no_answer_comes_the_message_waits_and_is_handed_over_again_under_the_same_key(
    store, person, resend, run, clock
):
    resend.scripted = ["lost", "lost", "lost"]
    run()
    message, events = found(store)
    assert (message.status, message.counted_at, events) == ("retry", clock.now, ["deferred"])
    clock.now += timedelta(minutes=2)
    run()
    message, events = found(store)
    assert (message.status, events, len(resend.sent)) == ("sent", ["deferred", "sent"], 1)


def test_once_its_key_is_forgotten_nobody_can_know_and_it_is_not_sent_again(store, person, resend, server, run, clock):
    resend.scripted = ["lost", "lost", "lost"]
    run()
    asked = server.counted()["/emails"]
    clock.now += KNOWN_AGAIN
    run()
    with store.read(SYSTEM) as work:
        assert Enrolments(work).get(person.enrolment_id).reason == "message_unknown"
    assert (found(store)[0].status, server.counted()["/emails"]) == ("unknown", asked)


def test_what_may_have_left_to_somebody_who_is_left_alone_since_is_in_doubt_and_not_called_cancelled(
    store, agency, person, resend, run, clock
):
    resend.scripted = ["lost", "lost", "lost"]
    run()
    with store.write(SYSTEM, TESTER) as work:
        suppress(work, ADA, Signal.UNSUBSCRIBE, contact_id=person.contact_id, organization_id=agency, source="test")
    clock.now += timedelta(minutes=2)
    assert run() == 0
    assert found(store)[0].status == "unknown"


def test_an_api_that_is_busy_after_an_answer_was_lost_leaves_the_message_in_doubt(store, person, resend, run, clock):
    busy = Said({"name": "rate_limit_exceeded", "message": "slow down"}, 429, {"retry-after": "0"})
    resend.scripted = ["lost", busy, busy]
    run()
    assert (found(store)[0].status, found(store)[0].reply_class) == ("retry", REPEATED)
    resend.scripted = [busy, busy, busy]
    clock.now += timedelta(minutes=2)
    run()
    assert (found(store)[0].status, found(store)[0].reply_class) == ("retry", REPEATED)
    clock.now += KNOWN_AGAIN
    run()
    assert (found(store)[0].status, len(resend.sent)) == ("unknown", 1)


def test_a_busy_api_is_waited_for_and_a_spent_quota_puts_the_message_off(store, person, resend, server, run, clock):
    busy = Said({"name": "rate_limit_exceeded", "message": "slow down"}, 429, {"retry-after": "0"})
    spent = Said({"name": "daily_quota_exceeded", "message": "enough for today"}, 429, {"retry-after": "7200"})
    resend.scripted = [busy, spent]
    run()
    assert server.counted()["/emails"] == 2
    assert (found(store)[0].status, found(store)[0].reply_code) == ("retry", 452)
    clock.now += timedelta(hours=1)
    assert run() == 0
    clock.now += timedelta(hours=1, minutes=1)
    assert run() == 1


def test_a_key_that_is_refused_stops_the_mailbox(store, agency, port, resend, run):
    make_mailbox(store, agency, port, transport="resend", secrets={"smtp": "another"})
    make_enrolment(store, make_sequence(store, agency, HELLO), ADA)
    run()
    assert (found(store)[0].status, resend.sent) == ("retry", {})
    with store.read(SYSTEM) as work:
        assert work.session.scalars(select(Enrolment.reason)).all() == ["mailbox_broken"]


@pytest.mark.parametrize(
    ("status", "name", "means"),
    [
        (422, "missing_required_field", ReplyClass.REFUSED),
        (400, "validation_error", ReplyClass.REFUSED),
        (422, "invalid_from_address", ReplyClass.MAILBOX_BROKEN),
        (401, "missing_api_key", ReplyClass.MAILBOX_BROKEN),
        (403, "validation_error", ReplyClass.MAILBOX_BROKEN),
        (429, "rate_limit_exceeded", ReplyClass.LATER),
        (429, "monthly_quota_exceeded", ReplyClass.LATER),
        (404, "not_found", ReplyClass.LATER),
        (451, "security_error", ReplyClass.BLOCKED),
        (200, "", ReplyClass.ACCEPTED),
    ],
)
def test_each_answer_of_the_documentation_means_one_thing(status, name, means):
    outcome = outcome_of(Answer(status, f'{{"name": "{name}", "message": "words", "id": "1"}}'.encode(), {}))
    assert isinstance(outcome, Reply)
    assert classify(outcome) is means


@pytest.mark.parametrize(
    ("status", "name"), [(500, "application_error"), (503, ""), (409, "concurrent_idempotent_requests")]
)
def test_where_it_may_have_been_taken_it_is_asked_again_under_its_key(status, name):
    outcome = outcome_of(Answer(status, f'{{"name": "{name}"}}'.encode(), {}))
    assert isinstance(outcome, Uncertain)
    assert outcome.repeats_for == KNOWN_AGAIN


def test_a_key_that_was_used_for_other_words_is_never_tried_again():
    outcome = outcome_of(Answer(409, b'{"name": "invalid_idempotent_request", "message": "m"}', {}))
    assert isinstance(outcome, Uncertain)
    assert not outcome.repeats_for


def test_a_mailbox_of_resend_needs_its_key_only_which_never_comes_out(sign_in, agency):
    admin = sign_in(agency, Role.ADMIN)
    sent = {"address": "ada@agency.example", "transport": "resend", "terms": FREE}
    assert admin.post("/v1/mailboxes", json=sent).status_code == 422
    made = admin.post("/v1/mailboxes", json={**sent, "smtp_password": KEY})
    assert made.status_code == 201
    assert (made.json()["smtp"]["host"], made.json()["has_smtp_password"]) == ("api.resend.com", True)
    assert KEY not in made.text + admin.get("/v1/mailboxes").text + admin.get("/v1/audit").text


def test_a_test_through_resend_answers_in_its_words(sign_in, agency, settings, store, port, resend):
    made = make_mailbox(store, agency, port, transport="resend", secrets={"smtp": KEY})
    admin = sign_in(agency, Role.ADMIN)
    said = admin.post(f"/v1/mailboxes/{made.mailbox_id}/test", json={"to": "mara@agency.example"}).json()
    assert (said["is_accepted"], said["text"], said["is_signed"]) == (True, "taken as id-1", False)
    assert Counter(body["to"][0] for body in resend.sent.values()) == {"mara@agency.example": 1}
