"""What the page of companies asks the lake: who came from one, and what the lookalikes are worth."""

from __future__ import annotations

import streamlit as st

from app.queries.asking import FRESH_SECONDS, Answer, ask


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def visits(organization_id: str, company_id: str) -> Answer:
    """started_at, page_view_count, engaged_seconds, landing_page, channel, source, device_type, person_id, contact_id,
    network_type: the newest hundred visits of a company."""
    return ask(
        organization_id,
        """
        select
            sessions.started_at, sessions.page_view_count, sessions.engaged_seconds, sessions.landing_page,
            sessions.channel, sessions.source, sessions.device_type, sessions.person_id, sessions.contact_id,
            sessions.network_type
        from lake.intermediate.int_sessions_by_company as of_companies
        inner join lake.marts.sessions as sessions
            on
                of_companies.organization_id = sessions.organization_id
                and of_companies.session_id = sessions.session_id
        where of_companies.organization_id = ? and of_companies.company_id = ?
        order by sessions.started_at desc, sessions.session_id
        limit 100
        """,
        [company_id],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def proof(organization_id: str) -> Answer:
    """ran_at, embedder, company_count, customer_count, candidate_count, text_weight, lookalike_count, verdict, report
    (JSON text): the newest twenty rankings of companies, the newest first."""
    return ask(
        organization_id,
        """
        select
            ran_at, embedder, company_count, customer_count, negative_count, candidate_count, text_weight,
            lookalike_count, verdict, report
        from lake.ml.similarity__runs
        where organization_id = ?
        order by ran_at desc, run_id
        limit 20
        """,
    )
