"""What a person writes of one company: the fields of its forms, and the form that corrects it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app import session
from app.api_transport import Json
from app.components import attempt
from domain.permissions import Permission

TEXTS = {"name": ("Name", 200), "domain": ("Website", 253), "industry": ("Industry", 200)}
MOST_EMPLOYEES = 10_000_000


def correct_company(visit: session.Visit, company: Json) -> None:
    """In its drawer: a form with what is known, folded up; only what was changed is sent, and not over what another one
    changed. A company that only a network told of has nothing to correct."""
    if not company["etag"] or not visit.may(Permission.COMPANIES_WRITE):
        return
    company_id, etag = company["company_id"], company["etag"]
    with (
        st.expander("Correct name, website, industry, size or country"),
        st.form(f"company_correct_{company_id}", border=False),
    ):
        typed = asked(company, f"company_{company_id}_{etag}")
        changes = {name: value for name, value in typed.items() if value != company[name]}
        if (
            st.form_submit_button("Save")
            and changes
            and attempt(lambda: visit.api.change_company(company_id, etag, **changes), "Corrected", reruns=True)
        ):
            st.rerun()


def asked(known: Json, key: str) -> dict[str, Any]:
    """The fields of a company's form, as they are typed; None for an empty one, an empty text for no name."""
    left, right = st.columns(2)
    typed: dict[str, Any] = {}
    for number, (name, (label, longest)) in enumerate(TEXTS.items()):
        column = (left, right)[number % 2]
        typed[name] = column.text_input(label, known.get(name) or "", key=f"{key}_{name}", max_chars=longest).strip()
    with right:
        employees = st.number_input(
            "Employees", min_value=1, max_value=MOST_EMPLOYEES, value=known.get("employee_count"), step=1,
            key=f"{key}_employees",
        )  # fmt: skip
    with left:
        country = st.text_input("Country (two letters)", known.get("country") or "", key=f"{key}_country", max_chars=2)
    empty = {"domain": typed["domain"] or None, "industry": typed["industry"] or None}
    return {**typed, **empty, "employee_count": employees, "country": country.strip().upper() or None}
