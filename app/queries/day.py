"""What My day asks the lake."""

from __future__ import annotations

import streamlit as st

from app.queries.asking import FRESH_SECONDS, Answer, ask


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def replies(organization_id: str) -> Answer:
    """day_on, sent_count, reply_count of the last thirty days, over all campaigns."""
    return ask(
        organization_id,
        """
        select day_on, sum(sent_count)::bigint as sent_count, sum(reply_count)::bigint as reply_count
        from lake.marts.email_engagement_daily
        where organization_id = ? and day_on > current_date - 30
        group by day_on
        order by day_on
        """,
    )
