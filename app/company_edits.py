"""What can be set of many companies at once, and done with their people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import streamlit as st

from app import session
from app.api_client import CompanyQuery
from app.api_transport import Json
from app.bulk_edit import Many, show_bulk_edit
from app.company_fields import MOST_EMPLOYEES
from app.enrolling import open_enrolling
from app.list_conditions import COMPANIES
from app.tagging import choose_tags, tag_changes
from domain.filters import list_text
from domain.permissions import Permission


def values_of(
    industry: str, employees: int | None, country: str, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> Json:
    """What is sent as `set`: only what was written."""
    found: dict[str, Any] = tag_changes(add, remove)
    if industry.strip():
        found["industry"] = industry.strip()
    if employees is not None:
        found["employee_count"] = employees
    if country.strip():
        found["country"] = country.strip().upper()
    return found


def companies_of(visit: session.Visit, query: CompanyQuery) -> Many:
    """The filtered list of companies."""
    return Many(
        COMPANIES, "company_id", "company", "companies",
        lambda limit, cursor: visit.api.companies(query, limit=limit, cursor=cursor, with_total=False),
        visit.api.change_companies,
    )  # fmt: skip


def show_company_edits(visit: session.Visit, chosen: Sequence[str], query: CompanyQuery, facets: Json) -> None:
    """The bar under the list, while many are being edited."""

    def values() -> Json:
        industry = st.selectbox(
            "Industry", facets["industries"], index=None, key="companies_bulk_industry", accept_new_options=True,
            placeholder="Leave as it is", width=190,
        )  # fmt: skip
        employees = st.number_input(
            "Employees", min_value=1, max_value=MOST_EMPLOYEES, value=None, step=1, key="companies_bulk_employees",
            placeholder="Leave as it is", width=160,
        )  # fmt: skip
        country = st.text_input(
            "Country", key="companies_bulk_country", max_chars=2, placeholder="As DE or US", width=120
        )
        add = choose_tags(visit, "Add tags", "companies_bulk_add_tags", new=True, width=190)
        remove = choose_tags(visit, "Take off tags", "companies_bulk_remove_tags", new=False, width=190)
        if country.strip() and not re.fullmatch("[A-Za-z]{2}", country.strip()):
            st.caption(":material/error: A country is two letters.")
            return {}
        return values_of(industry or "", employees, country, add, remove)

    def acts(everyone: bool) -> None:
        people: Json = {"filters": {"filter": [f"company_id:in:{list_text(chosen)}"]}}
        st.button(
            "Enrol their people …", icon=":material/outgoing_mail:", key="companies_bulk_enrol",
            on_click=open_enrolling, args=(people,),
            disabled=everyone or not chosen or not visit.may(Permission.SEQUENCES_WRITE),
            help="Put everybody we know at the ticked companies into a sequence: you see first who can be put in.",
        )  # fmt: skip

    show_bulk_edit(companies_of(visit, query), chosen, values, acts)
