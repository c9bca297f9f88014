"""A new company, written down by hand."""

from __future__ import annotations

import streamlit as st

from app import session
from app.api_transport import Json
from app.company_drawer import open_company
from app.company_fields import asked
from app.components import attempt, guarded
from domain.permissions import Permission


def show_company_adding(visit: session.Visit) -> None:
    """A button that asks for a new company."""
    if visit.may(Permission.COMPANIES_WRITE) and st.button(
        "New company", icon=":material/add:", type="primary", shortcut="A"
    ):
        _new_company(visit)


@st.dialog("New company")
def _new_company(visit: session.Visit) -> None:
    made: Json = {}
    with guarded(), st.form("companies_new", border=False):
        fields = asked({}, "companies_new")
        if not st.form_submit_button("Add", type="primary"):
            return
        if not (fields["name"] or fields["domain"]):
            st.warning("Give a name or a website.", icon=":material/edit:")
            return
        told = {name: value for name, value in fields.items() if value}
        if attempt(lambda: made.update(visit.api.add_company(**told)), "Company added", reruns=True):
            open_company(made["company_id"])
            st.rerun()
