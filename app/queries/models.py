"""What the lake knows of an organization's models."""

from __future__ import annotations

import streamlit as st

from app.queries.asking import FRESH_SECONDS, Answer, ask


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def model_in_use(organization_id: str) -> Answer:
    """version, algorithm, trained_at, status, metrics (JSON text): the newest model of lead scores."""
    return ask(
        organization_id,
        """
        select version, algorithm, trained_at, status, metrics
        from lake.ml.model_versions
        where organization_id = ?
        order by trained_at desc, version
        limit 1
        """,
    )
