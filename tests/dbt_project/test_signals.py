"""Signals and what came of them, told of four hundred companies whose truth is known; and who may be compared with whom."""

from __future__ import annotations

import pytest

from app.queries.signals import COUNTED
from domain.lift import Counted, Verdict, lift
from tests.dbt_project.signals_and_others import ORGANIZATION, WORTH
from tests.dbt_project.world import at


def counted(told, kind: str, outcome: str = "customer", days: int = 30) -> list[Counted]:
    rows = told.world.lake.arrow(COUNTED, [ORGANIZATION, outcome, days]).to_pylist()
    return [Counted(**{name: row[name] for name in row if name != "kind"}) for row in rows if row["kind"] == kind]


@pytest.mark.parametrize(("kind", "truth"), WORTH.items())
def test_intervals_hold_what_signals_are_worth_in_truth(told, kind, truth):
    found = lift(counted(told, kind))
    assert found.low < truth < found.high
    assert found.verdict is (Verdict.MORE if truth > 1 else Verdict.NO_DIFFERENCE_SEEN)


def test_without_looking_at_where_companies_stood_a_signal_that_does_nothing_would_seem_to_help(told):
    (raw,) = told.world.rows(f"""
        with companies as (
            select company_id, customer_at is not null as bought, company_id in (
                select company_id from lake.marts.signals where organization_id = '{ORGANIZATION}' and kind = 'news'
            ) as had_news
            from lake.intermediate.int_company_milestones where organization_id = '{ORGANIZATION}'
        )
        select avg(bought::int) filter (where had_news) / avg(bought::int) filter (where not had_news) as ratio
        from companies
    """)
    assert raw["ratio"] > 1.3 > lift(counted(told, "news")).ratio


def test_moments_whose_days_are_not_over_do_not_count(told):
    assert counted(told, "hiring", days=90)
    assert counted(told, "hiring", days=91) == []


def test_whoever_had_reached_the_outcome_before_is_in_no_comparison_and_others_are_weighed_to_one(told):
    rows = counted(told, "hiring")
    moments = sum(row.with_signal * row.companies for row in rows)
    assert sum(row.without * row.companies for row in rows) == pytest.approx(moments, abs=0.01)


def test_visits_of_a_day_and_what_people_answered_are_there_for_signals_without_machines(told):
    (first, later) = told.world.rows(
        "select * from lake.marts.visits_daily where organization_id = 'firms' and contact_id = 'wim' order by visited_on"
    )
    assert (first["company_id"], first["page_view_count"], first["pricing_view_count"]) == ("won-co", 4, 2)
    assert (later["former_visit_at"], later["pricing_view_count"]) == (at(days=1, minutes=9), 0)
    found = told.world.rows("select * from lake.marts.reactions where organization_id = 'outbox' order by occurred_at")
    assert [(row["kind"], row["contact_id"], row["campaign"], row["page_url"]) for row in found] == [
        ("email_click", "ann", "Spring", "https://a.example/1"),
        ("email_reply", "bea", "Spring", None),
    ]
