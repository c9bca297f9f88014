"""What the Signals page asks the lake: what came of companies that had a signal, beside others without."""

from __future__ import annotations

import streamlit as st

from app.queries.asking import FRESH_SECONDS, Answer, ask

COUNTED = """
    with comparisons as (
        select * from lake.marts.signal_comparisons
        where organization_id = ? and other_count > 0
    ),
    asked as (
        select ?::text as outcome, to_days(?::integer) as within
    ),
    -- who is compared stood where the company stood, so where one had reached the outcome before, all had
    moments as (
        select
            kind, company_id, has_signal, other_count,
            coalesce(outcome_at <= moment_at + within, false) as has_reached
        from (
            select
                *,
                case outcome when 'meeting' then meeting_at when 'opportunity' then opportunity_at else customer_at end
                    as outcome_at
            from comparisons, asked
        )
        where moment_at + within <= looked_until_at and coalesce(outcome_at > moment_at, true)
    ),
    companies as (
        select
            kind, company_id,
            count(*) filter (where has_signal) as with_signal,
            count(*) filter (where has_signal and has_reached) as reached,
            round(coalesce(sum(1.0 / other_count) filter (where not has_signal), 0), 6) as without,
            round(coalesce(sum(1.0 / other_count) filter (where not has_signal and has_reached), 0), 6) as expected,
            count(*) filter (where not has_signal and has_reached) as other_reached
        from moments
        group by kind, company_id
    )
    select kind, with_signal, reached, without, expected, other_reached, count(*) as companies
    from companies
    group by all
    order by all
"""
"""Parameters: the organization, the outcome, the days."""


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def counted(organization_id: str, outcome: str, days: int) -> Answer:
    """kind, with_signal, reached, without, expected, other_reached, companies: `domain.lift.Counted`, by kind. Only moments
    whose days are over count."""
    return ask(organization_id, COUNTED, [outcome, days])


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def left_out(organization_id: str, days: int) -> Answer:
    """open_count, alone_count: moments whose days are not over, and moments at which nobody stood where the company did;
    no row where there are no moments."""
    return ask(
        organization_id,
        """
        select
            count(*) filter (where moment_at + within > looked_until_at) as open_count,
            count(*) filter (where moment_at + within <= looked_until_at and other_count = 0) as alone_count
        from
            (select * from lake.marts.signal_comparisons where has_signal and organization_id = ?),
            (select to_days(?::integer) as within)
        group by organization_id
        """,
        [days],
    )
