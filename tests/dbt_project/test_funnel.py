"""The funnel of twenty leads, against what a pencil says (tests/dbt_project/twenty_leads.py)."""

from __future__ import annotations

from datetime import date

import pytest

from tests.dbt_project.twenty_leads import ORGANIZATION

STAGES = ("visitor", "lead", "mql", "sql", "opportunity", "customer")


def by_stage(told, table: str, column: str, where: str = "true") -> dict[str, object]:
    found = told.world.rows(
        f"select stage, {column} from lake.marts.{table} where organization_id = '{ORGANIZATION}' and {where}"
    )
    return {row["stage"]: row[column] for row in found}


def test_who_came_how_far(told):
    assert by_stage(told, "funnel_stages", "contact_count") == dict(zip(STAGES, (20, 20, 9, 6, 5, 4), strict=True))
    rates = by_stage(told, "funnel_stages", "from_previous_rate")
    assert [rates[stage] for stage in STAGES[1:]] == pytest.approx([1, 9 / 20, 6 / 9, 5 / 6, 4 / 5])


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("reentry_count", {"lead": 1, "mql": 2, "sql": 1}),
        ("regression_count", {"lead": 1, "mql": 1}),  # coming back after having been lost is no step back
        ("skip_count", {"sql": 1, "customer": 1}),
    ],
)
def test_second_entries_steps_back_and_stages_left_out(told, column, expected):
    found = by_stage(told, "funnel_stages", column)
    assert {stage: count for stage, count in found.items() if count} == expected


def test_how_long_each_step_took(told):
    days = by_stage(told, "funnel_stages", "median_days_from_previous")
    assert {stage: days[stage] for stage in STAGES[2:]} == {"mql": 4, "sql": 6, "opportunity": 10, "customer": 10}


@pytest.mark.parametrize(
    ("cohort_on", "expected"),
    [
        (date(2026, 1, 1), (8, 8, 5, 4, 3, 3)),
        (date(2026, 2, 1), (7, 7, 3, 1, 1, 0)),
        (date(2026, 3, 1), (5, 5, 1, 1, 1, 1)),
    ],
)
def test_a_cohort_is_followed_wherever_its_people_go_later(told, cohort_on, expected):
    found = by_stage(told, "funnel_cohorts", "reached_count", f"cohort_on = date '{cohort_on}'")
    assert found == dict(zip(STAGES, expected, strict=True))


@pytest.mark.parametrize(
    ("month_on", "expected"),
    [
        (date(2026, 1, 1), {"lead": 3, "sql": 4, "lost": 1}),
        (date(2026, 2, 1), {"lead": 6, "mql": 3, "sql": 1, "customer": 3, "lost": 2}),
        (date(2026, 3, 1), {"lead": 10, "mql": 2, "sql": 1, "opportunity": 1, "customer": 4, "lost": 2}),
        # nobody moved in April, and everybody still stands somewhere
        (date(2026, 4, 1), {"lead": 10, "mql": 2, "sql": 1, "opportunity": 1, "customer": 4, "lost": 2}),
    ],
)
def test_a_snapshot_says_who_stood_where_when_the_month_ended(told, month_on, expected):
    found = by_stage(told, "funnel_snapshots", "standing_count", f"month_on = date '{month_on}'")
    assert {stage: count for stage, count in found.items() if count} == expected


def test_a_snapshot_says_who_came_in_during_the_month(told):
    entered = by_stage(told, "funnel_snapshots", "entered_count", "month_on = date '2026-03-01'")
    assert {stage: count for stage, count in entered.items() if count} == {
        "lead": 6, "mql": 2, "sql": 1, "opportunity": 1, "customer": 1, "lost": 1,
    }  # fmt: skip
