"""A lake with just enough marts for the screens: thirty days of one organization, in the columns dbt promises."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from storage.lake import Lake

MARTS = {
    "leads_daily": """
        select ? as organization_id, (current_date - i::integer)::date as day_on, (6 + i % 5)::bigint as lead_count,
            (i % 4)::bigint as mql_count, (i % 9 = 0)::bigint as customer_count, (2 + i % 3)::bigint
            as form_submission_count
        from range(60) as days(i)
    """,
    "deliverability_daily": """
        select ? as organization_id, (current_date - i::integer)::date as day_on, mailbox as mailbox_id,
            provider as recipient_provider, 12::bigint as sent_count, bounces::bigint as bounced_count,
            (i = 3 and bounces > 0)::bigint as complaint_count, 0::bigint as unsubscribe_count, 1::bigint as reply_count,
            2::bigint as human_click_count
        from range(30) as days(i), (values ('box-1', 'google', 0), ('box-1', 'company_domains', 0),
            ('box-2', 'company_domains', 1)) as lines(mailbox, provider, bounces)
    """,
    "channels_daily": """
        select ? as organization_id, (current_date - i::integer)::date as day_on, channel,
            (20 + i % 7)::bigint as session_count, (15 + i % 7)::bigint as visitor_count, 3::bigint as lead_count,
            500::bigint as cost_minor, 'USD' as currency
        from range(60) as days(i), (values ('Organic Search'), ('Paid Search'), ('Direct')) as channels(channel)
    """,
    "conversions": """
        select ? as organization_id, 'c' || i as conversion_id, 'p' || i as person_id, 'x' || i as contact_id,
            'customer' as kind, now() - to_days(i::integer) as converted_at, 125000::bigint as value_minor,
            'USD' as currency
        from range(0, 20, 5) as days(i)
    """,
    "funnel_stages": """
        select ? as organization_id, stage, stage_order, people as contact_count, rate as from_previous_rate,
            2.5 as median_days_from_previous
        from (values ('visitor', 0, 4200::bigint, null), ('lead', 1, 312::bigint, 0.074), ('mql', 2, 104::bigint, 0.333),
            ('sql', 3, 41::bigint, 0.394), ('opportunity', 4, 18::bigint, 0.439), ('customer', 5, 7::bigint, 0.389))
            as stages(stage, stage_order, people, rate)
    """,
    "channel_performance": """
        select ? as organization_id, channel, model, kind as conversion_kind, level as attribution_level,
            share * (case when channel = 'Direct' then bias else 2 - bias end) as conversion_count,
            share * 40000 as credited_value_minor, 'USD' as currency, cost as cost_minor,
            cost / share as cost_per_conversion_minor, 900::bigint as session_count, 700::bigint as visitor_count
        from (values ('Organic Search', 41.5, 0), ('Paid Search', 33.0, 180000), ('LinkedIn', 17.25, 90000),
            ('Outbound Email', 12.0, 20000), ('Direct', 9.5, 0)) as channels(channel, share, cost),
            (values ('first_touch', 0.6), ('last_touch', 1.6), ('linear', 1.0), ('markov', 0.9), ('shapley', 0.2))
                as models(model, bias),
            (values ('lead'), ('mql'), ('customer')) as kinds(kind), (values ('person'), ('account')) as levels(level)
    """,
    "channel_roi_monthly": """
        select ? as organization_id, (date_trunc('month', current_date) - to_months(i::integer))::date as month_on,
            channel, campaign, model, 'USD' as currency, cost::bigint as cost_minor, 9.5 as lead_count,
            3.25 as mql_count, 2.0 as sql_count, 1.5 as opportunity_count, share as customer_count,
            share * 400000 as won_value_minor, share * 400000 as revenue_minor
        from (values ('Organic Search', '', 0.8, null), ('Paid Search', 'brand', 0.9, 90000),
            ('Paid Search', 'generic', 0.2, 210000), ('LinkedIn', 'founders', 0.4, 90000)) as spend(channel, campaign, share, cost),
            (values ('first_touch'), ('last_touch'), ('linear')) as models(model), range(3) as months(i)
    """,
    "unknown_spend_channels": """
        select ? as organization_id, 'Billboard' as channel_text, 'USD' as currency, 50000::bigint as cost_minor
    """,
    "missing_fx_rates": """
        select ? as organization_id, 'CHF' as from_currency, 'USD' as to_currency, 2::bigint as amount_count,
            70000::bigint as left_out_minor
    """,
    "scorecard_monthly": """
        select ? as organization_id, (date_trunc('month', current_date) - to_months(i::integer))::date as month_on,
            'USD' as currency, (640 - 40 * i)::bigint as lead_count, 200::bigint as contacted_count,
            20::bigint as responded_count, 7::bigint as meeting_count, 180::bigint as timed_count,
            95.0::double as median_minutes_to_contact, 1200::bigint as sent_count, 1180::bigint as delivered_count,
            20::bigint as bounced_count, 1200000::bigint as cost_minor
        from range(5) as months(i)
    """,
    "channel_revenue_by_age": """
        select ? as organization_id, (date_trunc('month', current_date) - to_months(2))::date as won_month_on, channel,
            campaign, 'linear' as model, age::integer as age_months, 'USD' as currency, paid as recurring_minor,
            once as one_off_minor
        from (values ('Organic Search', '', 0, 0.0, 320000.0), ('Paid Search', 'brand', 0, 90000.0, 0.0),
            ('Paid Search', 'brand', 2, 900000.0, 0.0)) as payments(channel, campaign, age, paid, once)
    """,
    "spend_files": """
        select ? as organization_id, 'by hand' as batch_id, 'USD' as original_currency, 'USD' as currency,
            null::timestamptz as stated_at, current_date - 30 as first_spend_on, current_date as last_spend_on,
            3::bigint as line_count, 90000::bigint as original_minor, 50000::bigint as counted_minor,
            40000::bigint as repeated_minor, 0::bigint as unassigned_minor, 0::bigint as without_rate_minor
    """,
    "signal_comparisons": """
        select ? as organization_id, kind, 'c' || i as company_id, i < 40 as has_signal, 1::bigint as other_count,
            now() - interval 200 day as moment_at, null::timestamptz as meeting_at,
            case when i % 40 < (case when i < 40 then most else 10 end) then now() - interval 190 day end as opportunity_at,
            null::timestamptz as customer_at, now() as looked_until_at
        from range(80) as companies(i), (values ('funding', 30), ('news', 11), ('job_change', 4)) as kinds(kind, most)
    """,
    "spend_overlaps": """
        select ? as organization_id, 'counted_once' as overlap, 'Paid Search' as channel, 'brand' as campaign,
            'USD' as currency, 2::bigint as line_count, current_date - 30 as first_spend_on,
            current_date - 29 as last_spend_on, 40000::bigint as amount_minor
    """,
}
INTERMEDIATE = {
    "int_lead_responses": """
        select ? as organization_id, 'x' || i as contact_id, now() - to_days(i::integer) as lead_at,
            (date_trunc('month', current_date) - to_months(1))::date as lead_month_on,
            now() - to_days(i::integer) + interval 30 minute as first_contact_at, 30.0::double as minutes_to_contact,
            null::timestamptz as first_response_at, null::timestamptz as first_meeting_at
        from range(3) as leads(i)
    """,
    "int_paths_counted": """
        select ? as organization_id, level as attribution_level, kind as conversion_kind, path,
            length(path) - length(replace(path, '>', '')) + 1 as touch_count, won::bigint as conversion_count,
            won * 40000 as value_minor, lost::bigint as null_count
        from (values ('Organic Search > Direct', 24, 120), ('Paid Search > Organic Search > Direct', 18, 60),
            ('LinkedIn > Direct > Outbound Email', 14, 31), ('Organic Search', 11, 210),
            ('LinkedIn > Paid Search > Direct', 9, 22), ('Paid Search > Paid Search', 7, 90), ('Direct', 5, 160),
            ('Outbound Email > Meeting', 5, 12), ('LinkedIn > Organic Search > Meeting > Direct', 4, 5))
            as paths(path, won, lost),
            (values ('lead'), ('mql'), ('customer')) as kinds(kind), (values ('person'), ('account')) as levels(level)
    """,
    "int_organizations_with_rules": """
        select ? as organization_id, 90 as lookback_days, 100 as lookback_steps, 'unique' as path_transform,
            false as is_direct_removed, 7.0::double as half_life_days, 1 as markov_order
    """,
}

SESSIONS = """
    select ? as organization_id, 's' || i as session_id, 'person:' || i % 3 as person_id, null::text as contact_id,
        'a' || i % 3 as anonymous_id, now() - to_hours(5 * i::integer) as started_at, (1 + i % 4)::bigint
        as page_view_count, 40::bigint as engaged_seconds, '/pricing' as landing_page, 'Organic Search' as channel,
        'google' as source, 'desktop' as device_type, 'business' as network_type,
        i >= 9 and i < 13 as is_bot, i >= 11 as is_bot_at_first,
        case when i between 9 and 12 then 'impossible_cadence,never_active' end as bot_reasons,
        case when i >= 11 then 'datacentre_network' end as first_bot_reasons,
        case when i >= 13 then 'stayed_and_read' end as acquitted_by
    from range(15) as sessions(i)
