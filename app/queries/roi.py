"""What the page of returns asks the lake."""

from __future__ import annotations

import streamlit as st

from app.queries.asking import FRESH_SECONDS, Answer, ask


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def scorecards(organization_id: str) -> Answer:
    """The columns of marts.scorecard_monthly, newest month first; at most five years."""
    return ask(
        organization_id,
        """
        select
            month_on, currency, lead_count, contacted_count, responded_count, meeting_count, timed_count,
            median_minutes_to_contact, sent_count, delivered_count, bounced_count, cost_minor
        from lake.marts.scorecard_monthly
        where organization_id = ?
        order by month_on desc
        limit 60
        """,
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def leads_of_month(organization_id: str, month: str) -> Answer:
    """contact_id, lead_at, first_contact_at, minutes_to_contact, first_response_at, first_meeting_at: the month's leads."""
    return ask(
        organization_id,
        """
        select contact_id, lead_at, first_contact_at, minutes_to_contact, first_response_at, first_meeting_at
        from lake.intermediate.int_lead_responses
        where organization_id = ? and lead_month_on = ?::date
        order by lead_at desc, contact_id
        limit 500
        """,
        [month],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def revenue_by_age(organization_id: str, model: str, months: int) -> Answer:
    """channel, campaign, age_months, recurring_minor, one_off_minor: of customers won in the newest months."""
    return ask(
        organization_id,
        """
        select channel, campaign, age_months, sum(recurring_minor)::double as recurring_minor,
            sum(one_off_minor)::double as one_off_minor
        from lake.marts.channel_revenue_by_age
        where organization_id = ? and model = ? and won_month_on > current_date - to_months(?::integer)
        group by channel, campaign, age_months
        order by channel, campaign, age_months
        """,
        [model, months],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def credited(organization_id: str, model: str, months: int, channel: str) -> Answer:
    """conversion_kind, contact_id, converted_at, campaign, credit, credited_value_minor: what a channel is credited with."""
    return ask(
        organization_id,
        """
        select credits.conversion_kind, conversions.contact_id, credits.converted_at, credits.campaign,
            sum(credits.credit)::double as credit, sum(credits.credited_value_minor)::double as credited_value_minor
        from lake.marts.attribution_credits as credits
        inner join lake.marts.conversions as conversions
            on credits.organization_id = conversions.organization_id
            and credits.conversion_id = conversions.conversion_id
        where credits.organization_id = ? and credits.attribution_level = 'person' and credits.model = ?
            and credits.converted_at > date_trunc('month', current_date) - to_months(?::integer - 1)
            and credits.channel = ? and credits.credit > 0
        group by all
        order by credits.converted_at desc, conversions.contact_id, credits.conversion_kind, credits.campaign
        limit 500
        """,
        [model, months, channel],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def spend_files(organization_id: str) -> Answer:
    """file_name, stated_at, first_spend_on, last_spend_on, line_count, original_minor, original_currency, counted_minor,
    repeated_minor, unassigned_minor, without_rate_minor, currency: newest first."""
    return ask(
        organization_id,
        """
        select
            case when files.batch_id = 'by hand' then 'Entered by hand'
                else coalesce(batches.file_name, 'A file') end as file_name,
            files.stated_at, files.first_spend_on, files.last_spend_on, files.line_count, files.original_minor,
            files.original_currency, files.counted_minor, files.repeated_minor, files.unassigned_minor,
            files.without_rate_minor, files.currency
        from lake.marts.spend_files as files
        left join lake.meta.landed_batches as batches
            on files.organization_id = batches.organization_id and files.batch_id = batches.batch_id
        where files.organization_id = ?
        order by files.stated_at desc nulls last, files.original_currency
        limit 200
        """,
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def spend_overlaps(organization_id: str) -> Answer:
    """overlap, channel, campaign, currency, line_count, first_spend_on, last_spend_on, amount_minor: largest first."""
    return ask(
        organization_id,
        """
        select overlap, channel, campaign, currency, line_count, first_spend_on, last_spend_on, amount_minor
        from lake.marts.spend_overlaps
        where organization_id = ?
        order by amount_minor desc nulls last, overlap, channel, campaign
        """,
    )
