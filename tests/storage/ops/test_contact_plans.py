"""No question that lists of contacts are asked reads a whole table: what SQLite plans for it.

PostgreSQL plans by what it knows of the rows, so that a small table says nothing: `bench.contacts` asks it of a million."""

from __future__ import annotations

import re
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select

from bench.contact_shapes import COMPANY, SHAPES
from domain.tenancy import Scope
from serving.crm.filtering import ContactFilters
from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from storage.ops.repositories.contact_details import ContactDetails
from storage.ops.repositories.contact_lists import ContactLists
from storage.ops.repositories.routing import Leads
from storage.ops.tables import Company, Contact
from tests.factories import TESTER, make_organization

GROWING = ("contacts", "contact_words", "contact_values", "scores", "companies", "activities")
SCAN = re.compile(rf"SCAN ({'|'.join(GROWING)})\b")
REPEATED = ("attribute", "band", "filter", "owner", "source", "stage")


@pytest.fixture
def scope(sqlite_store) -> Scope:
    made = Scope.of(make_organization(sqlite_store, "Planned").organization_id)
    with sqlite_store.write(made, TESTER) as work:
        for key, data_type in (("budget", "number"), ("plan", "text"), ("renewal_on", "date")):
            AttributeDefinitions(work).ensure(key, data_type=data_type)
        work.session.add(Company(company_id=COMPANY, organization_id=made.organization_id, name="Planned"))
        work.session.flush()
        for number in range(20):
            work.session.add(
                Contact(
                    organization_id=made.organization_id,
                    company_id=COMPANY,
                    first_name=f"Baba{number}",
                    last_name="Head",
                    source="api",
                    known_at=work.now(),
                    attributes={"budget": number, "plan": "pro", "renewal_on": "2028-07-01"},
                )
            )
    return made


@contextmanager
def asked(sqlite_store):
    """The reading statements that go to the database meanwhile, with their parameters."""
    seen = []

    def keep(_connection, _cursor, statement, parameters, _context, _is_many):
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(sqlite_store.engine, "before_cursor_execute", keep)
    try:
        yield seen
    finally:
        event.remove(sqlite_store.engine, "before_cursor_execute", keep)


def plan_of(work, statement, parameters) -> list[str]:
    steps = work.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return [step[3] for step in steps]


def read_whole(work, statement, parameters) -> list[str]:
    """Steps of a statement's plan that read a table, or an index, from end to end."""
    return [step for step in plan_of(work, statement, parameters) if SCAN.match(step)]


@pytest.mark.parametrize("few", [5000, 1], ids=["where few are found", "where many are found"])
def test_no_shape_of_a_list_reads_a_whole_table(sqlite_store, scope, few):
    for shape, questions in SHAPES.items():
        for parameters in questions:
            with asked(sqlite_store) as statements, sqlite_store.read(scope) as work:
                lists, question = ContactLists(work, few=few, some=few), question_of(parameters)
                page = lists.page(question, limit=2)
                if page.next_cursor:
                    lists.page(question, limit=2, cursor=page.next_cursor)
            assert statements
            with sqlite_store.read(scope) as work:
                for statement, values in statements:
                    assert read_whole(work, statement, values) == [], (shape, parameters, statement)


def test_contacts_of_a_company_are_counted_in_its_index_and_none_of_them_is_read(sqlite_store, scope):
    with asked(sqlite_store) as statements, sqlite_store.read(scope) as work:
        assert ContactLists(work).page(question_of({"filter": [f"company_id:eq:{COMPANY}"]}), limit=2).total == 20
    [(counting, values)] = [found for found in statements if "count(*)" in found[0]]
    with sqlite_store.read(scope) as work:
        [searched] = [step for step in plan_of(work, counting, values) if step.startswith("SEARCH contacts")]
    assert "USING COVERING INDEX ix_contacts_company" in searched


def test_contacts_are_looked_up_by_their_ids_and_not_among_all_of_the_organization(sqlite_store, scope):
    with asked(sqlite_store) as statements, sqlite_store.write(scope, TESTER) as work:
        ids = list(work.session.scalars(select(Contact.contact_id)))
        statements.clear()
        assert len(ContactDetails(work).held(ids)) == len(ids)
        Leads(work).facts_of(ids)
    with sqlite_store.read(scope) as work:
        plans = [
            step
            for statement, values in statements
            if "contacts.contact_id IN" in statement
            for step in plan_of(work, statement, values)
        ]
    looked_up = [step for step in plans if step.startswith("SEARCH contacts ")]
    assert len(looked_up) == 3
    assert all("contact_id=?" in step for step in looked_up), looked_up


def test_a_question_that_no_index_answers_would_be_seen(sqlite_store, scope):
    with sqlite_store.read(scope) as work:
        assert read_whole(work, "select count(*) from contacts where title <> 'x'", ())
        assert read_whole(work, "select * from scores where score > 3 order by scored_at", ())


def question_of(parameters):
    told = {
        name: [value] if name in REPEATED and isinstance(value, str) else value
        for name, value in parameters.items() if name != "limit"
    }  # fmt: skip
    return ContactFilters(**told).question(None)
