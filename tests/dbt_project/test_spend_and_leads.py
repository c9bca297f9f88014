"""Spend counts once, revenue has its age, and a scorecard says what became of leads."""

from __future__ import annotations

import pytest


def test_a_charge_that_two_files_spell_differently_counts_once_and_is_listed(told):
    counted = {
        row["amount_id"]: row["cost_minor"] for row in told.rows("intermediate.int_spend_by_channel", "overlaps")
    }
    assert (counted["a-old"], counted["a-new"]) == (None, 100_00)
    assert (counted["hand"], counted["b-old"], counted["b-new"]) == (None, 40_00, 45_00)
    listed = {
        (row["overlap"], row["campaign"]): row["amount_minor"] for row in told.rows("marts.spend_overlaps", "overlaps")
    }
    assert listed == {
        ("counted_once", "Brand DACH"): 100_00,
        ("counted_once", "GENERIC"): 40_00,
        ("two_amounts", "Generic"): 40_00,
        ("whole_and_parts", ""): 145_00,
    }


def test_two_sources_and_two_unknown_channels_are_not_the_same_charge(told):
    rows = told.rows("intermediate.int_spend_by_channel", "overlaps")
    assert [row["amount_id"] for row in rows if row["is_repeat"]] == ["a-old", "hand"]


def test_every_file_says_what_it_stated_and_how_much_of_it_counts(told):
    files = {(row["batch_id"], row["original_currency"]): row for row in told.rows("marts.spend_files", "overlaps")}
    old = files["old.csv", "USD"]
    assert (old["line_count"], old["original_minor"]) == (4, 156_00)
    assert (old["counted_minor"], old["repeated_minor"], old["unassigned_minor"]) == (56_00, 100_00, 9_00)
    assert files["old.csv", "CHF"]["without_rate_minor"] == 30_00
    assert files["by hand", "USD"]["repeated_minor"] == 40_00
    for row in files.values():
        if row["original_currency"] == row["currency"]:
            assert row["original_minor"] == row["counted_minor"] + row["repeated_minor"] + row["without_rate_minor"]


def test_revenue_stands_at_its_age_by_kind(told):
    rows = [row for row in told.rows("marts.channel_revenue_by_age", "payers", "won_month_on, age_months")
            if row["model"] == "linear"]  # fmt: skip
    monthly = [row for row in rows if str(row["won_month_on"]) == "2026-01-01"]
    assert [(row["age_months"], row["recurring_minor"], row["one_off_minor"]) for row in monthly] == [
        (0, 50_00, 0), (1, 50_00, 0), (2, 50_00, 0),
    ]  # fmt: skip
    assert {(row["channel"], row["campaign"]) for row in monthly} == {("Paid Search", "brand")}
    others = [(str(row["won_month_on"]), row["age_months"], row["one_off_minor"]) for row in rows if row not in monthly]
    assert others == [("2026-02-01", 1, 300_00), ("2026-03-01", 0, 100_00)]


@pytest.mark.parametrize("model", ["first_touch", "linear"])
def test_revenue_by_age_adds_up_to_the_revenue_of_the_channels(told, model):
    by_age = sum(row["recurring_minor"] + row["one_off_minor"] for row in
                 told.rows("marts.channel_revenue_by_age", "payers") if row["model"] == model)  # fmt: skip
    whole = sum(
        row["revenue_minor"] for row in told.rows("marts.channel_roi_monthly", "payers") if row["model"] == model
    )
    assert by_age == pytest.approx(whole)
    assert whole == 550_00


def test_the_scorecard_counts_what_became_of_the_leads_of_a_month(told):
    february, march = told.rows("marts.scorecard_monthly", "cared_for", "month_on")
    assert (february["lead_count"], february["contacted_count"]) == (1, 0)
    counts = ("lead_count", "contacted_count", "responded_count", "meeting_count", "timed_count")
    assert [march[name] for name in counts] == [5, 4, 2, 1, 3]
    assert march["median_minutes_to_contact"] == 20
    assert (march["sent_count"], march["delivered_count"], march["bounced_count"]) == (4, 3, 1)
    assert march["cost_minor"] == 100_00
