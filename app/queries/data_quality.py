"""What the data quality page asks the lake."""

from __future__ import annotations

import streamlit as st

from app.queries.asking import FRESH_SECONDS, Answer, ask


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def checks(organization_id: str, days: int = 14) -> Answer:
    """source, table_name, check_name, severity, is_success, row_count, failed_count, checked_at: newest first.

    A file belongs to one organization: the checks of another's are not shown. A landing from the store holds everybody's
    rows: its verdicts are shown, its counts are not.
    """
    return ask(
        organization_id,
        """
        select
            results.source, table_name, check_name, severity, is_success,
            case when files.batch_id is not null then results.row_count end as row_count,
            case when files.batch_id is not null then failed_count end as failed_count, checked_at
        from lake.meta.check_results as results
        left join (select distinct batch_id, organization_id from lake.meta.landed_batches) as files using (batch_id)
        where (files.organization_id = ? or files.batch_id is null) and checked_at > now() - to_days(?::integer)
        order by checked_at desc, results.source, table_name, check_name
        limit 5000
        """,
        [days],
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
