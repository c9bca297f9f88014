"""Corrections of one contact by hand, in its drawer."""

from __future__ import annotations

import streamlit as st

from app import session
from app.api_transport import Json
from app.components import attempt_inside

FIELDS = {
    "first_name": ("First name", 200),
    "last_name": ("Last name", 200),
    "title": ("Title", 200),
    "phone": ("Phone", 40),
    "country": ("Country (two letters)", 2),
}
"""What the API lets a person correct, by its label and longest text. An address is an identity: merge two records for it."""


def correct_facts(visit: session.Visit, contact: Json) -> None:
    """A form with what is known, folded up; only what was changed is sent, and not over what another one changed."""
    contact_id = contact["contact_id"]
    keys = {name: f"drawer_{name}_{contact_id}_{contact['etag']}" for name in FIELDS}

    def save() -> None:
        typed = {name: st.session_state[key].strip() for name, key in keys.items()}
        typed["country"] = typed["country"].upper() or None
        changes = {name: value for name, value in typed.items() if value != contact[name]}
        if changes:
            attempt_inside(lambda: visit.api.change_contact(contact_id, contact["etag"], **changes), "Corrected")

    with st.expander("Correct name, title, phone or country"), st.form(f"drawer_correct_{contact_id}", border=False):
        columns = st.columns(2)
        for number, (name, (label, longest)) in enumerate(FIELDS.items()):
            columns[number % 2].text_input(label, contact[name] or "", key=keys[name], max_chars=longest)
        st.form_submit_button("Save", on_click=save)
