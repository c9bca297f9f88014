"""What the overview asks the lake."""

from __future__ import annotations

import streamlit as st

from app.queries.asking import FRESH_SECONDS, Answer, ask


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def leads_by_day(organization_id: str, days: int) -> Answer:
    """day_on, lead_count, mql_count, customer_count, form_submission_count; twice `days`, to compare with before."""
    return ask(
        organization_id,
        """
        select day_on, lead_count, mql_count, customer_count, form_submission_count
        from lake.marts.leads_daily
        where organization_id = ? and day_on > current_date - (2 * ?)::integer
        order by day_on
        """,
        [days],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def sessions_by_day(organization_id: str, days: int) -> Answer:
    """day_on, session_count, visitor_count over all channels; twice `days`, to compare with before."""
    return ask(
        organization_id,
        """
        select day_on, sum(session_count)::bigint as session_count, sum(visitor_count)::bigint as visitor_count
        from lake.marts.channels_daily
        where organization_id = ? and day_on > current_date - (2 * ?)::integer
        group by day_on
        order by day_on
        """,
        [days],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def customers_by_day(organization_id: str, days: int) -> Answer:
    """day_on, customer_count, value_minor, currency; twice `days`. Currencies are never added up."""
    return ask(
        organization_id,
        """
        select
            converted_at::date as day_on, count(*)::bigint as customer_count,
            sum(value_minor)::bigint as value_minor, currency
        from lake.marts.conversions
        where organization_id = ? and kind = 'customer' and converted_at::date > current_date - (2 * ?)::integer
        group by 1, currency
        order by 1, currency
        """,
        [days],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def funnel(organization_id: str) -> Answer:
    """stage, stage_order, contact_count, from_previous_rate, median_days_from_previous."""
    return ask(
        organization_id,
        """
        select stage, stage_order, contact_count, from_previous_rate, median_days_from_previous
        from lake.marts.funnel_stages
        where organization_id = ?
        order by stage_order
        """,
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def channels(organization_id: str, model: str, conversion_kind: str) -> Answer:
    """channel, conversion_count, credited_value_minor, currency, cost_minor, cost_per_conversion_minor, session_count,
    visitor_count: best first."""
    return ask(
        organization_id,
        """
        select
            channel, conversion_count, credited_value_minor, currency, cost_minor, cost_per_conversion_minor,
            session_count, visitor_count
        from lake.marts.channel_performance
        where organization_id = ? and model = ? and conversion_kind = ? and attribution_level = 'person'
        order by conversion_count desc nulls last, session_count desc nulls last, channel
        """,
        [model, conversion_kind],
    )
