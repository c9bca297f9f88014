"""Pieces that every page uses: titles, tiles with their freshness, empty states, problems in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from app.api_transport import ApiProblem, Json
from app.formatting import ago, escaped

LEFT = "said_next"


def now() -> datetime:
    return datetime.now(UTC)


def page_title(title: str, caption: str = "") -> None:
    """The page's title with one line that says what the page is for."""
    st.title(title, width="content", anchor=False)
    if caption:
        st.caption(caption)


def card_title(title: str, help: str | None = None) -> None:  # noqa: A002  the name Streamlit uses
    st.markdown(f"**{title}**", help=help, width="content")


def as_of(moment: datetime | None, layer: str) -> str:
    """How fresh a tile is: `live`, or when the layer behind it was built."""
    if layer == "live":
        return ":material/bolt: live"
    return f":material/schedule: {layer} {ago(moment, now())}" if moment else f":material/schedule: not {layer} yet"


def tile(
    label: str,
    value: str,
    *,
    definition: str,
    fresh: str,
    delta: str | int | None = None,
    delta_color: Any = "normal",
    delta_note: str | None = None,
    trend: Sequence[float] | None = None,
) -> None:
    """One number with what it means, how it moved, and how fresh it is."""
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(
            label,
            value,
            delta,
            delta_color=delta_color,
            help=definition,
            delta_description=delta_note if delta is not None else None,
            chart_data=list(trend) if trend is not None and len(trend) > 1 else None,
            chart_type="area",
            height="stretch",
        )
        st.caption(fresh)


def empty_state(icon: str, title: str, body: str, action: Callable[[], None] | None = None) -> None:
    """Nothing here yet: why, and what to do next."""
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.markdown(f"### :gray[:material/{icon}:]", width="content")
        st.markdown(f"**{title}**", width="content")
        st.markdown(f":gray[{body}]", width="content", text_alignment="center")
        if action is not None:
            action()
        st.space("small")


def is_answered(question: Json, key: str) -> bool:
    """Whether the worker has answered; else it says that it has not yet, with a button `key` to look again, or why it cannot."""
    if question["status"] == "waiting":
        with st.container(border=True):
            st.markdown(":material/hourglass_empty: The worker is busy with something longer; the answer follows.")
            st.button("Look again", key=key)
        return False
    if question["problem"]:
        quiet_note(question["problem"])
        return False
    return True


def quiet_note(text: str, icon: str = "info") -> None:
    """A missing part said in one grey line, inside a card."""
    st.markdown(f":gray[:material/{icon}: {text}]")


def same_tab_link(label: str, address: str) -> None:
    """A link that leaves the page in its own tab, looking like a button; Streamlit's own ones open another."""
    style = (
        "display:block;text-align:center;padding:.45rem .75rem;border:1px solid rgba(128,138,155,.35);"
        "border-radius:8px;color:inherit;text-decoration:none;font-weight:500"
    )
    st.html(f'<a href="{address}" target="_self" style="{style}">{label}</a>')


def problem_box(problem: ApiProblem) -> None:
    """What went wrong and what to do, in our own words and colours."""
    icons = {401: "lock", 403: "shield_lock", 404: "search_off", 503: "cloud_off"}
    st.error(
        problem.hint or "Try again; if it stays, the log of the web process has the details.",
        title=problem.detail,
        icon=f":material/{icons.get(problem.status, 'error')}:",
    )
    if problem.status == 401:
        same_tab_link("Sign in", "/login")


@contextmanager
def guarded() -> Iterator[None]:
    """A part of a page that talks to the API: its refusal becomes a box, and the rest of the page stays."""
    try:
        yield
    except ApiProblem as problem:
        problem_box(problem)


@contextmanager
def emptied_form(key: str, *, border: bool) -> Iterator[Callable[[], None]]:
    """A form, and what empties it once its fields were taken: what is refused stays there to be mended."""
    state, rounds = st.session_state, f"{key}_round"
    with st.form(f"{key}_{state.get(rounds, 0)}", border=border):
        yield lambda: state.update({rounds: state.get(rounds, 0) + 1})


def doing(act: Callable[[], Any], done: str, *, inside: bool = False) -> Callable[[], None]:
    """A callback of a button that attempts something; `inside`: of one that stands in a drawer, or may."""

    def act_and_say() -> None:
        (attempt_inside if inside else attempt)(act, done)

    return act_and_say


def attempt_inside(act: Callable[[], Any], done: str) -> bool:
    """In a callback of something in a drawer: what came of it stands at the drawer's top."""
    try:
        act()
    except ApiProblem as problem:
        say_next(problem.words, is_refused=True)
        return False
    say_next(done)
    return True


def say_next(text: str, *, is_refused: bool = False) -> None:
    """Says it in the next run: a toast before `st.rerun()` is lost where the rerun is quick, and a drawer lies over it."""
    st.session_state[LEFT] = text, is_refused


def say_what_was_left(*, inside: bool = False) -> None:
    """What was left to be said: `inside` a drawer at its top, else as a toast. A fragment that runs again by itself says it
    itself, as the first thing it does; what nobody else said is said at the end of a page."""
    if LEFT not in st.session_state:
        return
    text, is_refused = st.session_state.pop(LEFT)
    icon = ":material/error:" if is_refused else ":material/check_circle:"
    if inside:
        (st.error if is_refused else st.success)(escaped(text), icon=icon)
    else:
        st.toast(escaped(text), icon=icon)


def attempt(act: Callable[[], Any], done: str, *, reruns: bool = False) -> bool:
    """Does something the person asked for and says so. In callbacks a refusal becomes a toast in words; with `reruns`,
    before a rerun of the whole page, a box where it was asked for: a dialog stays open, with what was typed, and lies over
    toasts."""
    try:
        act()
    except ApiProblem as problem:
        if reruns:
            problem_box(problem)
        else:
            st.toast(problem.words, icon=":material/error:")
        return False
    if reruns:
        say_next(done)
    else:
        st.toast(done, icon=":material/check_circle:")
    return True
