"""Contacts and companies are found by what is known of them now, whatever door it came through, and by nobody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import select, text

from domain.contacts import Domain, EmailAddress
from domain.search import indexed
from domain.survivorship import Rules, choices_of
from domain.tenancy import Scope
from serving.jobs import index_contacts
from serving.jobs.base import JobContext
from storage.ops import contact_index
from storage.ops.bulk.imports import create_import, run_import, undo_import
from storage.ops.erasing import ask_erasure, compact, erase_from_store
from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.company_lists import CompanyLists
from storage.ops.repositories.company_merges import CompanyMerges
from storage.ops.repositories.contact_details import ContactDetails
from storage.ops.repositories.contact_lists import ContactLists
from storage.ops.repositories.contact_merges import ContactMerges
from storage.ops.repositories.contact_questions import ContactQuestion
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.jobs import Jobs
from storage.ops.tables import Company, Contact, ContactValue, ContactWords
from tests.factories import SYSTEM, TESTER, make_company, make_company_summary, make_contact, make_organization


@pytest.fixture
def scope(store) -> Scope:
    return Scope.of(make_organization(store, "Searching").organization_id)


def found(store, scope, search) -> set[str]:
    with store.read(scope) as work:
        page = ContactLists(work).page(ContactQuestion(search=search), limit=50)
        return {line.contact.first_name for line in page.lines}


def agrees(store) -> bool:
    """Whether words and values are exactly what would be made of the contacts anew."""
    with store.write(SYSTEM, TESTER) as work:
        connection = work.session.connection()
        kept = {row.contact_id: row.words for row in connection.execute(select(ContactWords.__table__))}
        contacts = [dict(row) for row in connection.execute(select(Contact.__table__)).mappings()]
        shown = [row for row in contacts if row["deleted_at"] is None]
        valued = {(row.contact_id, row.key, row.number_value, row.text_value)
                  for row in connection.execute(select(ContactValue.__table__))}  # fmt: skip
        wanted, wanted_values = {}, set()
        for row in shown:
            fields = contact_index.fields_of(connection, row["organization_id"])
            (entry,) = contact_index.words([row], contact_index.companies_of(connection, [row]), fields)
            wanted[row["contact_id"]] = entry["words"]
            for value in contact_index.values([row], fields):
                wanted_values.add(tuple(value[name] for name in ("contact_id", "key", "number_value", "text_value")))
        if store.dialect == "sqlite":  # raises where the full-text index and its content differ
            connection.execute(
                text("insert into contact_words_index (contact_words_index, rank) values ('integrity-check', 1)")
            )
    return kept == wanted and valued == wanted_values


def test_a_contact_is_found_by_each_of_its_fields_and_not_by_the_middle_of_a_word(store, scope):
    company = make_company(store, scope.organization_id, domain="rocket.example", name="Røcket Wørks")
    with store.write(scope, TESTER) as work:
        AttributeDefinitions(work).ensure("hobby")
        AttributeDefinitions(work).ensure("age", data_type="integer")
    make_contact(
        store, scope.organization_id, email="zoe.muller@mail.example", first_name="Zoë", last_name="Müller-Lüdenscheidt",
        title="Head of Growth", phone="+49 30 1234567", external_id="crm-77", company_id=company.company_id,
        attributes={"hobby": "Segelfliegen", "age": 41},
    )  # fmt: skip
    for search in ("zoe", "ZOË mull", "ludens", "zoe.muller@mail.ex", "growth", "rocket wor", "rocket.example", "crm-77",
                   "030 1234567", "49301234567", "segel", "zoe rock growth 77"):  # fmt: skip
        assert found(store, scope, search) == {"Zoë"}, search
    for search in ("oe", "ocket", "zoe ben", "41", "fliegen"):
        assert found(store, scope, search) == set(), search
    assert agrees(store)


def test_every_change_is_found_at_once(store, scope):
    company = make_company(store, scope.organization_id, domain="old.example")
    ada = make_contact(store, scope.organization_id, first_name="Ada", last_name="King", company_id=company.company_id)
    with store.write(scope, TESTER) as work:
        details = ContactDetails(work)
        details.change(details.held([ada.contact_id])[ada.contact_id], {"last_name": "Lovelace"})
    assert (found(store, scope, "lovelace"), found(store, scope, "king")) == ({"Ada"}, set())
    with store.write(scope, TESTER) as work:
        Companies(work).upsert(domain=Domain.parse("old.example"), name="Analytical Engines")
    assert found(store, scope, "analyt") == {"Ada"}
    assert agrees(store)


def test_an_import_its_second_run_and_its_undo_keep_the_index(store, settings, scope):
    make_contact(store, scope.organization_id, email="ada@one.example", first_name="Ada", last_name="King")
    first = b"email,first name,last name,company,Hobby\nada@one.example,,Lovelace,Acme,Chess\nbob@two.example,Bob,Babbage,Acme,Go\n"
    made = create_import(store, settings, scope, TESTER, content=first, file_name="leads.csv", duplicates="update")
    run_import(store, settings, made.import_id)
    assert found(store, scope, "acme") == {"Ada", "Bob"}
    assert (found(store, scope, "love"), found(store, scope, "go babb")) == ({"Ada"}, {"Bob"})
    assert agrees(store)
    undo_import(store, made.import_id)
    assert (found(store, scope, "king"), found(store, scope, "acme"), found(store, scope, "bob")) == (
        {"Ada"},
        set(),
        set(),
    )
    assert agrees(store)


def test_a_merged_contact_is_found_as_the_survivor_and_both_after_the_undo(store, scope):
    one = make_contact(store, scope.organization_id, email="ada@one.example", first_name="Ada", last_name="King")
    two = make_contact(
        store, scope.organization_id, email="countess@two.example", first_name="Augusta", last_name="Byron"
    )
    with store.write(scope, TESTER) as work:
        merges = ContactMerges(work)
        survivor, merged = merges.pair(one.contact_id, two.contact_id)
        choices = choices_of(merges.record_of(survivor), merges.record_of(merged), Rules(), None)
        made = merges.merge(survivor, merged, choices)
    shown = {survivor.first_name}
    assert (found(store, scope, "ada") | found(store, scope, "augusta")) == shown
    assert agrees(store)
    with store.write(scope, TESTER) as work:
        ContactMerges(work).undo(ContactMerges(work).held(made.contact_merge_id))
    assert (found(store, scope, "king"), found(store, scope, "byron")) == ({"Ada"}, {"Augusta"})
    assert agrees(store)


def test_people_of_a_merged_company_are_found_by_the_survivors_name_until_the_undo(store, scope):
    with store.write(scope, TESTER) as work:
        one = Companies(work).upsert(domain=Domain("acme.example"), name="Acme").company_id
        other = Companies(work).upsert(domain=Domain("zenith.example"), name="Zenith").company_id
    person = make_contact(store, scope.organization_id, first_name="Ada")
    with store.write(scope, TESTER) as work:
        work.session.get(Contact, person.contact_id).company_id = other
    with store.write(scope, TESTER) as work:
        merges = CompanyMerges(work)
        survivor, merged = merges.pair(one, other)
        choices = choices_of(merges.record_of(survivor), merges.record_of(merged), Rules())
        made = merges.merge(survivor, merged, choices)
        kept, given_up = survivor.name, ({"Acme", "Zenith"} - {survivor.name}).pop()
    assert (found(store, scope, kept), found(store, scope, f"{given_up} {kept}")) == ({"Ada"}, set())
    assert agrees(store)
    with store.write(scope, TESTER) as work:
        CompanyMerges(work).undo(CompanyMerges(work).held(made.company_merge_id))
    assert (found(store, scope, "acme"), found(store, scope, "zenith")) == (set(), {"Ada"})
    assert agrees(store)


def test_the_many_of_a_renamed_company_follow_by_the_worker(store, settings, clock, scope):
    with store.write(scope, TESTER) as work:
        company_id = Companies(work).upsert(domain=Domain("acme.example"), name="Acme").company_id
        Contacts(work).insert_many(
            {"email": f"p{number}@x.example", "first_name": "Ada", "known_at": work.now(), "company_id": company_id}
            for number in range(contact_index.FOLLOWED_AT_ONCE + 1)
        )
    with store.write(scope, TESTER) as work:
        work.session.get(Company, company_id).name = "Zenith"
    assert found(store, scope, "zenith") == set()
    with store.read(scope) as work:
        assert Jobs(work).is_waiting(index_contacts.KIND)
    index_contacts.run(JobContext(store, settings, clock, scope.organization_id, "job"), {})
    assert found(store, scope, "zenith") == {"Ada"}
    assert agrees(store)


def test_indexing_anew_waits_for_an_edit_under_way_and_does_not_put_back_the_former_words(store, scope):
    ada = make_contact(store, scope.organization_id, first_name="Ada", last_name="King")

    def index_anew() -> None:
        with store.write(scope, TESTER) as work:
            contact_index.reindex(work.session.connection(), [ada.contact_id])

    with ThreadPoolExecutor(1) as worker:
        with store.write(scope, TESTER) as work:
            work.session.get(Contact, ada.contact_id).last_name = "Lovelace"
            work.session.flush()
            indexing = worker.submit(index_anew)
            assert not wait([indexing], timeout=0.5).done
        indexing.result(timeout=30)
    assert (found(store, scope, "lovelace"), found(store, scope, "king")) == ({"Ada"}, set())
    assert agrees(store)


def test_an_erased_person_is_in_no_index(store, settings, scope):
    make_contact(store, scope.organization_id, email="ada@one.example", first_name="Adelheid", last_name="Quixotte")
    make_contact(store, scope.organization_id, first_name="Bob")
    with store.write(scope, TESTER) as work:
        asked = ask_erasure(work, email=EmailAddress.parse("ada@one.example"))
    erase_from_store(store, settings, asked.erasure_id, TESTER)
    assert found(store, scope, "quix") == set()
    assert agrees(store)
    if store.dialect == "sqlite":
        assert compact(store, settings)
        assert b"quixotte" not in (settings.data.dir / "store.sqlite").read_bytes().lower()


def test_a_search_finds_nothing_of_another_organization(store, scope):
    other = make_organization(store, "Others")
    make_contact(store, scope.organization_id, first_name="Ada")
    make_contact(store, other.organization_id, first_name="Adele")
    assert found(store, scope, "ad") == {"Ada"}
    if store.dialect == "postgresql":
        asked = text("select count(*) from find_contact_words(:wanted, 9)")
        for organization_id, count in ((scope.organization_id, 1), (other.organization_id, 0)):
            with store.read(scope) as work:
                wanted = f"'{indexed(organization_id, ['ad'])}':*"
                assert work.session.scalar(asked, {"wanted": wanted}) == count


def test_more_finds_than_are_put_in_order_are_walked_to_in_the_same_order(store, scope):
    with store.write(scope, TESTER) as work:
        Contacts(work).insert_many(
            [
                {"email": f"p{number}@mail.example", "first_name": f"{'Ann' if number % 2 else 'Bob'} {number}",
                 "known_at": work.now()} for number in range(300)
            ]
        )  # fmt: skip
    with store.read(scope) as work:
        wanted = [line.contact.contact_id for line in ContactLists(work).every(ContactQuestion(search="ann"))]
    assert len(wanted) == 150
    for few, some in ((10, 100), (10, 1000)):
        with store.read(scope) as work:
            lists, seen, cursor = ContactLists(work, few=few, some=some), [], None
            while True:
                page = lists.page(ContactQuestion(search="ann"), limit=40, cursor=cursor)
                assert page.total in {150, None}
                seen += [line.contact.contact_id for line in page.lines]
                if (cursor := page.next_cursor) is None:
                    break
        assert seen == wanted


def test_companies_are_found_by_the_beginnings_of_words(store, scope):
    for company_id, name in (("one", "Rocket Wørks"), ("two", "Müller Works"), ("three", "Networks")):
        make_company_summary(store, scope.organization_id, company_id, name=name)
    make_company_summary(store, make_organization(store).organization_id, "four", name="Works")

    def named(search: str) -> list[str]:
        with store.read(scope) as work:
            return sorted(row.name for row in CompanyLists(work).page(search=search).rows)

    assert named("work") == ["Müller Works", "Rocket Wørks"]
    assert named("muller") == ["Müller Works"]
    assert named("two.example") == ["Müller Works"]
    with store.write(scope, TESTER) as work:
        CompanyLists(work).remove(["two"])
    assert named("work") == ["Rocket Wørks"]
