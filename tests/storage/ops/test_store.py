"""The store: one commit, all or nothing, under a scope."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from domain.contacts import EmailAddress
from domain.errors import InvalidInput
from domain.merging import ContactFacts, MergePolicy
from domain.tenancy import Actor, Scope
from storage.ops.repositories.contacts import Contacts
from storage.ops.store import Overtaken
from storage.ops.tables import ChangeLog, Contact
from tests.factories import SYSTEM, TESTER, make_agency_with_client, make_contact, make_organization

ADA = EmailAddress.parse("ada@lovelace.example")
GRACE = EmailAddress.parse("grace@hopper.example")


def test_a_failed_unit_of_work_saves_nothing(store):
    agency = make_organization(store)
    scope = Scope.of(agency.organization_id)
    with pytest.raises(InvalidInput), store.write(scope, Actor.system("test")) as work:
        Contacts(work).upsert(ContactFacts(email=ADA), source="api")
        raise InvalidInput("stop here")
    with store.read(scope) as work:
        assert Contacts(work).find_by_email(ADA) is None
        assert work.session.scalars(select(ChangeLog).where(ChangeLog.entity == "contact")).all() == []


def test_a_contact_is_found_again_by_address_and_by_external_id(store):
    agency = make_organization(store)
    made = make_contact(store, agency.organization_id, email="Ada@Lovelace.example", external_id="A-1")
    with store.read(Scope.of(agency.organization_id)) as work:
        assert Contacts(work).find_by_email(ADA).contact_id == made.contact_id
        assert Contacts(work).find_by_external_id("A-1").contact_id == made.contact_id


def test_a_write_that_may_be_done_again_is_not_synced_and_the_next_one_is(store):
    scope = Scope.of(make_organization(store).organization_id)
    asked, lazy, kept = (
        ("PRAGMA synchronous", 1, 2) if store.dialect == "sqlite" else ("show synchronous_commit", "off", None)
    )
    with store.read(scope) as work:
        kept = kept or work.session.execute(text(asked)).scalar()
    for is_durable, expected in ((False, lazy), (True, kept)):
        with store.write(scope, Actor.system("test"), is_durable=is_durable) as work:
            assert work.session.execute(text(asked)).scalar() == expected


def test_what_was_read_first_on_sqlite_holds_until_it_is_written(sqlite_store):
    scope = Scope.of(make_organization(sqlite_store).organization_id)
    with sqlite_store.write_after_reading(scope, TESTER) as work:
        assert Contacts(work).find_by_email(ADA) is None
        Contacts(work).upsert(ContactFacts(email=ADA), source="api")
    with pytest.raises(Overtaken), sqlite_store.write_after_reading(scope, TESTER) as work:
        assert Contacts(work).find_by_email(GRACE) is None
        make_contact(sqlite_store, scope.organization_id, email=GRACE.value)
        Contacts(work).upsert(ContactFacts(email=EmailAddress("late@hopper.example")), source="api")
    with sqlite_store.read(scope) as work:
        found = [work.session.get(Contact, each) for each in work.session.scalars(select(Contact.contact_id))]
    assert {one.email for one in found} == {ADA.value, GRACE.value}


def test_who_reads_first_on_sqlite_holds_nobody_up_and_waits_for_nobody(sqlite_store):
    scope = Scope.of(make_organization(sqlite_store).organization_id)
    with sqlite_store.write(scope, TESTER), sqlite_store.write_after_reading(scope, TESTER) as work:
        assert Contacts(work).find_by_email(ADA) is None


def test_a_write_on_sqlite_takes_the_lock_at_once_and_syncs_in_full(sqlite_store):
    agency = make_organization(sqlite_store)
    with sqlite_store.write(Scope.of(agency.organization_id), Actor.system("test")) as work:
        assert work.session.execute(text("PRAGMA synchronous")).scalar() == 2
        assert work.session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        other = sqlite_store.engine.raw_connection()
        other.execute("PRAGMA busy_timeout=0")
        with pytest.raises(Exception, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_the_role_of_the_app_has_no_special_rights_on_postgresql(store):
    if store.dialect != "postgresql":
        pytest.skip("SQLite has no roles")
    with store.read(SYSTEM) as work:
        row = work.session.execute(
            text("select rolsuper, rolbypassrls from pg_roles where rolname = current_user")
        ).one()
        assert tuple(row) == (False, False)


def test_raw_sql_without_a_filter_shows_nothing_of_another_tenant_on_postgresql(store):
    if store.dialect != "postgresql":
        pytest.skip("row-level security is PostgreSQL's")
    mine, other = make_agency_with_client(store), make_agency_with_client(store)
    make_contact(store, mine.client.organization_id)
    make_contact(store, other.client.organization_id)
    with store.read(mine.agency_scope) as work:
        seen = set(work.session.execute(text("select organization_id from contacts")).scalars())
        assert seen == {mine.client.organization_id}
    with store.read(SYSTEM) as work:
        assert len(work.session.execute(text("select organization_id from contacts")).all()) == 2
    with store.engine.connect() as connection:
        assert connection.execute(text("select count(*) from contacts")).scalar() == 0


def test_blanks_are_filled_and_nothing_is_overwritten_unless_asked(store):
    agency = make_organization(store)
    make_contact(store, agency.organization_id, email="grace@hopper.example", first_name="Grace", attributes={"a": 1})
    told = ContactFacts(email=GRACE, first_name="G.", title="Rear admiral", attributes={"a": 2, "b": 3})
    with store.write(Scope.of(agency.organization_id), Actor.system("test")) as work:
        done = Contacts(work).upsert(told, source="identify")
        assert done.outcome == "updated"
        assert (done.contact.first_name, done.contact.title) == ("Grace", "Rear admiral")
        assert done.contact.attributes == {"a": 1, "b": 3}
        done = Contacts(work).upsert(told, source="form", policy=MergePolicy.OVERWRITE)
        assert (done.contact.first_name, done.contact.attributes) == ("G.", {"a": 2, "b": 3})
        assert done.before == {"first_name": "Grace", "attributes": {"a": 1, "b": 3}}
        assert Contacts(work).upsert(told, source="form", policy=MergePolicy.OVERWRITE).outcome == "unchanged"
    with store.read(Scope.of(agency.organization_id)) as work:
        assert work.session.scalars(select(Contact)).one().title == "Rear admiral"
