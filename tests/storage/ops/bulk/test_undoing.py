"""An import taken back leaves the world as it was before it, but for what people have done since."""

from __future__ import annotations

import pytest

from domain.contacts import EmailAddress
from domain.errors import Conflict
from domain.merging import ContactFacts, MergePolicy
from domain.tenancy import Scope
from storage.ops.bulk.imports import run_import, undo_import
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.consents import Suppressions
from storage.ops.repositories.contacts import Contacts
from storage.ops.tables import (
    Activity,
    AttributeDefinition,
    ChangeLog,
    Company,
    Contact,
    Deal,
    DealStageChange,
    Import,
    LifecycleChange,
)
from tests.factories import TESTER, make_contact, make_organization
from tests.storage.ops.bulk.imported import all_of, counts, imported, reasons, uploaded

WORLD = (Contact, Company, Activity, LifecycleChange, AttributeDefinition, Deal, DealStageChange)
TEXT = """email,first name,title,company,lifecycle stage,employees
ada@example.com,Countess,Boss,Engines,customer,12
new@example.com,New,,Looms,,7
new@example.com,Newer,Head,,,8
"""


@pytest.fixture
def organization_id(store) -> str:
    return make_organization(store).organization_id


def world(store, organization_id) -> dict[str, list]:
    found = {table.__tablename__: all_of(store, organization_id, table) for table in WORLD}
    for rows in found.values():
        for row in rows:
            row.pop("updated_at", None)
    return found


def test_an_undo_restores_the_world_exactly(store, settings, clock, organization_id):
    make_contact(store, organization_id, email="ada@example.com", first_name="Ada", attributes={"pet": "cat"})
    make_contact(store, organization_id, email="other@example.com")
    before = world(store, organization_id)
    clock.now += clock.now.resolution
    result = imported(store, settings, organization_id, TEXT)
    assert world(store, organization_id) != before

    undone = undo_import(store, result.import_id)

    assert world(store, organization_id) == before
    assert (undone.deleted_count, undone.restored_count, undone.kept_count) == (1, 1, 0)
    assert all_of(store, organization_id, Import)[0]["status"] == "undone"


def test_what_changed_since_stays_and_is_listed(store, settings, clock, organization_id):
    make_contact(store, organization_id, email="ada@example.com", first_name="Ada")
    clock.now += clock.now.resolution
    result = imported(store, settings, organization_id, TEXT)
    clock.now += clock.now.resolution
    with store.write(Scope.of(organization_id), TESTER) as work:
        for address, name in (("ada@example.com", "Augusta"), ("new@example.com", "Newest")):
            facts = ContactFacts(email=EmailAddress(address), first_name=name)
            Contacts(work).upsert(facts, policy=MergePolicy.OVERWRITE, source="api")

    undone = undo_import(store, result.import_id)

    people = {row["email"]: row for row in all_of(store, organization_id, Contact)}
    assert (people["ada@example.com"]["first_name"], people["ada@example.com"]["title"]) == ("Augusta", "")
    assert people["new@example.com"]["first_name"] == "Newest"
    assert undone.kept_count == 2
    assert [(line, reason) for line, _, reason in reasons(store, organization_id, result.import_id)] == [
        (2, "kept: first_name changed since the import"),
        (3, "kept: it was changed since the import"),
    ]


def test_a_person_somebody_talked_to_stays(store, settings, organization_id):
    result = imported(store, settings, organization_id, "email\na@example.com\nb@example.com\n")
    with store.write(Scope.of(organization_id), TESTER) as work:
        found = Contacts(work).find_by_email(EmailAddress("a@example.com"))
        Activities(work).add(kind="call", contact_id=found.contact_id, summary="Rang twice")

    undone = undo_import(store, result.import_id)

    assert [row["email"] for row in all_of(store, organization_id, Contact)] == ["a@example.com"]
    assert undone.kept[0]["reason"] == "kept: it has a conversation or note since the import"


