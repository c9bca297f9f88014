"""Corrections of one contact by hand, in its drawer."""

from __future__ import annotations

import streamlit as st

from app import session
from app.api_transport import Json
from app.components import attempt_inside

FIELDS = {
    "first_name": ("First name", 200),
    "last_name": ("Last name", 200),
    "email": ("E-mail", 254),
    "company_name": ("Company", 200),
    "title": ("Title", 200),
    "phone": ("Phone", 40),
    "country": ("Country (two letters)", 2),
}
"""What the API lets a person correct, by its label and longest text."""
HELP = {
    "email": "The history stays theirs, and whoever asked to be left alone at the old address still is.",
    "company_name": "Made where no company of this name is there; empty takes it away.",
}


def correct_facts(visit: session.Visit, contact: Json) -> None:
    """A form with what is known, folded up; only what was changed is sent, and not over what another one changed."""
    contact_id = contact["contact_id"]
    known = {**contact, "company_name": (contact["company"] or {}).get("name", "")}
    keys = {name: f"drawer_{name}_{contact_id}_{contact['etag']}" for name in FIELDS}

    def save() -> None:
        typed = {name: st.session_state[key].strip() for name, key in keys.items()}
        changes: Json = {name: value for name, value in typed.items() if value != (known[name] or "")}
        if "country" in changes:
            changes["country"] = changes["country"].upper() or None
        if changes.get("company_name") == "":
            del changes["company_name"]
            changes["company_id"] = None
        if changes:
            attempt_inside(lambda: visit.api.change_contact(contact_id, contact["etag"], **changes), "Corrected")

    with (
        st.expander("Correct name, address, company, title, phone or country"),
        st.form(f"drawer_correct_{contact_id}", border=False),
    ):
        columns = st.columns(2)
        for number, (name, (label, longest)) in enumerate(FIELDS.items()):
            columns[number % 2].text_input(
                label, known[name] or "", key=keys[name], max_chars=longest, help=HELP.get(name)
            )
        st.form_submit_button("Save", on_click=save)
