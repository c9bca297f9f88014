"""Settings → Messages: whether opens and clicks are noted, over which address links lead, what that is worth, and when an
address that messages come back from rests."""

from __future__ import annotations

import streamlit as st

from app.api_transport import Json
from app.components import attempt, card_title, guarded, quiet_note
from app.formatting import escaped
from app.session import Visit
from domain.permissions import Permission

RESTS = (
    ("failures", "Messages that came back", 20),
    ("within_days", "within so many days", 365),
    ("rests_days", "rests for days", 365),
)
WHEN = {
    "never": "Never",
    "follow_ups": "In follow-ups, not in the first message",
    "always": "In every message",
}


def show_messages(visit: Visit) -> None:
    with guarded():
        held, rule = visit.api.tracking(), visit.api.soft_bounces()
        left, right = st.columns([1.2, 1], gap="large")
        with left:
            _form(visit, held)
            _soft_bounces(visit, rule)
        with right:
            _meaning()
            _addresses(held)


def _form(visit: Visit, held: Json) -> None:
    may_change = visit.may(Permission.MAILBOXES_WRITE)
    card_title(
        "What is noted of messages", help="Holds for messages decided from now on. A sequence may say otherwise."
    )
    with st.container(border=True):
        clicks = st.radio(
            "Clicks", list(WHEN), index=list(WHEN).index(held["clicks"]), format_func=WHEN.__getitem__,
            key="settings_messages_clicks", disabled=not may_change,
            help="Links lead over your address first, in the plain text too. The way out of a mailing never does.",
        )  # fmt: skip
        trap = st.checkbox(
            "With a link that no person is shown", held["trap"], key="settings_messages_trap",
            disabled=not may_change or clicks == "never",
            help="Programs that follow every link follow it too, and are known by it. Some filters dislike hidden links.",
        )  # fmt: skip
        opens = st.radio(
            "Opens", list(WHEN), index=list(WHEN).index(held["opens"]), format_func=WHEN.__getitem__,
            key="settings_messages_opens", disabled=not may_change,
            help="By a picture of one pixel, in messages that have an HTML part.",
        )  # fmt: skip
        if "always" in {clicks, opens}:
            st.caption(
                ":orange[:material/warning: First messages with tracked links or pictures are held for spam more often.]"
            )
        if st.button("Save", type="primary", key="settings_messages_save", disabled=not may_change):
            wanted = {"opens": opens, "clicks": clicks, "trap": bool(trap)}
            if attempt(lambda: visit.api.set_tracking(**wanted), "Saved", reruns=True):
                st.rerun()


def _soft_bounces(visit: Visit, rule: Json) -> None:
    may_change = visit.may(Permission.MAILBOXES_WRITE)
    card_title(
        "When an address rests",
        help="A full mailbox, or a server that is away for days, may be there again later. An address that does not exist "
        "is left alone at once and for good.",
    )
    with st.form("settings_soft_bounces", enter_to_submit=False):
        numbers = {
            name: column.number_input(label, 1, most, rule[name], key=f"settings_{name}", disabled=not may_change)
            for column, (name, label, most) in zip(st.columns(3), RESTS, strict=True)
        }
        st.caption("An answer, a click or a delivery begins the count anew. Whoever is on the way goes on afterwards.")
        if st.form_submit_button("Save", key="settings_soft_bounces_save", disabled=not may_change):
            wanted = {name: int(number) for name, number in numbers.items()}
            if attempt(lambda: visit.api.set_soft_bounces(**wanted), "Saved", reruns=True):
                st.rerun()


def _meaning() -> None:
    card_title("What it is worth")
    st.markdown(
        "- **An answer** says most. It needs no tracking.\n"
        "- **A click** says something, once programs are told apart: many companies have every link followed before anybody "
        "reads the message. A click counts a minute later, when it is clear that a person made it.\n"
        "- **An open** says next to nothing: Apple and Gmail load pictures for people who never looked. Nothing starts or "
        "stops by an open here."
    )


def _addresses(held: Json) -> None:
    card_title(
        "Where links lead", help="A host of your own is set at Mailboxes → Domains, and used once DNS points to us."
    )
    if not held["addresses"]:
        quiet_note("No mailbox is connected yet.", "mail")
    for found in held["addresses"]:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**{escaped(found['domain'])}**")
            st.code(found["address"], language=None, wrap_lines=True)
            if found["is_own"]:
                st.caption(":green[:material/check_circle: Your own host]")
            else:
                st.caption("The address of this installation. Links over a host of your own are trusted more.")
