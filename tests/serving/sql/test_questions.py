"""An analyst's own question: answered from the chosen organization's marts, noted, and for nobody who only looks in."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.tenancy import Role
from serving.sql.router import plain
from storage.lake import Lake
from storage.ops.repositories.audit import Audit


@pytest.fixture
def lake(settings, family):
    """One mart with a row of the agency and one of its client."""
    lake = Lake.open(settings)
    lake.migrate()
    with lake.writer() as cursor:
        cursor.execute(
            "create table lake.marts.leads_daily as select unnest([?, ?]) as organization_id, "
            "unnest([date '2026-11-01', date '2026-11-02']) as day_on, unnest([4, 9]) as lead_count",
            [family.agency.organization_id, family.client.organization_id],
        )
    yield lake
    lake.close()


def test_a_question_is_answered_for_the_chosen_organization_and_noted(api, store, family, lake):
    sql = "select day_on, sum(lead_count) as leads, sum(lead_count) / 8 as share from leads_daily group by all"
    answer = api.post("/v1/sql", json={"sql": sql}).json()
    assert [column["name"] for column in answer["columns"]] == ["day_on", "leads", "share"]
    assert answer["rows"] == [["2026-11-01", 4, 0.5]]
    assert (answer["is_cut"], answer["tables"]) == (False, ["leads_daily"])
    with store.read(family.agency_scope) as work:
        (entry,) = Audit(work).about("marts", family.agency.organization_id)
        assert Audit(work).values_of(entry).after == {"tables": ["leads_daily"], "row_count": 1}


def test_what_can_be_asked_about_is_told_with_its_meaning(api, lake):
    (table,) = api.get("/v1/sql/tables").json()["items"]
    assert table["name"] == "leads_daily"
    assert {column["name"]: column["description"] for column in table["columns"]}["lead_count"] == "New leads."


def test_what_is_no_question_is_refused_in_words(api, lake):
    for sql in ("drop table leads_daily", "select 1; select 2", "select x from leads_daily", "from nowhere", ""):
        answer = api.post("/v1/sql", json={"sql": sql})
        assert (answer.status_code, answer.json()["code"]) == (422, "query_refused"), sql


def test_those_who_look_in_ask_no_questions(sign_in, family, lake):
    looking_in = sign_in(family.agency.organization_id, Role.CLIENT_VIEWER)
    assert looking_in.post("/v1/sql", json={"sql": "select 1"}).status_code == 403


@pytest.mark.parametrize(
    ("value", "shown"),
    [(2**53 + 1, "9007199254740993"), (float("nan"), None), (Decimal("1.10"), "1.10"), (b"\x01", "01"), (True, True),
     ([1, None], "[1, null]")],
)  # fmt: skip
def test_no_value_loses_a_digit_on_its_way(value, shown):
    assert plain(value) == shown
