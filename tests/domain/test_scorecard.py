"""Targets of a program, and months judged by them: with a verdict only where there is enough to tell."""

from __future__ import annotations

from datetime import date

import pytest

from domain.errors import InvalidInput
from domain.scorecard import DEFAULT, Measure, Month, Verdict, parse_plan, plan_as_setting, read_month

JANUARY = date(2026, 1, 1)


def judged(**counts):
    month = Month(JANUARY, counts.pop("currency", "USD"), **counts)
    return {line.measure: line for line in read_month(month, DEFAULT.steps[0], "USD")}


@pytest.mark.parametrize(("month_on", "from_month"), [
    (date(2026, 1, 1), 3), (date(2026, 3, 1), 3), (date(2026, 5, 1), 3), (date(2026, 6, 1), 6), (date(2027, 6, 1), 6),
])  # fmt: skip
def test_the_last_step_reached_holds_and_before_the_first_it_is_the_aim(month_on, from_month):
    assert DEFAULT.of_month(month_on, JANUARY).from_month == from_month


def test_the_defaults_are_those_of_the_plan():
    three, six = DEFAULT.steps
    assert [three.of(measure) for measure in Measure] == [500, 0.4, 0.08, 0.03, 120, 0.9, 1500]
    assert [six.of(measure) for measure in Measure] == [2000, 0.6, 0.15, 0.08, 30, 0.95, 800]
    assert parse_plan(plan_as_setting(DEFAULT)) == DEFAULT


def test_a_share_is_judged_only_where_its_interval_lies_on_one_side_of_the_target():
    assert judged(lead_count=10, contacted_count=6)[Measure.CONTACT_RATE].verdict is Verdict.TOO_FEW
    assert judged(lead_count=1_000, contacted_count=600)[Measure.CONTACT_RATE].verdict is Verdict.MET
    assert judged(lead_count=1_000, contacted_count=200)[Measure.CONTACT_RATE].verdict is Verdict.MISSED
    assert judged()[Measure.CONTACT_RATE].verdict is Verdict.UNKNOWN


def test_answers_and_meetings_are_shares_of_those_contacted():
    lines = judged(lead_count=1_000, contacted_count=500, responded_count=100, meeting_count=50)
    assert (lines[Measure.RESPONSE_RATE].value, lines[Measure.MEETING_RATE].value) == (0.2, 0.1)


def test_less_is_better_for_time_and_cost():
    lines = judged(lead_count=400, timed_count=50, median_minutes_to_contact=60.0, cost_minor=4_000_00)
    assert lines[Measure.MINUTES_TO_CONTACT].verdict is Verdict.MET
    assert (lines[Measure.COST_PER_LEAD].value, lines[Measure.COST_PER_LEAD].verdict) == (1000, Verdict.MET)
    late = judged(timed_count=4, median_minutes_to_contact=600.0)[Measure.MINUTES_TO_CONTACT]
    assert late.verdict is Verdict.TOO_FEW


def test_money_in_another_currency_is_not_compared():
    line = judged(lead_count=400, cost_minor=4_000_00, currency="EUR")[Measure.COST_PER_LEAD]
    assert line.verdict is Verdict.OTHER_CURRENCY


@pytest.mark.parametrize("change", [
    {"steps": []}, {"steps": [plan_as_setting(DEFAULT)["steps"][0]] * 2},
    {"steps": [plan_as_setting(DEFAULT)["steps"][0] | {"contact_rate": 1.5}]}, {"steps": [{"from_month": 1}]},
    {"steps": [plan_as_setting(DEFAULT)["steps"][0] | {"from_month": 0}]},
])  # fmt: skip
def test_a_plan_that_contradicts_itself_is_refused(change):
    with pytest.raises(InvalidInput):
        parse_plan(plan_as_setting(DEFAULT) | change)
