"""What the data quality page asks the lake."""

from __future__ import annotations

import streamlit as st

from app.queries.asking import FRESH_SECONDS, Answer, ask


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def checks(organization_id: str, days: int = 14) -> Answer:
    """source, table_name, check_name, severity, is_success, row_count, failed_count, checked_at: newest first.

    A file belongs to one organization, landed or refused: what was said of another's is not shown. A landing from the
    store holds everybody's rows: its verdicts are shown, its counts are not.
    """
    return ask(
        organization_id,
        """
        select
            source, table_name, check_name, severity, is_success,
            case when organization_id is not null then row_count end as row_count,
            case when organization_id is not null then failed_count end as failed_count, checked_at
        from lake.meta.check_results
        where (organization_id = ? or organization_id is null) and checked_at > now() - to_days(?::integer)
        order by checked_at desc, source, table_name, check_name, batch_id
        limit 5000
        """,
        [days],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def check_history(organization_id: str, runs: int = 20) -> Answer:
    """source, table_name, check_name, severity, run_count, pass_rate (0–1), passed_shares, is_success, row_count,
    failed_count, checked_at: one row per check over its last `runs` runs; the last four of the newest run.

    `passed_shares` is a list, oldest run first: the share of rows that met the check where the counts are the
    organization's own, else 1 or 0. Failing checks come first.
    """
    return ask(
        organization_id,
        """
        with

        visible as (

            select *, organization_id is not null as is_own
            from lake.meta.check_results
            where organization_id = ? or organization_id is null

        ),

        numbered as (

            select
                *,
                row_number() over (
                    partition by source, table_name, check_name order by checked_at desc, batch_id
                ) as newest_first
            from visible

        ),

        recent as (

            select
                *,
                case
                    when is_success then 1.0
                    when is_own and row_count > 0 then 1.0 - failed_count / row_count
                    else 0.0
                end as passed_share
            from numbered
            where newest_first <= ?::integer

        )

        select
            source, table_name, check_name,
            max(severity) filter (newest_first = 1) as severity,
            count(*)::bigint as run_count,
            avg(is_success::integer) as pass_rate,
            list(passed_share order by newest_first desc) as passed_shares,
            bool_or(is_success) filter (newest_first = 1) as is_success,
            max(row_count) filter (newest_first = 1 and is_own) as row_count,
            max(failed_count) filter (newest_first = 1 and is_own) as failed_count,
            max(checked_at) as checked_at
        from recent
        group by source, table_name, check_name
        order by is_success, pass_rate, source, table_name, check_name
        """,
        [runs],
    )


@st.cache_data(ttl=5, max_entries=500, show_spinner=False)
def quarantine_reasons(organization_id: str) -> Answer:
    """source, table_name, rule, reason, row_count, newest_at: rows that wait, most frequent first."""
    return ask(
        organization_id,
        """
        select
            source, table_name, rule, any_value(reason) as reason, count(*)::bigint as row_count,
            max(first_seen_at) as newest_at
        from lake.raw.quarantine__rows
        where organization_id = ? and replayed_at is null
        group by source, table_name, rule
        order by row_count desc, source, table_name, rule
        """,
    )


@st.cache_data(ttl=5, max_entries=500, show_spinner=False)
def quarantine_rows(organization_id: str, source: str, rule: str) -> Answer:
    """quarantine_id, reason, row (JSON text), first_seen_at: the newest two hundred of a source and rule."""
    return ask(
        organization_id,
        """
        select quarantine_id, reason, row, first_seen_at
        from lake.raw.quarantine__rows
        where organization_id = ? and replayed_at is null and source = ? and rule = ?
        order by first_seen_at desc, quarantine_id
        limit 200
        """,
        [source, rule],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def landed_batches(organization_id: str) -> Answer:
    """source, file_name, row_count, landed_at: the newest twenty of the organization."""
    return ask(
        organization_id,
        """
        select source, file_name, row_count, landed_at
        from lake.meta.landed_batches
        where organization_id = ?
        order by landed_at desc, source, batch_id
        limit 20
        """,
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def looks(organization_id: str, days: int = 90) -> Answer:
    """outcome, reasons, session_count, page_view_count: sessions that either look held for a machine's; `outcome` is
    `at first` (both looks), `hindsight` (only the second) or `acquitted` (only the first)."""
    return ask(
        organization_id,
        """
        select
            case when is_bot and is_bot_at_first then 'at first' when is_bot then 'hindsight' else 'acquitted' end as outcome,
            case when is_bot then bot_reasons else first_bot_reasons || ' → ' || coalesce(acquitted_by, 'newer rules') end
                as reasons,
            count(*)::bigint as session_count,
            sum(page_view_count)::bigint as page_view_count
        from lake.marts.sessions
        where organization_id = ? and (is_bot or is_bot_at_first) and started_at > now() - to_days(?::integer)
        group by 1, 2
        order by session_count desc, 1, 2
        limit 200
        """,
        [days],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def rejudgement(organization_id: str) -> Answer:
    """from_version, to_version, rejudged_at, measure, dimension, before_value, after_value: the newest change of rules."""
    return ask(
        organization_id,
        """
        select from_version, to_version, rejudged_at, measure, dimension, before_value, after_value
        from (
            select *, max(rejudged_at) over () as newest_at from lake.meta.rejudgements where organization_id = ?
        )
        where rejudged_at = newest_at
        order by measure, dimension
        """,
    )
