"""What sequences do about people whose address is corrected, or who are archived."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from domain.contacts import EmailAddress
from domain.tenancy import Scope
from serving.sending.deciding import look
from storage.ops.repositories.consents import Suppressions
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.sequences import Sequences
from storage.ops.tables import OutboxMessage
from tests.factories import SYSTEM, TESTER, make_contact
from tests.factories.outreach import HELLO, enrol_all, enrolments_of, make_enrolment, make_sequence

OLD, NEW = "ada@gmial.example", "ada@lovelace.example"


@pytest.fixture
def correct(api):
    """`correct(contact_id)` gives somebody the new address."""

    def patched(contact_id: str) -> None:
        answer = api.patch(f"/v1/contacts/{contact_id}", json={"email": NEW})
        assert answer.status_code == 200, answer.text

    return patched


@pytest.fixture
def suppressed(store, agency):
    """`suppressed(reason)` answers the id of somebody who is not written to at the old address."""

    def made(reason: str) -> str:
        contact_id = make_contact(store, agency, email=OLD).contact_id
        with store.write(Scope.of(agency), TESTER) as work:
            Suppressions(work).add("email", OLD, reason=reason, contact_id=contact_id)
        return contact_id

    return made


@pytest.fixture
def queued(store, agency, settings, mailbox, clock):
    """Somebody's enrolment whose first message was decided and waits for its turn."""
    sequence = make_sequence(store, agency, HELLO)
    one = make_enrolment(store, sequence, email=OLD)
    with store.read(SYSTEM) as work:
        (due,) = Sequences(work).looks_due(clock(), limit=5)
    assert look(store, settings, due).sent == 1
    return sequence, one


def statuses(store):
    with store.read(SYSTEM) as work:
        asked = select(OutboxMessage.attempt, OutboxMessage.status).order_by(OutboxMessage.attempt)
        return [tuple(row) for row in work.session.execute(asked)]


def test_a_message_that_waits_goes_to_the_new_address_and_once(store, queued, correct, run, sink):
    sequence, one = queued
    correct(one.contact_id)
    assert run() == 1
    assert (len(sink.to(OLD)), len(sink.to(NEW))) == (0, 1)
    assert statuses(store) == [(1, "cancelled"), (2, "sent")]
    assert enrolments_of(store, sequence)[one.contact_id].status == "finished"
    assert run() == 0


def test_whoever_asked_to_be_left_alone_at_the_old_address_is_left_alone_at_the_new(
    store, agency, mailbox, suppressed, correct, run, sink
):
    contact_id = suppressed("unsubscribed")
    correct(contact_id)
    enrol_all(store, make_sequence(store, agency, HELLO), [contact_id])
    assert run() == 0
    assert sink.messages == []
    with store.read(SYSTEM) as work:
        told = [line for line in Decisions(work).about("contact", contact_id) if line.kind == "suppress"]
        assert [(line.reason, line.detail["source"]) for line in told] == [("unsubscribed", "former_address")]


def test_an_agencys_word_about_the_old_address_holds_for_a_clients_contact_at_the_new(
    store, family, mailbox, sign_in, run, sink
):
    client = family.client.organization_id
    contact_id = make_contact(store, client, email=OLD).contact_id
    with store.write(family.agency_scope, TESTER) as work:
        Suppressions(work).add("email", OLD, reason="complained")
    assert sign_in(client).patch(f"/v1/contacts/{contact_id}", json={"email": NEW}).status_code == 200
    with store.read(Scope.of(client)) as work:
        assert [found.reason for found in Suppressions(work).of_address(EmailAddress(NEW))] == ["complained"]


def test_a_dead_address_says_nothing_of_the_corrected_one(store, agency, mailbox, suppressed, correct, run, sink):
    contact_id = suppressed("hard_bounce")
    correct(contact_id)
    enrol_all(store, make_sequence(store, agency, HELLO), [contact_id])
    assert run() == 1
    assert len(sink.to(NEW)) == 1


def test_somebody_archived_leaves_every_sequence_and_what_waits_goes_nowhere(store, queued, api, run, sink):
    sequence, one = queued
    answer = api.post("/v1/contacts/archive", json={"ids": [one.contact_id]})
    assert answer.json()["changed_count"] == 1
    assert run() == 0
    assert sink.messages == []
    found = enrolments_of(store, sequence)[one.contact_id]
    assert (found.status, found.reason) == ("stopped", "contact_gone")
    with store.read(SYSTEM) as work:
        lines = Decisions(work).about("enrolment", one.enrolment_id)
        assert ("stop", "contact_gone") in {(line.outcome, line.reason) for line in lines}
    api.post("/v1/contacts/restore", json={"ids": [one.contact_id]})
    assert run() == 0, "nobody goes on by themselves"
