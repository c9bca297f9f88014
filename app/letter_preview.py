"""The messages of a sequence as somebody would read them, and beside each what to look at before it is sent."""

from __future__ import annotations

import streamlit as st

from app.api_client import ContactQuery
from app.api_transport import Json
from app.components import guarded, quiet_note
from app.formatting import escaped
from app.session import Visit

WEIGHTS = {
    "error": (":material/error:", "red"),
    "warning": (":material/warning:", "orange"),
    "hint": (":material/lightbulb:", "gray"),
}
RULES = {
    "no_subject": "No subject", "long_subject": "A long subject", "false_reply": "Pretends to be an answer",
    "shouting": "Shouts", "literal_token": "A variable is not filled", "too_long": "Long", "image_only": "Only an image",
    "spam_phrases": "Words that filters know", "no_way_out": "No way out", "many_links": "Many links",
    "shortened_link": "A shortened link", "plain_link": "A link without TLS", "disguised_link": "A disguised link",
    "tracked_first": "Tracks a first letter", "many_images": "Many images", "mostly_images": "Mostly images",
    "no_alt": "An image without words",
}  # fmt: skip


def show_letters(visit: Visit, source: str, key: str) -> None:
    """What `source` (YAML) would send to a contact of the organization; faults of it are said instead."""
    contacts = visit.api.contacts(ContactQuery(), limit=20)["items"]
    names = {each["contact_id"]: each["display_name"] for each in contacts}
    chosen = st.selectbox(
        "As read by", ["", *names], format_func=lambda each: names.get(each, "Somebody of whom nothing is known"),
        key=f"letters_for_{key}", index=1 if names else 0,
    )  # fmt: skip
    with guarded():
        for letter in visit.api.letters(source, chosen or None):
            with st.container(border=True):
                _letter(letter)


def _letter(letter: Json) -> None:
    words, remarks = st.columns([3, 2], gap="medium")
    with words:
        st.caption(f"`{letter['step_id']}`{' · first letter' if letter['is_first'] else ''}")
        st.markdown(f"**{escaped(letter['subject'])}**")
        st.text(letter["text"])
    with remarks:
        if letter["missing"]:
            st.markdown(
                f":red[:material/error:] **Would not leave**: {escaped(', '.join(letter['missing']))} has no value."
            )
        for remark in letter["remarks"]:
            _remark(remark)
        if not (letter["missing"] or letter["remarks"]):
            quiet_note("Nothing to look at", "check_circle")


def _remark(remark: Json) -> None:
    icon, color = WEIGHTS[remark["weight"]]
    title = RULES.get(remark["rule"], remark["rule"].replace("_", " "))
    found = f": {escaped(remark['found'])}" if remark["found"] else ""
    st.markdown(f":{color}[{icon}] **{title}**{found}  \n:gray[{escaped(remark['advice'])}]")
