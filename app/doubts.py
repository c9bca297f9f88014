"""Campaigns: messages of which nobody can know whether they left, and what somebody says of each."""

from __future__ import annotations

import streamlit as st

from app.api_transport import Json
from app.components import attempt, now, quiet_note
from app.formatting import ago, escaped, plural
from app.session import Visit

ACTS = {
    "believe_sent": ("It was sent", ":material/check:", "They go on behind it.", "It counts as sent"),
    "believe_not_sent": ("Send it again", ":material/replay:", "It did not leave: it is tried once more.", "It is sent again"),
    "cancel_unsent": ("Cancel", ":material/close:", "It did not leave and shall not: they are taken out.", "It is cancelled"),
}  # fmt: skip
"""What may be said of one: label, icon, what it does, and what is said once it is done."""


def show_doubts(visit: Visit, sequence_id: str, *, may_write: bool) -> None:
    """Those that wait for somebody to say what to believe, and how many are left as they are."""
    every = visit.api.messages_in_doubt(sequence_id)
    waiting = [each for each in every if each["enrolment_status"] == "held"]
    if waiting:
        st.warning(
            f"{plural(len(waiting), 'message')} may have left or not, and none is sent again by itself. Look into the folder "
            "of sent messages of its mailbox, then say what to believe.", icon=":material/help:",
        )  # fmt: skip
    for message in waiting:
        with st.container(border=True):
            _one(visit, message, may_write=may_write)
    if left := len(every) - len(waiting):
        quiet_note(f"{plural(left, 'message')} in doubt of people who are out of the sequence: nothing more leaves.")


def _one(visit: Visit, message: Json, *, may_write: bool) -> None:
    tried_at = message["first_tried_at"] or message["decided_at"]
    st.markdown(
        f"**{escaped(message['display_name'])}** · {escaped(message['email'])} · step `{message['step_id']}`  \n"
        f"From {escaped(message['mailbox'])}, {ago(tried_at, now())}: {escaped(message['reply_text'] or 'no answer came')}"
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        for act, (label, icon, does, done) in ACTS.items():
            st.button(
                label, key=f"{act}_{message['outbox_message_id']}", icon=icon, help=does, disabled=not may_write,
                on_click=_say, args=(visit, message["enrolment_id"], act, done),
            )  # fmt: skip
        st.caption(f"Message-ID `{message['message_id']}`", width="content")


def _say(visit: Visit, enrolment_id: str, act: str, done: str) -> None:
    attempt(lambda: visit.api.act_on_enrolment(enrolment_id, act), done)
