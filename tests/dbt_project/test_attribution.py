"""Funnel, credit and cost."""

from __future__ import annotations

import pytest

from models_ml.attribution.uncertainty import draw_intervals
from tests.dbt_project.world import BUILD_AT, at


def credits_of(told, organization_id: str, kind: str, model: str, level: str = "person") -> dict[str, float]:
    return {
        row["channel"]: round(row["credit"], 6)
        for row in told.rows("marts.attribution_credits", organization_id)
        if (row["conversion_kind"], row["model"], row["attribution_level"]) == (kind, model, level)
    }


def performance_of(told, organization_id: str, kind: str, model: str, level: str = "person") -> dict[str, dict]:
    return {
        row["channel"]: row
        for row in told.rows("marts.channel_performance", organization_id, "channel")
        if (row["conversion_kind"], row["model"], row["attribution_level"]) == (kind, model, level)
        and row["conversion_count"]
    }


PARTS = {
    "first_touch": [1, 0, 0, 0, 0],
    "last_touch": [0, 0, 0, 0, 1],
    "last_non_direct": [0, 0, 0, 0, 1],
    "linear": [0.2, 0.2, 0.2, 0.2, 0.2],
    "time_decay": [share / (1 / 8 + 1 / 4 + 2**-1.6 + 1 / 2 + 1) for share in (1 / 8, 1 / 4, 2**-1.6, 1 / 2, 1)],
    "u_shaped": [0.4, 0.2 / 3, 0.2 / 3, 0.2 / 3, 0.4],
    "w_shaped": [0.6, 0.1 / 3, 0.3, 0.1 / 3, 0.1 / 3],
    "full_path": [0.45, 0.05, 0.225, 0.05, 0.225],
    "custom": [0, 0.375, 0, 0.375, 0.25],
}
"""Five touches; the first made the lead and the third the opportunity, so that each earns the share of both its parts."""


@pytest.mark.parametrize("model", PARTS)
def test_a_touch_earns_the_share_of_each_part_it_plays(told, model):
    rows = [
        row
        for row in told.rows("marts.attribution_credits", "parts", "touched_at")
        if (row["conversion_kind"], row["model"], row["attribution_level"]) == ("customer", model, "person")
    ]
    earned = [row["credit"] for row in rows]
    assert earned == pytest.approx([share for share in PARTS[model] if share])
    assert sum(row["credited_value_minor"] for row in rows) == pytest.approx(500_00)


def test_a_buying_group_shares_what_one_of_them_closed(told):
    assert credits_of(told, "parts", "opportunity", "last_touch") == {"Meeting": 1}
    touches = [
        row
        for row in told.rows("marts.attribution_credits", "parts", "touched_at")
        if (row["conversion_kind"], row["model"], row["attribution_level"]) == ("customer", "linear", "account")
    ]
    assert [round(row["credit"], 6) for row in touches] == [round(1 / 6, 6)] * 6


@pytest.mark.parametrize("model", ["markov", "shapley", *PARTS])
@pytest.mark.parametrize("level", ["person", "account"])
def test_every_model_credits_all_conversions_and_their_value(told, model, level):
    found = performance_of(told, "parts", "customer", model, level).values()
    assert sum(row["conversion_count"] for row in found) == pytest.approx(1)
    assert sum(row["credited_value_minor"] for row in found) == pytest.approx(500_00)


def test_what_was_never_touched_is_offline_or_unassigned_under_every_rule(told):
    for model in PARTS:
        found = performance_of(told, "untouched", "lead", model)
        assert {channel: row["conversion_count"] for channel, row in found.items()} == {
            "Offline": 1, "Unassigned": 1, "Outbound Email": 1,
        }  # fmt: skip


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