"""
OF_COMPANIES = "select organization_id, session_id, 'alpine' as company_id from marts.sessions where not (is_bot or is_bot_at_first)"
RECALLS = [
    {"method": method, "depth": depth, "is_best_tenth": depth == 40, "recall": recall * depth / 40,
     "low": 0.8 * recall * depth / 40, "high": 1.2 * recall * depth / 40, "lift": recall * 10}
    for method, recall in {"hybrid": 0.62, "filters": 0.31, "firmographics": 0.4, "text": 0.55, "random": 0.1}.items()
    for depth in (10, 40)
]  # fmt: skip
FEEDBACK = {
    "good_count": 4, "unfit_count": 3, "excluded_count": 1, "compared": 50, "stayed_count": 47, "entered_count": 3,
    "left_count": 3,
    "entered": [{"company_id": "c", "name": "Cargo Nord", "before": 61, "after": 44, "why": "ranked"}],
    "left": [{"company_id": "a", "name": "Acme Hotels", "before": 3, "after": None, "why": "unfit"},
             {"company_id": "b", "name": "Bolt Travel", "before": 49, "after": 112, "why": "ranked"}],
}  # fmt: skip
RUN = {
    "recalls": RECALLS, "beats_filters": True, "verdict": "Better than filters. 62% found.", "notes": [],
    "feedback": FEEDBACK, "marked_gain": [0.05, 0.01, 0.09],
}  # fmt: skip


def _companies(cursor: Any, organization_id: str) -> None:
    """Visits of one company, and a ranking that was judged."""
    cursor.execute(f"create table marts.sessions as {SESSIONS}", [organization_id])
    cursor.execute(f"create table intermediate.int_sessions_by_company as {OF_COMPANIES}")
    cursor.execute(
        "insert into ml.similarity__runs values (?, 'r1', now(), 'hashed words', 420, 60, 0, 360, 0.5, 40, ?, ?)",
        [organization_id, RUN["verdict"], json.dumps(RUN)],
    )


INTERVALS = """
    insert into ml.attribution__intervals by name
    with shares as (
        select *, conversion_count / sum(conversion_count) over everything as share, last_count / sum(last_count) over
            everything as last_share
        from (
            select *, max(case when model = 'last_touch' then conversion_count end)
                over (partition by organization_id, channel, conversion_kind, attribution_level) as last_count
            from marts.channel_performance
        )
        window everything as (partition by organization_id, model, conversion_kind, attribution_level)
    )
    select
        organization_id, attribution_level, conversion_kind, model, channel, conversion_count * 0.7 as conversion_count_low,
        conversion_count * 1.4 as conversion_count_high, share - last_share - 0.03 as share_above_last_touch_low,
        share - last_share + 0.03 as share_above_last_touch_high, 90 as account_count
    from shares
