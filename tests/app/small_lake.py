"""A lake with just enough marts for the screens: thirty days of one organization, in the columns dbt promises."""

from __future__ import annotations

from datetime import UTC, datetime

from storage.lake import Lake

MARTS = {
    "leads_daily": """
        select ? as organization_id, (current_date - i::integer)::date as day_on, (6 + i % 5)::bigint as lead_count,
            (i % 4)::bigint as mql_count, (i % 9 = 0)::bigint as customer_count, (2 + i % 3)::bigint
            as form_submission_count
        from range(60) as days(i)
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
        select ? as organization_id, channel, model, kind as conversion_kind, share as conversion_count,
            share * 40000 as credited_value_minor, 'USD' as currency, cost as cost_minor,
            cost / share as cost_per_conversion_minor, 900::bigint as session_count, 700::bigint as visitor_count
        from (values ('Organic Search', 41.5, 0), ('Paid Search', 33.0, 180000), ('LinkedIn', 17.25, 90000),
            ('Outbound Email', 12.0, 20000), ('Direct', 9.5, 0)) as channels(channel, share, cost),
            (values ('first_touch'), ('last_touch'), ('linear')) as models(model),
            (values ('lead'), ('mql'), ('customer')) as kinds(kind)
    """,
}


def fill(lake: Lake, organization_id: str) -> None:
    """Makes the lake, the marts, one quarantined row, a passing and a failing check, and the marks of a build."""
    lake.migrate()
    now = datetime.now(UTC)
    with lake.writer() as cursor:
        for name, sql in MARTS.items():
            cursor.execute(f"create table marts.{name} as {sql}", [organization_id])
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