def test_whoever_came_by_a_list_without_a_touch_is_offline_and_by_the_site_unassigned(told):
    credited = {
        row["contact_id"]: row["channel"]
        for row in told.world.rows(
            "select contact_id, channel from lake.marts.conversions "
            "join lake.marts.attribution_credits using (organization_id, conversion_id) "
            "where organization_id = 'untouched' and kind = 'lead' and model = 'last_touch' "
            "and attribution_level = 'person'"
        )
    }
    assert credited == {"una": "Offline", "lone-fay": "Unassigned", "cold-cole": "Outbound Email"}


def test_somebody_written_to_becomes_a_lead_by_answering_and_not_by_being_on_a_list(told):
    leads = {row["contact_id"]: row["converted_at"] for row in told.rows("marts.conversions", "untouched")}
    assert leads["cold-cole"] == at(days=6)
    assert "cold-ned" not in leads


def test_a_form_outside_any_session_is_a_touch_with_its_own_channel(told):
    (touch,) = [row for row in told.rows("marts.touchpoints", "untouched") if row["contact_id"] == "una"]
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


def test_steps_back_and_again_are_told_and_skipped_stages_counted(told):
    stages = {row["stage"]: row for row in told.rows("marts.funnel_stages", "parts", "stage_order")}
    told_of = {name: (row["reentry_count"], row["regression_count"], row["skip_count"]) for name, row in stages.items()}
    assert told_of["mql"] == (0, 1, 0)
    assert told_of["opportunity"] == (1, 0, 1)
    assert [row["contact_count"] for row in stages.values()] == [2, 2, 1, 1, 1, 1]


def test_a_cohort_is_followed_through_all_stages(told):
    cohorts = told.rows("marts.funnel_cohorts", "parts", "cohort_on, stage_order")
    assert [(str(row["cohort_on"]), row["person_count"], row["reached_count"]) for row in cohorts] == [
        ("2026-03-01", 2, reached) for reached in (2, 2, 1, 1, 1, 1)
    ]


def test_a_snapshot_has_every_contact_in_one_stage(told):
    standing = {row["stage"]: row["standing_count"] for row in told.rows("marts.funnel_snapshots", "parts")}
    assert {stage: count for stage, count in standing.items() if count} == {"lead": 1, "customer": 1}


def test_a_month_of_a_channel_tells_cost_revenue_and_what_came_of_it(told):
    rows = {
        (row["channel"], row["campaign"]): row
        for row in told.rows("marts.channel_roi_monthly", "parts", "channel, campaign")
        if row["model"] == "linear"
    }
    calls, ads = rows["Call", ""], rows["Display", "spring"]
    # paid by 1 April: 300.00 once and 50.00 on 22 February and 22 March; calls are two of five touches
    assert calls["revenue_minor"] == pytest.approx(0.4 * 400_00)
    assert (calls["cost_minor"], calls["customer_count"]) == (40_00, pytest.approx(0.4))
    assert calls["cac_minor"] == pytest.approx(100_00)
    assert calls["roas_rate"] == pytest.approx(4)
    assert calls["roi_rate"] == pytest.approx(3)
    assert (ads["cost_minor"], ads["lead_count"], ads["cac_minor"], ads["roi_rate"]) == (10_00, 0, None, -1)


def test_revenue_without_a_rate_is_listed(told):
    assert [row["from_currency"] for row in told.rows("marts.missing_fx_rates", "parts")] == ["CHF"]


def test_what_a_model_gives_lies_within_what_chance_allows(told):
    draw_intervals(told.world.lake, clock=lambda: BUILD_AT)
    drawn = {
        tuple(
            row[name] for name in ("organization_id", "conversion_kind", "attribution_level", "model", "channel")
        ): row
        for row in told.world.rows("select * from lake.ml.attribution__intervals")
    }
    given = told.world.rows("select * from lake.marts.channel_performance where abs(conversion_count) > 1e-6")
    for row in given:
        key = tuple(
            row[name] for name in ("organization_id", "conversion_kind", "attribution_level", "model", "channel")
        )
        assert drawn[key]["conversion_count_low"] <= row["conversion_count"] <= drawn[key]["conversion_count_high"], key
    assert {key[3] for key in drawn} == {row["model"] for row in given}
