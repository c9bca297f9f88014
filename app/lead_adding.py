"""A new lead, written down by hand."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app import session
from app.api_client import ContactQuery
from app.api_transport import ApiProblem
from app.components import guarded, problem_box, say_next
from app.contact_drawer import close_drawer, open_drawer
from app.deal_drawer import owner_input
from app.stage_labels import STAGE_LABELS
from domain.contacts import LifecycleStage

ADDRESSED = ("email", "phone", "first_name", "last_name")
"""One of these says who it is."""


def show_lead_adding(visit: session.Visit) -> None:
    """A button that asks for a new lead."""
    if visit.may_write and st.button("New lead", icon=":material/add:", type="primary", shortcut="A"):
        close_drawer()
        _new_lead(visit)


@st.dialog("New lead")
def _new_lead(visit: session.Visit) -> None:
    with guarded(), st.form("leads_new", border=False):
        fields = _asked()
        if not st.form_submit_button("Add", type="primary"):
            return
        if not any(fields.get(name) for name in ADDRESSED):
            st.warning("Give an e-mail address, a phone number or a name.", icon=":material/edit:")
            return
        try:
            contact_id = visit.api.add_contact(**fields)["contact_id"]
        except ApiProblem as problem:
            if problem.status != 409 or (contact_id := _known(visit, fields.get("email", ""))) is None:
                problem_box(problem)
                return
            say_next("This lead is here already: nothing was changed")
        else:
            say_next("Lead added")
        open_drawer(contact_id)
        st.rerun()


def _asked() -> dict[str, Any]:
    """The fields that were filled in."""
    left, right = st.columns(2)
    told = {
        "first_name": left.text_input("First name", max_chars=200),
        "last_name": right.text_input("Last name", max_chars=200),
        "email": left.text_input("E-mail", max_chars=254, placeholder="ada@lovelace.example"),
        "phone": right.text_input("Phone", max_chars=40),
        "title": left.text_input("Title", max_chars=200),
        "company_name": right.text_input("Company", max_chars=200, help="Left empty, a work address names it."),
    }
    with left:
        stage = st.selectbox(
            "Stage", [stage.value for stage in LifecycleStage if stage is not LifecycleStage.VISITOR],
            format_func=lambda stage: STAGE_LABELS.get(stage, stage),
        )  # fmt: skip
    with right:
        owner = owner_input("Owner", None, hint="Empty: the routing rules give the lead to somebody.")
    filled = {name: text.strip() for name, text in told.items() if text.strip()}
    return {**filled, "lifecycle_stage": stage} | ({"owner_user_id": owner} if owner else {})


def _known(visit: session.Visit, email: str) -> str | None:
    """Whose address it is, where it is anybody's here."""
    found = visit.api.contacts(ContactQuery(filter=(f"email:eq:{email.casefold()}",)), limit=1, with_total=False)
    return found["items"][0]["contact_id"] if found["items"] else None
