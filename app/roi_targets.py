"""The targets of the scorecard as somebody edits them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app import session
from app.api_transport import Json
from app.components import attempt
from app.formatting import CURRENCIES
from domain.imports.money import minor_digits

RATES = {
    "contact_rate": "Contacted (%)",
    "response_rate": "Answered (%)",
    "meeting_rate": "Met us (%)",
    "delivery_rate": "Delivered (%)",
}


@st.dialog("Targets", width="large")
def edit_targets(plan: Json) -> None:
    """A row a step: from which month of the program on, and what should be reached then."""
    visit = session.current()
    st.caption(
        "Each row holds from its month of the program on, until the next one does. Before the first, it is the aim."
    )
    with st.container(horizontal=True):
        currency = st.selectbox(
            "Currency of the cost", sorted({*CURRENCIES, plan["currency"], visit.currency}), width=180,
            index=sorted({*CURRENCIES, plan["currency"], visit.currency}).index(plan["currency"]),
        )  # fmt: skip
        first = pd.Timestamp(plan["starts_on"]).date() if plan["starts_on"] else None
        starts_on = st.date_input(
            "The program began", first, help="Empty: with the first month that has a lead.", width=180
        )
    divisor = 10 ** minor_digits(str(currency))
    held = pd.DataFrame([_row(step, divisor) for step in plan["steps"]])
    edited = st.data_editor(
        held, num_rows="dynamic", hide_index=True, key="roi_targets",
        column_config={name: st.column_config.NumberColumn(min_value=0, required=True) for name in held.columns},
    )  # fmt: skip
    if st.button("Save", type="primary"):
        body = {
            "currency": currency,
            "starts_on": starts_on.isoformat() if starts_on else None,
            "steps": [_step(row, divisor) for row in edited.to_dict("records")],
        }
        if attempt(lambda: visit.api.put_success_targets(body), "Targets saved", reruns=True):
            st.rerun()


def _row(step: Json, divisor: int) -> Json:
    return {
        "From month": step["from_month"],
        "Leads a month": step["leads"],
        **{title: round(step[name] * 100, 2) for name, title in RATES.items()},
        "First contact (min)": step["minutes_to_contact"],
        "Cost per lead": step["cost_per_lead_minor"] / divisor,
    }


def _step(row: Mapping[Any, Any], divisor: int) -> Json:
    return {
        "from_month": int(row["From month"]),
        "leads": int(row["Leads a month"]),
        **{name: row[title] / 100 for name, title in RATES.items()},
        "minutes_to_contact": int(row["First contact (min)"]),
        "cost_per_lead_minor": round(row["Cost per lead"] * divisor),
    }