"""


def fill(lake: Lake, organization_id: str) -> None:
    """Makes the lake, the marts, one quarantined row, a passing and a failing check, and the marks of a build."""
    lake.migrate()
    now = datetime.now(UTC)
    with lake.writer() as cursor:
        for name, sql in MARTS.items():
            cursor.execute(f"create table marts.{name} as {sql}", [organization_id])
        _companies(cursor, organization_id)
        for name, sql in INTERMEDIATE.items():
            cursor.execute(f"create table intermediate.{name} as {sql}", [organization_id])
        cursor.execute(
            "insert into ml.attribution__credits by name select ? as organization_id, 'person' as attribution_level, "
            "'lead' as conversion_kind, 'shapley' as model, 'Other channels' as channel, '[\"Audio\", \"SMS\"]' as grouped",
            [organization_id],
        )
        cursor.execute(INTERVALS)
        cursor.execute(
            "insert into meta.rejudgements select ?, 1, 2, ?, measure, dimension, before, after from (values "
            "('sessions', 'human', 12, 9), ('sessions', 'machine', 3, 6), ('credits', 'Outbound Email', 12.5, 4.0)) "
            "as lines(measure, dimension, before, after)",
            [organization_id, now],
        )
        cursor.execute("insert into meta.builds values ('marts', ?, ''), ('activation', ?, '')", [now, now])
        cursor.execute(
            "insert into raw.quarantine__rows (organization_id, quarantine_id, source, table_name, rule, reason, row, "
            "first_seen_at) values (?, 'q1', 'ad_spend', 'spend', 'amount_is_positive', 'The amount is below zero.', "
            """'{"amount_minor": -5}', ?)""",
            [organization_id, now],
        )
        cursor.execute(
            """
            insert into meta.check_results
            select 'website_events', 'events', 'b1', 'event_id is unique', 'error', true, 120, 0, '', ?, null
            union all
            select
                'ad_spend', 'spend', 'f' || day, 'amount is positive', 'error', day % 5 > 0, 10,
                case when day % 5 = 0 then 1 + day // 5 else 0 end, '', ?::timestamptz - to_days(day::integer), ?
            from range(12) as days(day)
            """,
            [now, now, organization_id],
        )
