"""What was known of a deal at a moment is one row."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from models_ml.forecast.publish import forecast_everyone
from tests.dbt_project.conftest import Told
from tests.dbt_project.world import at


def test_a_move_counts_from_when_it_was_known_and_a_price_from_when_it_was_set(told):
    assert [_known(told, "moved", at(days=day)) for day in (1, 6, 7, 13)] == [
        ("opportunity", at(), 100_00, None),
        ("opportunity", at(), 100_00, None),
        ("proposal", at(days=5), 100_00, None),
        ("won", at(days=12), 250_00, date(2026, 3, 20)),
    ]


def test_nothing_is_known_of_a_history_before_it_was_brought_along(told):
    assert _known(told, "brought", at(days=2)) is None
    assert _known(told, "brought", at(days=3)) == ("won", at(days=-20), 100_00, None)


def test_a_deleted_deal_is_known_until_it_was_deleted_and_without_a_rate_it_has_no_amount(told):
    assert _known(told, "gone", at(days=3)) == ("proposal", at(days=1), None, None)
    assert _known(told, "gone", at(days=4)) is None


def test_every_entry_of_a_deal_is_kept_with_its_own_moment(told):
    entries = told.rows("intermediate.int_deal_entries", "dealbook", "deal_id, entered_at")
    assert [(row["deal_id"], row["stage"]) for row in entries] == [
        ("brought", "opportunity"), ("brought", "proposal"), ("brought", "won"), ("gone", "proposal"),
        ("moved", "opportunity"), ("moved", "proposal"), ("moved", "won"),
    ]  # fmt: skip


def test_a_forecast_of_them_says_that_it_cannot_be_known_yet(told):
    forecast_everyone(told.world.lake, clock=lambda: at(days=14))

    head = told.rows("ml.forecast__revenue", "dealbook", "as_of_on")[-1]
    assert (head["closed_count"], head["won_count"], head["open_count"], head["period"]) == (2, 2, 0, None)


def _known(told: Told, deal_id: str, moment: datetime) -> tuple[Any, ...] | None:
    found = [
        (row["stage"], row["stage_entered_at"], row["amount_minor"], row["expected_close_on"])
        for row in told.rows("marts.deal_history", "dealbook")
        if row["deal_id"] == deal_id and row["known_at"] <= moment and not row["is_deleted"]
        and (row["known_until"] is None or moment < row["known_until"])
    ]  # fmt: skip
    assert len(found) <= 1
    return found[0] if found else None
