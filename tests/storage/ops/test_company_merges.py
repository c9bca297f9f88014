"""Two companies become one and two again, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.contacts import Domain
from domain.errors import Conflict, InvalidInput, NotFound
from domain.survivorship import Rules, choices_of
from domain.tenancy import Scope
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.company_lists import CompanyLists
from storage.ops.repositories.company_merges import CompanyChildren, CompanyMerges
from storage.ops.repositories.consents import Suppressions
from storage.ops.repositories.deals import Deals
from storage.ops.repositories.tasks import Tasks
from storage.ops.tables import Activity, Base, Company, Contact, Deal, Enrolment, Task
from tests.factories import TESTER, make_contact, make_organization
from tests.factories.outreach import enrol_all, make_sequence

TABLES = (Company, Contact, Deal, Task, Activity, Enrolment)


@pytest.fixture
def scope(store) -> Scope:
    return Scope.of(make_organization(store).organization_id)


def two(store, scope):
    """A company; and another record of it, that knows more, with a person in a sequence, a deal, a task and a note."""
    with store.write(scope, TESTER) as work:
        one = Companies(work).upsert(domain=Domain("acme.example"), name="Acme").company_id
        other = Companies(work).upsert(domain=Domain("acme-group.example"), name="Acme Group").company_id
        work.session.get(Company, other).industry = "Freight"
    person = make_contact(store, scope.organization_id, email="ada@acme-group.example")
    with store.write(scope, TESTER) as work:
        work.session.get(Contact, person.contact_id).company_id = other
        Tasks(work).add("Call them", company_id=other)
        Activities(work).add(kind="note", company_id=other, summary="Moved house")
        Deals(work).create(name="Trucks", company_id=other, currency="EUR")
    enrol_all(store, make_sequence(store, scope.organization_id), [person.contact_id])
    return one, other


def merge(store, scope, survivor_id, merged_id):
    with store.write(scope, TESTER) as work:
        merges = CompanyMerges(work)
        survivor, merged = merges.pair(survivor_id, merged_id)
        choices = choices_of(merges.record_of(survivor), merges.record_of(merged), Rules())
        return merges.merge(survivor, merged, choices).company_merge_id


def undo(store, scope, merge_id):
    with store.write(scope, TESTER) as work:
        return CompanyMerges(work).undo(CompanyMerges(work).held(merge_id))


def content(store, scope):
    with store.read(scope) as work:
        return {
            table.__tablename__: sorted(
                str({name: value for name, value in row.items() if name != "updated_at"})
                for row in work.session.execute(select(table.__table__)).mappings()
            )
            for table in TABLES
        }


def test_everything_follows_and_both_domains_lead_to_the_survivor(store, scope):
    one, other = two(store, scope)
    merge(store, scope, one, other)
    with store.write(scope, TESTER) as work:
        companies = Companies(work)
        for domain in ("acme.example", "acme-group.example"):
            assert companies.find_by_domain(Domain(domain)).company_id == one
        assert companies.ids_by_domain(["acme-group.example"]) == {"acme-group.example": one}
        assert companies.upsert(domain=Domain("acme-group.example"), name="Acme again").company_id == one
        assert (companies.get(other).company_id, companies.get(one).industry) == (one, "Freight")
        for table in (Contact, Deal, Task, Activity, Enrolment):
            assert set(work.session.scalars(select(table.company_id))) == {one}
        assert CompanyLists(work).story(other).company.company_id == one
        assert Tasks(work).add("Write to them", company_id=other).company_id == one


def test_an_undo_restores_everything_but_what_came_or_changed_since(store, scope, clock):
    one, other = two(store, scope)
    before = content(store, scope)
    made = merge(store, scope, one, other)
    clock.now += timedelta(hours=1)
    with store.write(scope, TESTER) as work:
        since = Tasks(work).add("Asked after the merge", company_id=other).task_id
        Companies(work).get(one).industry = "Haulage"
    done = undo(store, scope, made)
    assert (done.stayed, done.kept_fields) == ({"tasks": 1}, ["industry"])
    with store.write(scope, TESTER) as work:
        assert work.session.get(Task, since).company_id == one
        work.session.delete(work.session.get(Task, since))
        work.session.get(Company, one).industry = None
    assert content(store, scope) == before


def test_a_company_that_is_left_alone_stays_so_under_both_domains_whenever_it_was_said(store, scope, clock):
    one, other = two(store, scope)
    with store.write(scope, TESTER) as work:
        Suppressions(work).add("domain", "acme.example", reason="competitor")
    made = merge(store, scope, one, other)
    clock.now += timedelta(hours=1)
    with store.write(scope, TESTER) as work:
        Suppressions(work).add("company", one, reason="asked_us_to_stop")
    undo(store, scope, made)
    with store.read(scope) as work:
        held = Suppressions(work).suppressed_companies({one: None, other: None, "by domain": "acme-group.example"})
    assert held == {one, other, "by domain"}


def test_merges_in_a_chain_are_undone_from_the_last(store, scope):
    one, other = two(store, scope)
    with store.write(scope, TESTER) as work:
        third = Companies(work).upsert(domain=Domain("acme.test"), name="Acme Test").company_id
    before = content(store, scope)
    first, second = merge(store, scope, one, other), merge(store, scope, third, one)
    with store.read(scope) as work:
        assert Companies(work).get(other).company_id == third
    with pytest.raises(Conflict, match="another one since"):
        undo(store, scope, first)
    undo(store, scope, second)
    undo(store, scope, first)
    assert content(store, scope) == before


def test_what_cannot_be_merged_is_refused(store, scope):
    one, other = two(store, scope)
    merge(store, scope, one, other)
    with store.write(scope, TESTER) as work:
        for pair, error in (((one, one), InvalidInput), ((one, "nobody"), NotFound), ((one, other), Conflict)):
            with pytest.raises(error):
                CompanyMerges(work).pair(*pair)


def test_every_table_that_names_a_company_follows():
    naming = {table.name for table in Base.metadata.sorted_tables if "company_id" in table.c}
    derived_or_given = {"company_summaries", "company_words", "company_tags", "enrichment_rows"}
    led_by_reading = {"lookalike_marks"}  # what was said of a merged company is read as said of the survivor
    assert naming - {"companies"} - derived_or_given - led_by_reading == {*CompanyChildren.OWNERS} - {"companies"}
