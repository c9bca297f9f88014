"""What the deliverability page asks the lake."""

from __future__ import annotations

import streamlit as st

from app.queries.asking import FRESH_SECONDS, Answer, ask


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def outcomes(organization_id: str, days: int) -> Answer:
    """mailbox_id, recipient_provider, sent, bounced, complained, unsubscribed, replied of the last days."""
    return ask(
        organization_id,
        """
        select
            mailbox_id, recipient_provider, sum(sent_count)::bigint as sent, sum(bounced_count)::bigint as bounced,
            sum(complaint_count)::bigint as complained, sum(unsubscribe_count)::bigint as unsubscribed,
            sum(reply_count)::bigint as replied
        from lake.marts.deliverability_daily
        where organization_id = ? and day_on > current_date - ?::integer
        group by mailbox_id, recipient_provider
        order by mailbox_id, recipient_provider
        """,
        [days],
    )
