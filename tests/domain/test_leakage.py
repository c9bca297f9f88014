"""Names that speak of what comes after the outcome, and intervals."""

from __future__ import annotations

import pytest

from domain.leakage import Evidence, LeakRule, hints_at_outcome, judge, wilson


@pytest.mark.parametrize(
    "label", ["Converted Date", "DealAmount", "lost_reason", "Tags", "Lead Quality", "closed at", "Invoice total"]
)
def test_a_name_that_speaks_of_the_outcome_is_a_hint(label):
    assert hints_at_outcome(label)


@pytest.mark.parametrize(
    "label",
    ["poutcome", "Previous outcome", "marital", "Last paid search click", "Industry", "Total Time Spent on Website"],
)
def test_a_name_that_speaks_of_the_lead_or_of_earlier_times_is_none(label):
    assert hints_at_outcome(label) == ""


def evidence(label: str, **more) -> Evidence:
    measured = {
        "lead_count": 1000,
        "base_rate": 0.2,
        "filled_count": 1000,
        "filled_rate": 0.2,
        "good_filled_share": 1.0,
    }
    measured |= {"bad_filled_share": 1.0, "auc": 0.6, "auc_error": 0.02, "next_auc": 0.65}
    return Evidence(label=label, **{**measured, **more})


def test_a_name_alone_is_no_evidence():
    assert judge(evidence("Deal stage")) is None


def test_a_name_lowers_the_bar_for_power():
    assert judge(evidence("Deal stage", auc=0.78)).rule is LeakRule.NAMED_AFTER_THE_OUTCOME
    assert judge(evidence("Industry", auc=0.78)) is None


def test_wilson_of_all_and_of_nothing():
    assert wilson(1.0, 0) == (0.0, 1.0)
    low, high = wilson(1.0, 100)
    assert low == pytest.approx(0.963, abs=0.001)
    assert high == pytest.approx(1.0)
