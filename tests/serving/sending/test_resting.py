"""An address that messages come back from again and again rests, says why, and is written to again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.outreach.soft_bounces import SoftBounceRule
from domain.tenancy import Actor, Role, Scope
from serving.sending.resting import SETTING, put_rule
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.outbox import MessageEvents, event_of
from storage.ops.tables import AuditEntry, Enrolment, OutboxMessage, Suppression
from tests.factories import SYSTEM, TESTER, make_contact
from tests.factories.outreach import HELLO, enrol_all, make_sequence

FULL = "full@lovelace.example"
LATER = {"id": "later", "type": "wait", "days": 40}


@pytest.fixture
def full(store, agency, mailbox, run, clock):
    """`full(times)` writes so often to somebody whose mailbox is full, a day apart; answers their id."""
    contact_id = make_contact(store, agency, email=FULL).contact_id

    def written_to(times: int) -> str:
        for _ in range(times):
            sequence = make_sequence(store, agency, HELLO, name=str(clock.now), entry={"exclusivity": "none"})
            assert enrol_all(store, sequence, [contact_id]) == {}
            assert run() == 1
            clock.now += timedelta(days=1)
        return contact_id

    return written_to


@pytest.fixture
def on_the_way(store, agency):
    """`on_the_way(contact_id)` puts them into a sequence whose message is due in forty days; answers how it stands."""
    sequence = make_sequence(store, agency, LATER, HELLO, name="Slow", entry={"exclusivity": "none"})

    def standing(contact_id: str) -> Enrolment:
        enrol_all(store, sequence, [contact_id])
        with store.read(SYSTEM) as work:
            return work.session.scalars(select(Enrolment).where(Enrolment.sequence_id == sequence.sequence_id)).one()

    return standing


def lines(store, contact_id):
    with store.read(SYSTEM) as work:
        told = [one for one in Decisions(work).about("contact", contact_id) if one.kind == "suppress"]
    return [(one.outcome, one.reason, one.detail.get("failures")) for one in reversed(told)]


def test_the_third_failure_within_the_days_lets_the_address_rest_and_one_line_says_so(
    store, agency, clock, full, on_the_way, run, sink
):
    contact_id = full(2)
    on_the_way(contact_id)
    assert lines(store, contact_id) == []
    full(1)
    assert lines(store, contact_id) == [("rests", "soft_bounces", 3)]
    found, until = on_the_way(contact_id), clock.now + timedelta(days=29)
    assert (found.status, found.reason) == ("paused", "soft_bounces")
    assert (found.detail["failures"], found.detail["within_days"]) == (3, 30)
    assert found.next_at == until
    clock.now = until
    assert run() == 0
    assert on_the_way(contact_id).status == "active"
    clock.now += timedelta(days=40)
    assert run() == 1


@pytest.mark.parametrize("sign", ["replied", "delivered"])
def test_a_sign_of_life_begins_the_count_anew(store, agency, clock, full, sign):
    contact_id = full(2)
    with store.write(SYSTEM, TESTER) as work:
        message = work.session.scalars(select(OutboxMessage).limit(1)).first()
        MessageEvents(work).add_all([event_of(message, sign, clock.now, sign)], agency)
    clock.now += timedelta(minutes=1)
    full(2)
    assert lines(store, contact_id) == []
    full(1)
    assert lines(store, contact_id) == [("rests", "soft_bounces", 3)]


def test_the_rule_is_the_organizations_and_a_change_of_it_is_answered_for(store, agency, full):
    with store.write(Scope.of(agency), Actor("user", "u1")) as work:
        put_rule(work, SoftBounceRule(failures=1, within_days=7, rests_days=90))
        assert [row.entity for row in work.session.scalars(select(AuditEntry))][-1] == "setting"
    contact_id = full(1)
    assert lines(store, contact_id) == [("rests", "soft_bounces", 1)]
    assert SETTING == "soft_bounces"


def test_a_person_lets_an_address_be_written_to_again_and_only_one_that_rests(
    store, agency, sign_in, full, on_the_way, clock
):
    contact_id = full(2)
    on_the_way(contact_id)
    full(1)
    person, path = sign_in(agency, Role.OPERATOR), f"/v1/contacts/{contact_id}"
    (held,) = person.get(path).json()["suppressions"]
    assert (held["reason"], held["until"][:10]) == ("soft_bounces", f"{clock.now + timedelta(days=29):%Y-%m-%d}")
    enrolment_id = on_the_way(contact_id).enrolment_id
    told = person.get(f"/v1/enrolments/{enrolment_id}/diagnosis").json()
    assert (told["reason"], told["detail"]["failures"]) == ("soft_bounces", 3)
    assert person.post(f"{path}/write-again").status_code == 204
    assert on_the_way(contact_id).status == "active"
    assert person.get(path).json()["suppressions"] == []
    assert person.post(f"{path}/write-again").status_code == 409
    with store.read(SYSTEM) as work:
        assert work.session.scalars(select(Suppression)).one().lifted_by is not None
    assert lines(store, contact_id)[-1] == ("written_to_again", "by_hand", None)
    full(2)  # what failed before that is forgotten
    assert person.get(path).json()["suppressions"] == []
