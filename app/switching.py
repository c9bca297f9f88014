"""Switches of sending: thrown with a reason, and shown where they hold with who threw them, when and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from app.api_transport import Json
from app.campaign_words import STOPS
from app.components import doing, now
from app.formatting import ago, escaped


def switch_button(
    label: str,
    icon: str,
    key: str,
    throw: Callable[[str], object],
    done: str,
    *,
    note: Callable[[], None] | None = None,
) -> None:
    """Opens where a reason is asked for; `throw` takes it, `note` draws what to know before, once it is open."""
    place = st.popover(
        label, icon=f":material/{icon}:", width="content", key=f"{key}_popover", on_change="rerun" if note else "ignore"
    )
    with place:
        if note is not None and place.open:
            note()
        st.text_input("Why", key=f"{key}_why", max_chars=200, placeholder="Kept with your name")
        st.button(
            label, type="primary", key=key,
            # Asked for at the click: a reason typed just before it is newer than this drawing.
            on_click=doing(lambda: throw(st.session_state[f"{key}_why"].strip()), done),
        )  # fmt: skip


def show_stops(sending: Json) -> None:
    """Each switch above sequences and mailboxes that is off, the outermost first."""
    for stop in sending["stops"]:
        st.warning(f"{STOPS[stop['reason']]}  \n{escaped(stop_text(stop))}".strip(), icon=":material/block:")


def stop_text(stop: Mapping[str, Any]) -> str:
    """`Mara Lind, 5 minutes ago: The letter is wrong`; as much of it as is known."""
    who = ", ".join(part for part in (stop["by"], ago(stop["at"], now()) if stop["at"] else "") if part)
    said = ": ".join(part for part in (who, stop["why"]) if part)
    return said[:1].upper() + said[1:]


def switched_text(switched: Mapping[str, Any] | None, words: Mapping[str, str]) -> str:
    """Who did it last, when and why, by the word of each outcome; empty where nobody ever did."""
    if switched is None or switched["outcome"] not in words:
        return ""
    by = f" by {switched['by']}" if switched["by"] else ""
    why = f": {switched['why']}" if switched["why"] else ""
    return f"{words[switched['outcome']]}{by} {ago(switched['at'], now())}{why}"