def test_suppressions_stay(store, settings, organization_id):
    result = imported(store, settings, organization_id, "email,unsubscribed\na@example.com,yes\n")
    undo_import(store, result.import_id)

    with store.read(Scope.of(organization_id)) as work:
        assert len(Suppressions(work).all()) == 1
    assert all_of(store, organization_id, Contact) == []


def test_an_undo_of_deals_takes_their_history_along(store, settings, organization_id):
    make_contact(store, organization_id, email="a@example.com")
    before = world(store, organization_id)
    text = "Deal ID,Deal Name,Amount,Stage,Contact Email,Company\nD1,X,5,{},a@example.com,Y\n"
    result = imported(store, settings, organization_id, text.format("Closed Won"), entity="deals")

    undo_import(store, result.import_id)

    assert world(store, organization_id) == before


def test_of_two_imports_either_can_be_undone(store, settings, clock, organization_id):
    first = imported(store, settings, organization_id, "email,title\na@example.com,One\n")
    clock.now += clock.now.resolution
    second = imported(store, settings, organization_id, "email,title\na@example.com,Two\nb@example.com,Two\n")
    undo_import(store, second.import_id)
    assert [(row["email"], row["title"]) for row in all_of(store, organization_id, Contact)] == [
        ("a@example.com", "One")
    ]

    with pytest.raises(Conflict):
        undo_import(store, second.import_id)
    clock.now += clock.now.resolution
    third = imported(store, settings, organization_id, "email,title\na@example.com,Three\n")
    assert undo_import(store, first.import_id).kept_count == 1
    undo_import(store, third.import_id)
    assert [row["title"] for row in all_of(store, organization_id, Contact)] == ["One"]


def test_attribute_definitions_that_others_use_stay(store, settings, organization_id):
    first = imported(store, settings, organization_id, "email,size\na@example.com,5\n")
    imported(store, settings, organization_id, "email,size\nb@example.com,6\n")
    undo_import(store, first.import_id)

    assert [row["key"] for row in all_of(store, organization_id, AttributeDefinition)] == ["size"]


def test_an_import_that_was_never_started_cannot_be_undone(store, settings, organization_id):
    made = uploaded(store, settings, organization_id, "email\na@example.com\n")
    with pytest.raises(Conflict):
        undo_import(store, made.import_id)


def test_a_run_that_is_undone_meanwhile_stops(store, settings, organization_id):
    rows = "".join(f"p{number}@example.com\n" for number in range(400))
    made = uploaded(store, settings, organization_id, f"email\n{rows}")

    def undo_once(done: int, total: int) -> None:
        if done < 400:
            undo_import(store, made.import_id)

    with pytest.raises(Conflict):
        run_import(store, settings, made.import_id, progress=undo_once)
    assert all_of(store, organization_id, Contact) == []


def test_a_file_of_many_transactions_comes_in_and_goes_again(store, settings, organization_id):
    lines = [f"p{number % 2_700}@c{number % 90}.example,Name {number},Company {number % 90}" for number in range(3_000)]
    made = imported(store, settings, organization_id, "email,first name,company\n" + "\n".join(lines))
    assert len(made.holds) > 1
    assert counts(made) == (2_700, 300, 0, 0)
    people = all_of(store, organization_id, Contact)
    assert {row["email"]: row["first_name"] for row in people}["p299@c29.example"] == "Name 2999"
    assert len(all_of(store, organization_id, LifecycleChange)) == len(people) == 2_700
    undone = undo_import(store, made.import_id)
    assert (undone.deleted_count, undone.kept_count) == (2_700, 0)
    for table in (Contact, Company, LifecycleChange, Activity):
        assert all_of(store, organization_id, table) == []
    entries = all_of(store, organization_id, ChangeLog)
    gone = [row for row in entries if row["op"] == "delete" and row["entity"] == "contact"]
    assert {row["entity_id"] for row in gone} == {row["contact_id"] for row in people}
