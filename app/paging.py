"""The foot of a list: how many there are, and the way to the pages before and after, which are found by key."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.api_transport import Json

state = st.session_state


def key_of(place: str) -> str:
    """Where a list keeps the cursors of the pages up to the one that is shown."""
    return f"{place}_cursors"


def restart(place: str) -> None:
    """A filter changed: back to the first page."""
    state[key_of(place)] = []


def cursor_of(place: str) -> str | None:
    """Of the page that is shown; none of the first."""
    cursors: list[str] = state.setdefault(key_of(place), [])
    return cursors[-1] if cursors else None


def pages_before(place: str) -> int:
    return len(state.get(key_of(place), []))


def show_foot(
    place: str, page: Json, *, one: str, many: str, is_filtered: bool, beside: Callable[[], None] | None = None
) -> None:
    """`one` and `many`: what the lines are called; `beside`: what else stands there."""
    if page["total_text"] is not None:
        state[f"{place}_total"] = page["total_text"]
    with st.container(horizontal=True, vertical_alignment="center"):
        total = state.get(f"{place}_total", "")
        noun, verb = (one, "matches") if total == "1" else (many, "match")
        st.caption(f"{total} {noun} {verb}" if is_filtered else f"{total} {noun}", width="content")
        if beside is not None:
            beside()
        st.space("stretch")
        show_turns(place, page["next_cursor"])


def show_turns(place: str, next_cursor: str | None) -> None:
    """The buttons to the page before and the one after, in a row that is there."""
    before = pages_before(place)
    st.button(
        "Previous", icon=":material/chevron_left:", key=f"{place}_previous", disabled=not before,
        on_click=_turn, args=(place, None),
    )  # fmt: skip
    st.caption(f"Page {before + 1}", width="content")
    st.button(
        "Next", icon=":material/chevron_right:", icon_position="right", key=f"{place}_next",
        disabled=not next_cursor, on_click=_turn, args=(place, next_cursor),
    )  # fmt: skip


def _turn(place: str, cursor: str | None) -> None:
    cursors = state.setdefault(key_of(place), [])
    if cursor:
        cursors.append(cursor)
    else:
        cursors.pop()
