"""Forecasts of every week end stand in the lake, are kept, and are made again where what was known changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.forecasting.waterfall import Cause
from domain.settings import Settings
from models_ml.forecast.publish import forecast_everyone
from storage.lake import Lake
from tests.models_ml.forecast.lakes import fill, prepare
from tests.models_ml.forecast.worlds import MOMENT, Nature, draw_agency

LAST = "(select max(as_of_on) from ml.forecast__revenue where organization_id = 'busy')"


def run(lake: Lake, at: datetime) -> int:
    return forecast_everyone(lake, clock=lambda: at, draws=30).day_count


def asked(lake: Lake, question: str) -> list[dict[str, Any]]:
    return lake.arrow(question).to_pylist()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    folder = tmp_path_factory.mktemp("forecast")
    opened = Lake.open(Settings.load({"LEADHOUSE_DATA__DIR": str(folder)}))
    prepare(opened)
    fill(opened, "busy", draw_agency(Nature(a_week=4.0, years=0.75, days_a_stage=8), seed=5), "Europe/Berlin")
    fill(opened, "quiet", draw_agency(Nature(a_week=0.5, years=0.3), seed=6))
    run(opened, MOMENT)
    yield opened
    opened.close()


def test_an_organization_with_little_history_has_its_counts_and_no_number(lake):
    rows = asked(lake, "select * from ml.forecast__revenue where organization_id = 'quiet'")

    assert rows
    assert {row["period"] for row in rows} == {None}
    assert all(row["closed_count"] < 20 for row in rows)


def test_each_week_end_has_a_forecast_of_what_was_known_then(lake):
    found = asked(
        lake,
        "select known_at, week_count, closed_count from ml.forecast__revenue where organization_id = 'busy' "
        "and part = 'total' and period = 'this_quarter' order by known_at",
    )

    assert len(found) > 20
    assert found[-1]["known_at"] == MOMENT
    assert [row["closed_count"] for row in found] == sorted(row["closed_count"] for row in found)


def test_every_open_deal_has_its_chance_and_its_date(lake):
    found = asked(lake, f"select * from ml.forecast__deals where organization_id = 'busy' and as_of_on = {LAST}")

    (head,) = asked(
        lake,
        f"select distinct open_count from ml.forecast__revenue where organization_id = 'busy' and as_of_on = {LAST}",
    )
    assert len(found) == head["open_count"] > 0
    assert all(0 <= row["this_quarter"] <= row["next_quarter"] <= row["twelve_months"] <= 1 for row in found)
    assert all(row["won_by_on"] > MOMENT.date() for row in found)


def test_the_changes_of_a_week_add_up(lake):
    found = asked(
        lake,
        f"select cause, change_minor from ml.forecast__changes where organization_id = 'busy' and as_of_on = {LAST}",
    )

    sums = {row["cause"]: row["change_minor"] for row in found if row["cause"] in {"before", "after"}}
    changes = [row["change_minor"] for row in found if row["cause"] in set(Cause)]
    assert sums["before"] + sum(changes) == sums["after"]


def test_periods_that_are_over_have_what_was_won(lake):
    found = asked(
        lake,
        "select as_of_on, actual_minor from ml.forecast__outcomes where organization_id = 'busy' and period = 'this_quarter'",
    )

    (won,) = asked(
        lake,
        "select sum(amount_minor)::bigint as minor from marts.deal_history inner join intermediate.int_deal_entries as entries "
        "using (organization_id, deal_id) where organization_id = 'busy' and entries.stage = 'won' "
        "and entered_at >= '2025-10-01 00:00:00+02' and entered_at < '2026-01-01 00:00:00+01'",
    )
    assert {row["actual_minor"] for row in found if row["as_of_on"].year == 2025 and row["as_of_on"].month >= 10} == {
        won["minor"]
    }


def test_what_is_made_is_kept_until_what_was_known_changes(lake):
    assert run(lake, MOMENT + timedelta(hours=2)) == 0

    with lake.writer() as cursor:
        cursor.execute(
            "update marts.deal_history set amount_minor = amount_minor + 1 where organization_id = 'quiet' "
            "and known_at = (select max(known_at) from marts.deal_history where organization_id = 'quiet')"
        )
    remade = run(lake, MOMENT + timedelta(hours=2))

    assert 0 < remade < 10
