"""Replies: everything that came back, what it was taken for, and one click to say otherwise."""

from __future__ import annotations

from functools import partial

import streamlit as st

from app import session
from app.api_transport import Json
from app.components import doing, empty_state, guarded, now, page_title
from app.contact_drawer import open_drawer, show_drawer
from app.formatting import ago, escaped, parse
from app.reply_words import COLOURS, INTENTS, KINDS, how_sure, of_reply, why

visit = session.current()
SHOWN = {
    "People": "kind:eq:human",
    "Absences": "kind:in:out_of_office,gone,auto_reply",
    "Bounces": "kind:in:bounce,complaint,delay",
}


def show_reply(reply: Json) -> None:
    """One reply: who, what, how sure, their own words, and what it answers."""
    key = reply["inbound_message_id"]
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            label = of_reply(reply)
            st.badge(label, color=COLOURS.get(reply["intent"] or reply["kind"], "gray"))
            if reply["contact"] and st.button(
                escaped(reply["contact"]["name"]), key=f"who_{key}", type="tertiary", width="content"
            ):
                open_drawer(reply["contact"]["id"])
            if reply["company"]:
                st.markdown(f":gray[{escaped(reply['company']['name'])}]", width="content")
            st.space("stretch")
            st.caption(ago(parse(reply["received_at"]), now()), width="content")
        if reply["written"]:
            words = reply["written"]
            st.text(words if len(words) <= 600 else f"{words[:600]}…")
        elif reply["diagnostic"]:
            st.caption(escaped(reply["diagnostic"]))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(escaped(why(reply)), width="content", help=how_sure(reply))
            st.space("stretch")
            if reply["intent"] and visit.may_write:
                correct_button(reply, key)


def correct_button(reply: Json, key: str) -> None:
    with st.popover("Not right?", icon=":material/edit:", width="content"):
        st.caption("What is it? Unsubscribe and Legal also stop all mail to this person.")
        for intent, label in INTENTS.items():
            if intent not in {reply["intent"], "unclear"}:
                st.button(
                    label, key=f"{intent}_{key}", type="tertiary",
                    on_click=doing(partial(visit.api.correct_reply, key, intent), f"Now: {label}"),
                )  # fmt: skip


with guarded():
    page_title("Replies", "What came back to your messages. Programs are told from people by rules; people are read.")
    counts = visit.api.reply_counts()
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = st.segmented_control("Show", list(SHOWN), default="People", label_visibility="collapsed", required=True)
        intents = [intent for intent in INTENTS if counts.get(intent)] if shown == "People" else []
        chosen = st.pills(
            "Intent", intents, format_func=lambda each: f"{INTENTS[each]} {counts[each]}", label_visibility="collapsed"
        ) if intents else None  # fmt: skip
    filters = [SHOWN[shown or "People"], *([f"intent:eq:{chosen}"] if chosen else [])]
    found = visit.api.replies(filters, limit=50)
    if not found["items"]:
        kinds = ", ".join(KINDS.values()).lower()
        empty_state("inbox", "Nothing here yet", f"Answers appear once a mailbox with IMAP is connected: {kinds}.")
    for each in found["items"]:
        show_reply(each)
    if found["next_cursor"]:
        st.caption(f"The newest 50 of {found['total']}.")
    show_drawer()
