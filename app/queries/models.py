"""What the Model page asks the lake."""

from __future__ import annotations

import streamlit as st

from app.queries.asking import FRESH_SECONDS, Answer, ask


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def versions(organization_id: str) -> Answer:
    """version, algorithm, trained_at, status, reason, metrics (the training report as JSON text), card (Markdown): newest first."""
    return ask(
        organization_id,
        """
        select version, algorithm, trained_at, status, reason, metrics, card
        from lake.ml.model_versions
        where organization_id = ? and model = 'lead_scoring'
        order by trained_at desc, version
        limit 20
        """,
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=200, show_spinner=False)
def drift(organization_id: str) -> Answer:
    """run_at, version, subject, label, drift, by_chance, level, then_count, now_count, detail (JSON [[part, then, now]]),
    since: the newest run, furthest moved first."""
    return ask(
        organization_id,
        """
        select run_at, version, subject, label, drift, by_chance, level, then_count, now_count, detail, since
        from lake.ml.lead_scoring__drift
        where organization_id = ? and run_at = (
            select max(newest.run_at) from lake.ml.lead_scoring__drift as newest where newest.organization_id = ?
        )
        order by drift desc, subject
        """,
        [organization_id],
    )
