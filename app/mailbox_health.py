"""Mailboxes → Accounts: what became of a mailbox's messages, the numbers behind its band, and its switch with a reason."""

from __future__ import annotations

import streamlit as st

from app.api_transport import Json
from app.components import card_title, now, quiet_note
from app.formatting import ago, escaped
from app.mailbox_words import BANDS, reading_text
from app.session import Visit
from app.switching import switch_button, switched_text

HELP = (
    "Read every quarter of an hour over 7 days, over 30 where these hold too few messages. Under the fewest messages nobody "
    "can know. A full mailbox of a recipient does not count."
)
SWITCHED = {"connected": "Let go on", "paused": "Paused", "broken": "Stopped"}


def show_health(row: Json) -> None:
    """The band and each measure, with where the bands begin."""
    health = row["health"]
    icon, color, words = BANDS[health["band"]]
    with st.container(horizontal=True, vertical_alignment="center"):
        card_title("Health", help=HELP)
        st.badge(words, icon=icon, color=color)  # type: ignore[arg-type]
        if health["looked_at"]:
            st.caption(f"looked at {ago(health['looked_at'], now())}", width="content")
    if not health["readings"]:
        quiet_note("Nobody looked since it was connected or let go on: the worker does.", "monitor_heart")
    for reading in health["readings"]:
        icon, color, _ = BANDS[reading["band"]]
        st.markdown(f":{color}[{icon}] {reading_text(reading)}")
    if health["counts_from"]:
        st.caption(f"Messages from before it was let go on ({ago(health['counts_from'], now())}) count no more.")


def show_switch(visit: Visit, row: Json) -> None:
    """Stops the mailbox or lets it go on; who does says why."""
    is_on = row["status"] == "connected"
    target = "paused" if is_on else "connected"

    def note() -> None:
        if row["is_stopped_for_health"]:
            st.markdown(f"It was paused {ago(row['switched']['at'], now())}: {escaped(row['switched']['why'])}.")
            anew = " Its ramp begins anew." if row["health"]["band"] == "blocked" else ""
            st.caption(f"From now on it is judged by what it sends from now on.{anew}")

    switch_button(
        "Pause" if is_on else "Let it go on", "pause" if is_on else "play_arrow", f"mailbox_switch_{target}",
        lambda why: visit.api.switch_mailbox(row["mailbox_id"], target, why),
        "Nothing leaves it" if is_on else "It goes on", note=note,
    )  # fmt: skip


def last_text(row: Json) -> str:
    """Who paused it or let it go on last, and when; empty where nobody ever did."""
    last = row["switched"]
    if last is None or (row["status"] == "connected" and not last["by"]):
        return ""
    return switched_text({**last, "why": ""}, SWITCHED)
