"""What the attribution page asks the lake."""

from __future__ import annotations

import streamlit as st

from app.queries.asking import FRESH_SECONDS, Answer, ask


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def credits_by_model(organization_id: str, conversion_kind: str, level: str) -> Answer:
    """channel, model, conversion_count, credited_value_minor, cost_minor, currency, session_count: every model."""
    return ask(
        organization_id,
        """
        select
            channel, model, conversion_count::double as conversion_count, credited_value_minor, cost_minor, currency,
            session_count
        from lake.marts.channel_performance
        where organization_id = ? and conversion_kind = ? and attribution_level = ?
        order by channel, model
        """,
        [conversion_kind, level],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def paths(organization_id: str, conversion_kind: str, level: str) -> Answer:
    """path, touch_count, conversion_count, null_count, value_minor: the paths most often taken to a conversion."""
    return ask(
        organization_id,
        """
        select path, touch_count, conversion_count, null_count, value_minor
        from lake.intermediate.int_paths_counted
        where organization_id = ? and conversion_kind = ? and attribution_level = ? and conversion_count > 0
        order by conversion_count desc, null_count, path
        limit 400
        """,
        [conversion_kind, level],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def rules(organization_id: str) -> Answer:
    """lookback_days, lookback_steps, path_transform, is_direct_removed, half_life_days, markov_order: in force."""
    return ask(
        organization_id,
        """
        select lookback_days, lookback_steps, path_transform, is_direct_removed, half_life_days, markov_order
        from lake.intermediate.int_organizations_with_rules
        where organization_id = ?
        """,
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def grouped_channels(organization_id: str, conversion_kind: str, level: str) -> Answer:
    """grouped: JSON list of the channels that Shapley values credit together; no row where none are."""
    return ask(
        organization_id,
        """
        select distinct grouped
        from lake.ml.attribution__credits
        where organization_id = ? and conversion_kind = ? and attribution_level = ? and grouped <> '[]'
        """,
        [conversion_kind, level],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def intervals(organization_id: str, conversion_kind: str, level: str) -> Answer:
    """channel, model, conversion_count_low and _high, share_above_last_touch_low and _high, account_count: 95 % of what
    chance allows."""
    return ask(
        organization_id,
        """
        select
            channel, model, conversion_count_low, conversion_count_high, share_above_last_touch_low,
            share_above_last_touch_high, account_count
        from lake.ml.attribution__intervals
        where organization_id = ? and conversion_kind = ? and attribution_level = ?
        order by channel, model
        """,
        [conversion_kind, level],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def channel_roi(organization_id: str, model: str, months: int) -> Answer:
    """channel, campaign, currency, cost_minor, the five counts, revenue_minor: sums over the newest months."""
    return ask(
        organization_id,
        """
        select
            channel, campaign, currency, sum(cost_minor)::double as cost_minor, sum(lead_count)::double as lead_count,
            sum(mql_count)::double as mql_count, sum(opportunity_count)::double as opportunity_count,
            sum(customer_count)::double as customer_count, sum(revenue_minor)::double as revenue_minor
        from lake.marts.channel_roi_monthly
        where organization_id = ? and model = ? and month_on > current_date - to_months(?::integer)
        group by channel, campaign, currency
        order by cost_minor desc nulls last, revenue_minor desc, channel, campaign
        """,
        [model, months],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def unknown_channels(organization_id: str) -> Answer:
    """channel_text, cost_minor, currency: spend on channels that we do not know."""
    return ask(
        organization_id,
        """
        select channel_text, cost_minor, currency
        from lake.marts.unknown_spend_channels
        where organization_id = ?
        order by cost_minor desc nulls last, channel_text, currency
        """,
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def missing_rates(organization_id: str) -> Answer:
    """from_currency, to_currency, amount_count, left_out_minor: amounts that no report adds up, for want of a rate."""
    return ask(
        organization_id,
        """
        select from_currency, to_currency, sum(amount_count)::bigint as amount_count,
            sum(left_out_minor)::bigint as left_out_minor
        from lake.marts.missing_fx_rates
        where organization_id = ?
        group by from_currency, to_currency
        order by from_currency, to_currency
        """,
    )
