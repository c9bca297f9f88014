"""Keys of a list: to search, to walk its lines, to open and to tick one; told on the page behind `?`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from app.bulk_edit import is_selecting

_keys = st.components.v2.component(
    "leadhouse_list_keys",
    html="<span></span>",  # marked as soon as keys are heard
    js=(Path(__file__).parent / "client" / "keys.js").read_text(encoding="utf-8"),
)

WORDS: Mapping[str, str] = {
    "J K": "Next line, line before; the arrows do the same",
    "Enter": "Open the line",
    "X": "Tick the line",
    "/": "Search this list; the arrow down leads back to its lines",
    "E": "Edit many, and leave it again",
    "N P": "Next page, page before",
    "?": "These keys",
    "Esc": "Close what is open",
    "Ctrl+K": "Search people, companies and deals",
}


def show_keys(place: str) -> None:
    """What the keys do, where somebody looks for it."""
    with st.popover("Keys", icon=":material/keyboard:", key=f"{place}_keys"):
        st.table({_badges(keys): words for keys, words in WORDS.items()}, border="horizontal", alt="Keys of this list")
        st.toggle(
            "Single keys work", value=True, key=f"{place}_keys_on", persist_state="session",
            help="Off where they are in the way of another program, a screen reader or speech. Enter and the arrows stay.",
        )  # fmt: skip


def hear_keys(place: str, search: str, *, always_ticks: bool = False) -> None:
    """At the end of a page: hears the keys of the list whose widgets begin with `place`. `search`: the key of its search
    box; `always_ticks`: its lines can be ticked also where nobody edits many."""
    _keys(
        key=f"{place}_heard",
        data={
            "is_on": st.session_state.get(f"{place}_keys_on", True),
            "ticks": always_ticks or is_selecting(place),
            "search": search,
            "edit": f"{place}_selecting",
            "next": f"{place}_next",
            "previous": f"{place}_previous",
            "help": f"{place}_keys",
        },
        height=1,
    )


def _badges(keys: str) -> str:
    return " ".join(f":gray-badge[{key}]" for key in keys.split())
