"""Which columns a list shows: those that somebody chose, in their order; else those that hold something."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st


def key_of(place: str) -> str:
    """Where a page keeps what somebody chose; nothing chosen is as the rows have it."""
    return f"{place}_columns"


def chosen_of(place: str) -> list[str]:
    return list(st.session_state.get(key_of(place), ()))


def columns_of(first: str, chosen: Sequence[str], names: Sequence[str], filled: Sequence[str]) -> list[str]:
    """In their order: the `first` always; then the chosen ones among `names`, or where none is left those that are
    `filled`."""
    return [first, *([name for name in chosen if name in names] or filled)]


def show_choice(place: str, names: Sequence[str]) -> None:
    """The popover in which they are chosen, among `names`."""
    key, chosen = key_of(place), chosen_of(place)
    if not set(chosen) <= set(names):  # of a view, or of another organization
        st.session_state[key] = [name for name in chosen if name in names]
    with st.popover("Columns", icon=":material/view_column:"):
        st.multiselect(
            "Columns", names, key=key, placeholder="As the rows have it", persist_state="session",
            help="In the order in which you choose them. Keep them with a view.",
        )  # fmt: skip
