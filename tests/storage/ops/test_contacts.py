"""Contacts: one for each address, completed under a policy, moved through the funnel with a history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from domain.contacts import EmailAddress, LifecycleStage
from domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from domain.merging import ContactFacts, MergePolicy
from domain.tenancy import Scope
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.organizations import Organizations
from storage.ops.tables import ChangeLog, Contact
from tests.factories import SYSTEM, TESTER, make_agency_with_client, make_contact, make_organization

ADA = EmailAddress.parse("ada@lovelace.example")


@pytest.fixture
def scope(store):
    return Scope.of(make_organization(store).organization_id)


def test_the_same_address_is_the_same_person(store, scope):
    with store.write(scope, TESTER) as work:
        first = Contacts(work).upsert(ContactFacts(email=ADA, first_name="Ada"), source="form")
        second = Contacts(work).upsert(ContactFacts(email=ADA, last_name="Lovelace"), source="form")
        assert (first.outcome, second.outcome) == ("created", "updated")
        assert second.contact.contact_id == first.contact.contact_id
        assert second.before == {"last_name": ""}


def test_the_hash_of_the_address_is_keyed_by_the_organization(store):
    family = make_agency_with_client(store)
    here, there = (
        make_contact(store, found.organization_id, email=ADA.value) for found in (family.agency, family.client)
    )
    assert here.email_hash != there.email_hash
    with store.read(SYSTEM) as work:
        key = Organizations(work).hash_key(family.agency.organization_id)
        assert ADA.hashed(key) == here.email_hash


def test_a_lead_without_an_address_is_kept_under_its_external_id_and_gets_one_later(store, scope):
    make_contact(store, scope.organization_id, email=None, external_id="CRM-7", first_name="Ada")
    with store.write(scope, TESTER) as work:
        done = Contacts(work).upsert(ContactFacts(email=ADA, external_id="CRM-7"), source="import")
        assert done.outcome == "updated"
        assert (done.contact.email, bool(done.contact.email_hash)) == (ADA.value, True)
        assert done.before == {"email": None, "email_hash": None}


def test_an_address_and_an_external_id_of_two_people_are_a_conflict(store, scope):
    make_contact(store, scope.organization_id, email=ADA.value)
    make_contact(store, scope.organization_id, email=None, external_id="CRM-7")
    with pytest.raises(Conflict, match="two contacts"), store.write(scope, TESTER) as work:
        Contacts(work).upsert(ContactFacts(email=ADA, external_id="CRM-7"), source="import")


def test_a_contact_that_nobody_could_find_again_is_refused(store, scope):
    with pytest.raises(InvalidInput), store.write(scope, TESTER) as work:
        Contacts(work).upsert(ContactFacts(first_name="Ada"), source="api")


def test_a_contact_that_was_deleted_comes_back_when_they_do(store, scope, clock):
    made = make_contact(store, scope.organization_id, email=ADA.value)
    with store.write(scope, TESTER) as work:
        Contacts(work).get(made.contact_id).deleted_at = clock()
    with store.write(scope, TESTER) as work:
        done = Contacts(work).upsert(ContactFacts(email=ADA), source="form")
        assert (done.outcome, done.contact.deleted_at) == ("updated", None)


def test_two_who_create_the_same_person_at_once_make_one_on_postgresql(store, scope):
    if store.dialect != "postgresql":
        pytest.skip("on SQLite one writer waits for the other")
    import threading

    started, made = threading.Event(), []

    def create_too():
        with store.write(scope, TESTER) as work:
            started.set()
            made.append(Contacts(work).upsert(ContactFacts(email=ADA, title="Countess"), source="form"))

    with store.write(scope, TESTER) as work:
        first = Contacts(work).upsert(ContactFacts(email=ADA), source="identify")
        other = threading.Thread(target=create_too)
        other.start()  # it waits at the unique address until this unit of work ends
        assert started.wait(10)
    other.join(20)
    assert made[0].outcome == "updated"
    assert made[0].contact.contact_id == first.contact.contact_id


def test_entering_a_stage_leaves_history_and_a_line_in_the_timeline(store, scope, clock):
    made = make_contact(store, scope.organization_id, email=ADA.value, stage=LifecycleStage.VISITOR)
    clock.now += timedelta(days=2)
    with store.write(scope, TESTER) as work:
        contacts = Contacts(work)
        contact = contacts.get(made.contact_id)
        assert contacts.move_to(contact, LifecycleStage.MQL, reason="score")
        assert not contacts.move_to(contact, LifecycleStage.LEAD, reason="import")
        assert contacts.move_to(contact, LifecycleStage.LOST, reason="no budget")
        assert contacts.move_to(contact, LifecycleStage.LEAD, reason="came back")
    with store.read(scope) as work:
        history = Contacts(work).history_of(made.contact_id)
        assert [(row.from_stage, row.to_stage) for row in history] == [
            (None, "visitor"),
            ("visitor", "mql"),
            ("mql", "lost"),
            ("lost", "lead"),
        ]
        lines = Activities(work).of_contact(made.contact_id)
        assert [line.kind for line in lines] == ["stage_change"] * 3
        assert (lines[0].actor_kind, lines[0].is_automated) == ("human", False)


def test_history_told_later_keeps_when_it_happened_and_when_it_was_known(store, scope, clock):
    then = clock() - timedelta(days=30)
    with store.write(scope, TESTER) as work:
        done = Contacts(work).upsert(ContactFacts(email=ADA), source="import", occurred_at=then)
        (row,) = Contacts(work).history_of(done.contact.contact_id)
        assert (done.contact.known_at, row.occurred_at, row.known_at) == (then, then, clock())


def test_an_agency_reads_its_clients_people_but_does_not_write_them(store):
    family = make_agency_with_client(store)
    made = make_contact(store, family.client.organization_id)
    with store.read(family.agency_scope) as work:
        assert Contacts(work).get(made.contact_id).contact_id == made.contact_id
    with pytest.raises(NotFound), store.write(family.agency_scope, TESTER) as work:
        contact = Contacts(work).get(made.contact_id)
        Contacts(work).move_to(contact, LifecycleStage.MQL, reason="score")
    with pytest.raises(NotAllowed), store.write(family.agency_scope, TESTER) as work:
        Contacts(work).upsert(ContactFacts(email=ADA), source="api", organization_id=family.client.organization_id)


def test_many_contacts_are_written_at_once_with_their_changes(store, scope, clock):
    rows = [
        {"email": f"p{number}@example.com", "known_at": clock(), "source": "history", "attributes": {"n": number}}
        for number in range(500)
    ]
    with store.write(scope, TESTER) as work:
        written = Contacts(work).insert_many(rows)
    assert len({row["contact_id"] for row in written}) == 500
    with store.read(scope) as work:
        found = Contacts(work).find_by_email(EmailAddress.parse("p7@example.com"))
        assert (found.lifecycle_stage, found.attributes, found.created_at) == ("lead", {"n": 7}, clock())
        assert work.session.scalar(select(func.count()).select_from(ChangeLog)) == 501  # and the organization


def test_overwriting_is_for_those_who_may(store, scope):
    make_contact(store, scope.organization_id, email=ADA.value, first_name="Ada")
    told = ContactFacts(email=ADA, first_name="Augusta")
    with store.write(scope, TESTER) as work:
        assert Contacts(work).upsert(told, source="identify").contact.first_name == "Ada"
        done = Contacts(work).upsert(told, source="form", policy=MergePolicy.OVERWRITE)
        assert done.contact.first_name == "Augusta"
    with store.read(scope) as work:
        assert work.session.scalars(select(Contact)).one().first_name == "Augusta"
