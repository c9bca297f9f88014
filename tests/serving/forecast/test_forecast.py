"""The forecast over the API: what may be won, with what is missing said, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from domain.tenancy import Role, Scope
from models_ml.forecast.publish import forecast_organization
from storage.lake import Lake
from storage.ops.repositories.deals import Deals
from tests.factories import TESTER
from tests.models_ml.forecast.lakes import history_of
from tests.models_ml.forecast.worlds import MOMENT, Nature, draw_agency

PATH = "/v1/forecast"


@pytest.fixture
def forecast_lake(settings, family) -> Lake:
    """The agency's forecasts of half a year; its client has hardly a deal."""
    lake = Lake.open(settings)
    lake.migrate()
    busy, quiet = Nature(a_week=9.0, years=0.35, days_a_stage=6), Nature(a_week=0.6, years=0.2)
    for organization, nature in ((family.agency, busy), (family.client, quiet)):
        history = history_of(organization.organization_id, draw_agency(nature, seed=5))
        forecast_organization(lake, history, now=MOMENT, draws=20)
    return lake


def test_before_the_first_pass_there_is_none_and_it_says_why(api):
    answer = api.get(PATH)

    assert answer.status_code == 404
    assert "made with the marts" in answer.json()["hint"]


def test_each_day_is_answered_as_it_was_known_and_its_parts_add_up(api, forecast_lake):
    newest = api.get(PATH).json()
    before = api.get(PATH, params={"as_of": newest["days"][4]}).json()
    changes = api.get(f"{PATH}/changes").json()
    past = api.get(f"{PATH}/backtest").json()

    assert newest["as_of_on"] == newest["days"][0] > before["as_of_on"]
    assert [one["stage"] for one in newest["stages"]] == ["opportunity", "proposal", "negotiation"]
    assert before["closed_count"] < newest["closed_count"]
    parts: dict[str, Any] = {one["part"]: one["expected_minor"] for one in newest["periods"][0]["estimates"]}
    assert parts["won"] + parts["open"] + parts["new"] == pytest.approx(parts["total"], abs=2)
    assert changes["before_minor"] + sum(one["change_minor"] for one in changes["changes"]) == changes["after_minor"]
    this = next(one for one in past["coverage"] if (one["period"], one["level"]) == ("this_quarter", 0.8))
    over = [one for one in past["past"] if one["actual_minor"] is not None and one["period"] == "this_quarter"]
    assert (this["verdict"], this["span_count"], this["forecast_count"]) == ("cannot_know_yet", 1, len(over))
    assert api.get(PATH, params={"as_of": "2019-01-06"}).status_code == 404


def test_a_deal_is_named_as_it_is_today_and_nameless_where_it_is_gone(api, store, family, forecast_lake):
    gone, here, *_ = api.get(f"{PATH}/deals").json()
    with store.write(Scope.of(family.agency.organization_id), TESTER) as work:
        made = Deals(work).create("Rollout").deal_id
    with forecast_lake.writer() as cursor:
        cursor.execute("update ml.forecast__deals set deal_id = ? where deal_id = ?", [made, here["deal_id"]])

    found = api.get(f"{PATH}/deals").json()

    assert [(one["deal_id"], one["name"]) for one in found[:2]] == [(gone["deal_id"], None), (made, "Rollout")]
    assert gone["twelve_months"] * gone["amount_minor"] >= here["twelve_months"] * here["amount_minor"]


def test_days_that_were_said_before_a_deal_was_won_are_held_against_when_it_was(api, family, forecast_lake):
    mine = family.agency.organization_id
    versions = (  # said at first, said later, then won; brought along after it was won; open and past its day
        ("a", "2025-11-01", None, "proposal", "2025-11-01", "2025-12-01"),
        ("a", "2025-12-01", None, "won", "2025-12-11", "2025-12-20"),
        ("b", "2026-01-10", None, "won", "2025-11-01", "2025-10-01"),
        ("c", "2026-01-10", None, "proposal", "2026-01-10", "2026-02-01"),
    )
    with forecast_lake.writer() as cursor:
        cursor.execute(
            "create table marts.deal_history (organization_id text, deal_id text, known_at timestamptz, known_until timestamptz, "
            "stage text, stage_entered_at timestamptz, expected_close_on date, is_deleted boolean)"
        )
        for row in versions:
            cursor.execute("insert into marts.deal_history values (?, ?, ?, ?, ?, ?, ?, false)", [mine, *row])
        cursor.execute(
            "update marts.deal_history set known_until = '2025-12-01' where deal_id = 'a' and stage = 'proposal'"
        )

    found = api.get(PATH).json()["slippage"]

    assert found == {"won_count": 1, "late_count": 1, "median_days": None, "overdue_count": 1}


@pytest.mark.usefixtures("forecast_lake")
def test_too_little_history_answers_what_is_missing(sign_in, family):
    client = sign_in(family.client.organization_id, Role.CLIENT_VIEWER)

    found = client.get(PATH).json()

    assert [one["estimates"] for one in found["periods"]] == [[], [], []]
    assert {"what": "closed", "has": found["closed_count"], "needs": 20} in found["periods"][0]["missing"]
    assert client.get(f"{PATH}/changes").status_code == 404
    assert client.get(f"{PATH}/deals").json() == []
