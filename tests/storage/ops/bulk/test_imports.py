"""What becomes of a file's rows, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.errors import Conflict, ImportRejected, TooLarge
from domain.tenancy import Scope
from storage.ops.bulk.imports import change_import, preview_import, run_import
from storage.ops.repositories.consents import Suppressions
from storage.ops.repositories.decisions import Decisions
from storage.ops.tables import (
    Activity,
    AttributeDefinition,
    ChangeLog,
    Company,
    Contact,
    Deal,
    DealStageChange,
    LifecycleChange,
)
from tests.factories import TESTER, make_contact, make_organization
from tests.storage.ops.bulk.imported import all_of, counts, imported, reasons, uploaded

PEOPLE = """Email;First Name;Last Name;Company;Website;Country;Employees;Budget;Created
ada@example.com;Ada;Lovelace;Analytical Engines;www.analytical.example;UK;12;1.234,50;03.02.2025
grace@example.com;Grace;Hopper;Navy;;USA;400;99,00;24.12.2024
"""


@pytest.fixture
def organization_id(store) -> str:
    return make_organization(store, currency="EUR").organization_id


def test_people_companies_attributes_and_history_are_written(store, settings, clock, organization_id):
    result = imported(store, settings, organization_id, PEOPLE)

    assert counts(result) == (2, 0, 0, 0)
    ada, grace = all_of(store, organization_id, Contact)
    assert (ada["email"], ada["first_name"], ada["country"], ada["source"]) == (
        "ada@example.com",
        "Ada",
        "GB",
        "import",
    )
    assert ada["attributes"] == {"employees": 12, "budget": 1234.5}
    assert ada["known_at"] == datetime(2025, 2, 3, tzinfo=UTC)
    assert len(ada["email_hash"]) == 64
    assert grace["known_at"] == datetime(2024, 12, 24, tzinfo=UTC)
    companies = {row["company_id"]: row for row in all_of(store, organization_id, Company)}
    assert (companies[ada["company_id"]]["domain"], companies[grace["company_id"]]["name"]) == (
        "analytical.example",
        "Navy",
    )
    history = all_of(store, organization_id, LifecycleChange)
    assert [(row["from_stage"], row["to_stage"], row["occurred_at"]) for row in history] == [
        (None, "lead", ada["known_at"]),
        (None, "lead", grace["known_at"]),
    ]
    assert {row["kind"] for row in all_of(store, organization_id, Activity)} == {"imported"}
    definitions = {row["key"]: row["data_type"] for row in all_of(store, organization_id, AttributeDefinition)}
    assert definitions == {"employees": "integer", "budget": "number"}
    logged = [row["entity"] for row in all_of(store, organization_id, ChangeLog)]
    assert logged.count("contact") == 2
    assert logged.count("company") == 2


def test_one_decision_is_written_for_a_run(store, settings, organization_id):
    result = imported(store, settings, organization_id, PEOPLE)

    with store.read(Scope.of(organization_id)) as work:
        (decision,) = Decisions(work).about("import", result.import_id)
        assert (decision.kind, decision.outcome, decision.detail["created_count"]) == ("import", "done", 2)


def test_a_preview_writes_nothing(store, settings, organization_id):
    made = uploaded(store, settings, organization_id, PEOPLE)
    preview = preview_import(store, settings, Scope.of(organization_id), made.import_id)

    assert counts(preview) == (2, 0, 0, 0)
    assert preview.sample[0]["fields"]["email"] == "ada@example.com"
    assert all_of(store, organization_id, Contact) == all_of(store, organization_id, Company) == []


@pytest.mark.parametrize(
    ("policy", "expected", "name"),
    [("skip", (1, 0, 2, 0), "Augusta"), ("update", (1, 2, 0, 0), "Countess"), ("create", (1, 0, 0, 2), "Augusta")],
)
def test_the_policy_decides_about_duplicates_here_and_in_the_file(
    store, settings, organization_id, policy, expected, name
):
    make_contact(store, organization_id, email="ada@example.com", first_name="Augusta")
    text = "email,first name\nADA@example.com ,Ada\nnew@example.com,New\nada@EXAMPLE.com,Countess\n"

    result = imported(store, settings, organization_id, text, duplicates=policy)

    assert counts(result) == expected
    assert {row["email"]: row["first_name"] for row in all_of(store, organization_id, Contact)} == {
        "ada@example.com": name,
        "new@example.com": "New",
    }


def test_blanks_erase_nothing_and_what_is_the_same_is_no_update(store, settings, organization_id):
    make_contact(store, organization_id, email="ada@example.com", first_name="Ada", title="Countess")

    result = imported(store, settings, organization_id, "email,first name,title\nada@example.com,Ada,\n")

    assert counts(result) == (0, 0, 1, 0)
    assert reasons(store, organization_id, result.import_id) == [(2, "skipped", "unchanged")]
    assert all_of(store, organization_id, Contact)[0]["title"] == "Countess"


def test_leads_without_an_address_are_told_apart_by_content_and_found_again(store, settings, organization_id):
    text = "age,job\n58,management\n44,technician\n58,management\n"

    assert counts(imported(store, settings, organization_id, text)) == (3, 0, 0, 0)
    assert counts(imported(store, settings, organization_id, text)) == (0, 0, 3, 0)
    assert len(all_of(store, organization_id, Contact)) == 3


def test_an_id_column_tells_leads_apart(store, settings, organization_id):
    imported(store, settings, organization_id, "Customer ID,Last name\nC-1,Lovelace\nC-2,Hopper\n")
    result = imported(store, settings, organization_id, "Customer ID,Last name\nC-1,King\n")

    assert counts(result) == (0, 1, 0, 0)
    assert {row["external_id"]: row["last_name"] for row in all_of(store, organization_id, Contact)} == {
        "C-1": "King",
        "C-2": "Hopper",
    }


def test_a_row_whose_address_and_id_belong_to_two_people_is_refused(store, settings, organization_id):
    make_contact(store, organization_id, email="ada@example.com")
    make_contact(store, organization_id, email=None, external_id="7")

    result = imported(store, settings, organization_id, "id,email\n7,ada@example.com\n")

    assert counts(result) == (0, 0, 0, 1)
    assert reasons(store, organization_id, result.import_id)[0][2].startswith("two_contacts")


def test_every_row_is_accounted_for_with_its_reason(store, settings, organization_id):
    text = (
        "email,first name,employees\n"
        "ok@example.com,Ok,5\n"
        "not an address,No,1\n"
        'x@example.com,"open,2\n'
        "short@example.com\n"
        "long@example.com,a,1,2,3\n"
        ",,\n"
        "later@example.com,Later,7\n"
    )
    result = imported(store, settings, organization_id, text)

    assert counts(result) == (2, 0, 1, 4)
    assert [
        (line, outcome, reason.partition(":")[0])
        for line, outcome, reason in reasons(store, organization_id, result.import_id)
    ] == [
        (3, "rejected", "email left empty"),
        (4, "rejected", "unclosed_quote"),
        (5, "rejected", "too_few_columns"),
        (6, "rejected", "too_many_columns"),
        (7, "skipped", "empty_row"),
    ]


def test_a_cell_that_does_not_fit_is_left_out_and_listed_and_the_lead_is_kept(store, settings, organization_id):
    made = uploaded(store, settings, organization_id, "email,since\na@example.com,2025-01-31\nb@example.com,n/a\n")
    text = "email,since\na@example.com,2025-01-31\nb@example.com,soon\n"
    assert made.columns[1].data_type == "date"

    result = imported(
        store, settings, organization_id, text, overrides={"since": {"data_type": "date", "format": "ymd"}}
    )

    assert counts(result) == (2, 0, 0, 0)
    assert reasons(store, organization_id, result.import_id) == [
        (3, "created", "since left empty: 'soon' is not a date")
    ]


def test_an_outcome_and_what_is_known_only_after_it_are_marked(store, settings, organization_id):
    text = "age;duration;y\n30;120;no\n40;600;yes\n"
    imported(store, settings, organization_id, text, outcome_column="y", post_outcome_columns=["duration"])

    definitions = {
        row["key"]: (row["role"], row["positive_value"]) for row in all_of(store, organization_id, AttributeDefinition)
    }
    assert definitions == {"age": ("feature", None), "duration": ("post_outcome", None), "y": ("outcome", "yes")}
    assert [row["attributes"]["y"] for row in all_of(store, organization_id, Contact)] == ["no", "yes"]


def test_an_outcome_whose_success_is_not_plain_must_be_told(store, settings, organization_id):
    with pytest.raises(ImportRejected, match="counts as success"):
        uploaded(store, settings, organization_id, "age,result\n1,red\n2,blue\n", outcome_column="result")


def test_the_mapping_can_be_changed_until_the_start(store, settings, organization_id):
    made = uploaded(store, settings, organization_id, "who,mail\nAda,ada@example.com\n")
    scope = Scope.of(organization_id)
    change_import(store, settings, scope, TESTER, made.import_id, overrides={"who": "first_name"}, duplicates="skip")
    run_import(store, settings, made.import_id)

    assert all_of(store, organization_id, Contact)[0]["first_name"] == "Ada"
    with pytest.raises(Conflict):
        change_import(store, settings, scope, TESTER, made.import_id, overrides={"who": "last_name"})


@pytest.mark.parametrize("wish", [{"nobody": "email"}, {"who": "e-mail"}, {"who": "email"}])
def test_a_wish_that_does_not_fit_the_file_is_refused(store, settings, organization_id, wish):
    with pytest.raises(ImportRejected):
        uploaded(store, settings, organization_id, "who,mail\nAda,ada@example.com\n", overrides=wish)


def test_the_same_bytes_are_known_again(store, settings, organization_id):
    first = imported(store, settings, organization_id, PEOPLE)
    again = uploaded(store, settings, organization_id, PEOPLE)

    assert (again.was_imported_before, again.import_id) == (True, first.import_id)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest"])
def test_what_is_no_table_is_refused(store, settings, organization_id, content):
    with pytest.raises(ImportRejected):
        uploaded(store, settings, organization_id, content)
    assert list((settings.data.dir / "uploads").glob("*")) == []


def test_a_file_above_the_limit_is_refused(store, settings, organization_id):
    small = settings.model_copy(update={"imports": settings.imports.model_copy(update={"max_bytes": 10})})
    with pytest.raises(TooLarge):
        uploaded(store, small, organization_id, PEOPLE)


def test_people_marked_as_unsubscribed_are_left_alone(store, settings, organization_id):
    text = "email,unsubscribed\nada@example.com,yes\ngrace@example.com,no\n"
    imported(store, settings, organization_id, text)
    imported(store, settings, organization_id, text + "x@example.com,no\n")

    with store.read(Scope.of(organization_id)) as work:
        (held,) = Suppressions(work).all()
        assert (held.kind, held.reason) == ("email", "unsubscribed")


def test_stages_of_other_programs_become_ours_with_their_dates(store, settings, organization_id):
    text = (
        "Email,Lifecycle Stage,Create Date,Became a customer date\n"
        "a@example.com,Customer,2025-01-10,2025-03-01\n"
        "b@example.com,Marketing Qualified Lead,2025-02-01,\n"
        "c@example.com,Subscriber,2025-02-02,\n"
    )
    imported(store, settings, organization_id, text)

    people = {row["email"][0]: row["contact_id"] for row in all_of(store, organization_id, Contact)}
    history = all_of(store, organization_id, LifecycleChange)
    of = {
        name: [(row["to_stage"], str(row["occurred_at"].date())) for row in history if row["contact_id"] == found]
        for name, found in people.items()
    }
    assert of["a"] == [("lead", "2025-01-10"), ("customer", "2025-03-01")]
    assert of["b"] == [("lead", "2025-02-01"), ("mql", "2026-03-02")]
    assert of["c"] == [("visitor", "2025-02-02")]


def test_a_stage_never_goes_backwards(store, settings, organization_id):
    text = "email,lifecycle stage\na@example.com,{}\n"
    imported(store, settings, organization_id, text.format("customer"))
    imported(store, settings, organization_id, text.format("lead"))

    assert all_of(store, organization_id, Contact)[0]["lifecycle_stage"] == "customer"


def test_deals_are_tied_to_people_and_companies_with_their_history(store, settings, organization_id):
    ada = make_contact(store, organization_id, email="ada@example.com")
    text = (
        "Deal ID,Deal Name,Amount,Stage,Close Date,Create Date,Contact Email,Company\n"
        'D1,Engine,"$ 12,500.50",Closed Won,2025-03-01,2025-01-05,ada@example.com,Analytical\n'
        "D2,Loom,900,Proposal Sent,2026-09-01,2025-02-01,nobody@example.com,Analytical\n"
    )
    result = imported(store, settings, organization_id, text, entity="deals")

    assert counts(result) == (2, 0, 0, 0)
    engine, loom = all_of(store, organization_id, Deal)
    assert (engine["contact_id"], engine["amount_minor"], engine["currency"], engine["stage"]) == (
        ada.contact_id,
        1250050,
        "USD",
        "won",
    )
    assert (loom["contact_id"], loom["amount_minor"], loom["currency"], loom["closed_at"]) == (None, 90000, "EUR", None)
    assert loom["attributes"] == {"expected_close_on": "2026-09-01"}
    assert engine["company_id"] == loom["company_id"]
    history = [
        (row["to_stage"], str(row["occurred_at"].date())) for row in all_of(store, organization_id, DealStageChange)
    ]
    assert history == [("opportunity", "2025-01-05"), ("won", "2025-03-01"), ("proposal", "2025-02-01")]
    assert reasons(store, organization_id, result.import_id)[0][2].startswith("contact_not_found")


def test_a_later_file_moves_deals_on(store, settings, organization_id):
    text = "Deal ID,Deal Name,Amount,Stage\nD1,Engine,100,{}\n"
    imported(store, settings, organization_id, text.format("Negotiation"), entity="deals")
    result = imported(store, settings, organization_id, text.format("Closed Lost"), entity="deals")

    assert counts(result) == (0, 1, 0, 0)
    (deal,) = all_of(store, organization_id, Deal)
    assert (deal["stage"], deal["closed_at"] is not None) == ("lost", True)


def test_two_organizations_do_not_meet(store, settings, organization_id):
    other = make_organization(store).organization_id
    imported(store, settings, organization_id, PEOPLE)
    result = imported(store, settings, other, PEOPLE)

    assert counts(result) == (2, 0, 0, 0)
    assert len(all_of(store, other, Contact)) == len(all_of(store, organization_id, Contact)) == 2
