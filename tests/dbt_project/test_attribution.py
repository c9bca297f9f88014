"""Funnel, credit and cost."""

from __future__ import annotations

import pytest

from tests.dbt_project.world import at


def credits_of(told, organization_id: str, kind: str, model: str) -> dict[str, float]:
    return {
        row["channel"]: round(row["credit"], 6)
        for row in told.rows("marts.attribution_credits", organization_id)
        if row["conversion_kind"] == kind and row["model"] == model
    }


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first_touch", {"Organic Search": 1}),
        ("last_touch", {"Meeting": 1}),
        ("linear", {"Organic Search": 0.25, "Direct": 0.25, "Outbound Email": 0.25, "Meeting": 0.25}),
    ],
)
def test_touches_within_ninety_days_share_a_customer(told, model, expected):
    assert credits_of(told, "credit", "customer", model) == expected


def test_an_organization_sets_its_own_look_back(told):
    assert credits_of(told, "credit_30", "customer", "linear") == {"Outbound Email": 0.5, "Meeting": 0.5}


def test_a_conversion_without_a_touch_is_credited_to_unassigned(told):
    assert credits_of(told, "untouched", "lead", "last_touch") == {"Unassigned": 1}


def test_a_form_outside_any_session_is_a_touch_with_its_own_channel(told):
    (touch,) = told.rows("marts.touchpoints", "untouched")
    assert (touch["kind"], touch["channel"]) == ("form", "Paid Search")


def test_a_customer_carries_the_amount_of_the_deal(told):
    (customer,) = [row for row in told.rows("marts.conversions", "credit") if row["kind"] == "customer"]
    assert (customer["value_minor"], customer["currency"], customer["converted_at"]) == (900_00, "USD", at(days=-1))


def test_whoever_reached_a_stage_counts_in_all_before_it(told):
    stages = told.rows("marts.funnel_stages", "credit", "stage_order")
    assert [row["contact_count"] for row in stages] == [1, 1, 1, 1, 1, 1]
    assert [row["from_previous_rate"] for row in stages] == [None, 1, 1, 1, 1, 1]


def test_spend_is_converted_by_the_rate_of_its_day_or_the_week_before(told):
    costs: dict[str, int] = {}
    for row in told.rows("marts.channels_daily", "money"):
        costs[row["channel"]] = costs.get(row["channel"], 0) + (row["cost_minor"] or 0)
    assert costs == {"Paid Search": 100_00 + 90_00, "Display": 100_00, "Unassigned": 50_00, "Paid Social": 20_00}


def test_a_missing_rate_is_listed_and_never_one(told):
    (missing,) = told.rows("marts.missing_fx_rates", "money")
    assert (missing["from_currency"], missing["to_currency"], missing["left_out_minor"]) == ("CHF", "EUR", 70_00)


def test_a_channel_we_do_not_know_is_listed_with_its_cost(told):
    (unknown,) = told.rows("marts.unknown_spend_channels", "money")
    assert (unknown["channel_text"], unknown["cost_minor"]) == ("Billboard", 50_00)
