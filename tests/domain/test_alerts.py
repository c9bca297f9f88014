"""An alert fires for what chance does not explain, and says when there is not enough to tell."""

from __future__ import annotations

import random

import pytest

from domain.alerts import AlertRule, Comparison, Metric, Outcome, Window, judge, parse_rules
from domain.errors import InvalidInput


def rule(metric=Metric.LEADS, comparison=Comparison.UNUSUALLY_LOW, threshold=None, **more):
    return AlertRule("r", "A rule", metric, comparison, "u1", threshold, **more)


def counts(*values):
    return [Window(float(value)) for value in values]


def said(judgement):
    return judgement.outcome, judgement.reason


@pytest.mark.parametrize(
    ("comparison", "windows", "expected"),
    [
        ("unusually_low", counts(4, *[40, 42, 38, 41, 39, 40, 43, 37]), (Outcome.FIRES, "unusually_low")),
        ("unusually_low", counts(30, *[40, 42, 38, 41, 39, 40, 43, 37]), (Outcome.QUIET, "as_usual")),
        ("unusually_low", counts(0, *[3, 2, 4, 3, 3, 2, 5, 3]), (Outcome.NOT_ENOUGH, "none_at_all_would_be_chance")),
        ("unusually_high", counts(95, *[40, 42, 38, 41, 39, 40, 43, 37]), (Outcome.FIRES, "unusually_high")),
        ("unusually_high", counts(4, *[0] * 8), (Outcome.QUIET, "too_few_to_matter")),
        ("unusually_high", counts(90, 40, 41), (Outcome.NOT_ENOUGH, "too_little_history")),
        ("unusually_low", [], (Outcome.NOT_ENOUGH, "nothing_built")),
    ],
)
def test_a_count_is_held_against_its_own_past(comparison, windows, expected):
    assert said(judge(rule(comparison=Comparison(comparison)), windows)) == expected


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window(60, 600), (Outcome.FIRES, "above_the_line")),
        (Window(2, 20), (Outcome.NOT_ENOUGH, "chance_explains_it")),
        (Window(5, 600), (Outcome.QUIET, "within_the_line")),
        (Window(0, 0), (Outcome.NOT_ENOUGH, "nothing_to_divide_by")),
    ],
)
def test_a_share_crosses_a_line_only_with_its_whole_interval(window, expected):
    assert said(judge(rule(Metric.BOUNCE_RATE, Comparison.ABOVE, 0.05), [window])) == expected


def test_a_cost_per_lead_of_few_leads_does_not_cry():
    costly = rule(Metric.COST_PER_LEAD, Comparison.ABOVE, 15_00)
    assert said(judge(costly, [Window(60_00, 3)])) == (Outcome.NOT_ENOUGH, "chance_explains_it")
    assert said(judge(costly, [Window(6_000_00, 300)])) == (Outcome.FIRES, "above_the_line")


def test_a_share_is_held_against_its_past_from_enough_messages_on():
    usual = [Window(20, 400)] * 8
    assert (
        judge(rule(Metric.BOUNCE_RATE, Comparison.UNUSUALLY_HIGH), [Window(60, 400), *usual]).outcome is Outcome.FIRES
    )
    few = judge(rule(Metric.BOUNCE_RATE, Comparison.UNUSUALLY_HIGH), [Window(9, 20), *usual])
    assert said(few) == (Outcome.NOT_ENOUGH, "too_few_messages")


def test_where_nothing_changed_hardly_anything_fires():
    chance = random.Random(7)
    drawn = [[Window(float(sum(chance.random() < 0.04 for _ in range(1_000)))) for _ in range(9)] for _ in range(300)]
    fired = [
        judge(rule(comparison=comparison), windows).outcome is Outcome.FIRES
        for windows in drawn
        for comparison in (Comparison.UNUSUALLY_HIGH, Comparison.UNUSUALLY_LOW)
    ]
    assert sum(fired) <= 6  # one in a hundred


@pytest.mark.parametrize(
    "raw",
    [
        {"comparison": "above"},
        {"comparison": "unusually_low", "threshold": 3.0},
        {"comparison": "unusually_high", "metric": "cost_per_lead"},
    ],
)
def test_rules_that_contradict_themselves_are_refused(raw):
    one = {"key": "a", "name": "A", "metric": "leads", "owner_user_id": "u1", **raw}
    with pytest.raises(InvalidInput):
        parse_rules({"rules": [one]})
