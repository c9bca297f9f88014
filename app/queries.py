"""Questions to the lake: one read-only question a function, the organization always its first argument.

The cache belongs to the whole process, so the organization is part of every key; `_ask` is the only door. An answer
that cannot be given (nothing landed yet, a mart not built yet) is an Answer with a problem in words, not an error.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from domain.errors import LeadhouseError
from domain.settings import Settings
from storage.lake import Lake

logger = logging.getLogger(__name__)

FRESH_SECONDS = 20
"""How long an answer is reused; after it a page shows the old one while the next is fetched."""
NOT_BUILT = "Nothing has been built for this yet. It fills in after the first pipeline run."


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows as a frame, possibly empty; `problem` says in words why there are none to give."""

    rows: pd.DataFrame
    problem: str = ""

    @property
    def is_empty(self) -> bool:
        return self.rows.empty


@st.cache_resource
def _lake(settings_json: str) -> Lake:
    return Lake.open(Settings.model_validate(json.loads(settings_json)))


def _ask(organization_id: str, sql: str, parameters: Sequence[Any] = ()) -> Answer:
    """The rows of a question whose first parameter is the organization."""
    if not organization_id:
        raise ValueError("a question to the lake names its organization")
    try:
        lake = _lake(str(st.secrets["leadhouse"]["settings"]))
        table = lake.arrow(sql, [organization_id, *parameters])
    except LeadhouseError as error:
        return Answer(pd.DataFrame(), f"{error.message.capitalize()}. {error.hint or ''}".strip())
    except Exception as error:  # noqa: BLE001  DuckDB's errors are named in storage/lake only
        logger.info("the lake has no answer: %s", error)
        return Answer(pd.DataFrame(), NOT_BUILT)
    return Answer(table.to_pandas())


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def freshness(organization_id: str) -> dict[str, datetime | None]:
    """When each layer was last brought up to date: {landed, marts, models, activation}; None where never."""
    marks = _ask(
        organization_id,
        """
        select name, max(finished_at) as at from lake.meta.builds where ? is not null group by name
        union all
        select 'landed', greatest(
            (select max(updated_at) from lake.meta.landing_marks), (select max(landed_at) from lake.meta.landed_batches)
        )
        """,
    )
    found: dict[str, datetime | None] = dict.fromkeys(("landed", "marts", "models", "activation"))
    for row in marks.rows.to_dict("records"):
        moment = row["at"]
        name = "landed" if row["name"] == "land" else str(row["name"])
        if not pd.isna(moment) and (found.get(name) is None or moment > found[name]):
            found[name] = moment.to_pydatetime()
    return found


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def leads_by_day(organization_id: str, days: int) -> Answer:
    """day_on, lead_count, mql_count, customer_count, form_submission_count; twice `days`, to compare with before."""
    return _ask(
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
    return _ask(
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
    return _ask(
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
    return _ask(
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
    return _ask(
        organization_id,
        """
        select
            channel, conversion_count, credited_value_minor, currency, cost_minor, cost_per_conversion_minor,
            session_count, visitor_count
        from lake.marts.channel_performance
        where organization_id = ? and model = ? and conversion_kind = ?
        order by conversion_count desc nulls last, session_count desc nulls last, channel
        """,
        [model, conversion_kind],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def checks(organization_id: str, days: int = 14) -> Answer:
    """source, table_name, check_name, severity, is_success, row_count, failed_count, checked_at: newest first.

    A file belongs to one organization: the checks of another's are not shown. A landing from the store holds everybody's
    rows: its verdicts are shown, its counts are not.
    """
    return _ask(
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
    return _ask(
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
    return _ask(
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
    return _ask(
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
def model_in_use(organization_id: str) -> Answer:
    """version, algorithm, trained_at, status, metrics (JSON text): the newest model of lead scores."""
    return _ask(
        organization_id,
        """
        select version, algorithm, trained_at, status, metrics
        from lake.ml.model_versions
        where organization_id = ?
        order by trained_at desc, version
        limit 1
        """,
    )
