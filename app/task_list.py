"""Tasks as rows: done with one click, put off until tomorrow, and a form for a new one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import streamlit as st

from app import session
from app.api_transport import Json
from app.components import attempt, doing, emptied_form, now
from app.day_words import due_words, tomorrow_morning
from app.formatting import escaped, parse

PLANNED = {"todo": "To do", "call": "Call", "email": "E-mail", "meeting": "Meeting", "linkedin": "LinkedIn"}
ICONS = {"todo": "check_circle", "call": "call", "email": "mail", "meeting": "event", "linkedin": "person_add"}
DUE_TIME = time(17)


def task_row(task: Json, *, place: str, about: bool = True, may_write: bool = True) -> Json | None:
    """One open task; answers what it is about when that was clicked: {"contact_id"} or {"deal_id"}.

    `place` tells apart rows of the same task on one page.
    """
    visit = session.current()
    task_id, clicked = task["task_id"], None
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
        if may_write:
            _done_button(task, place)
        kind = ICONS.get(task["kind"], "check_circle")
        late = "red" if task["due"] == "overdue" else "gray"
        urgent = " :red[:material/priority_high:]" if task["priority"] > 0 else ""
        st.markdown(f":gray[:material/{kind}:] {escaped(task['title'])}{urgent}", width="content")
        linked = task["contact"] or task["deal"]
        if about and linked:
            name = f"{place}_about_{task_id}"
            if st.button(escaped(linked["name"]), key=name, type="tertiary", width="content"):
                clicked = {"contact_id" if task["contact"] else "deal_id": linked["id"]}
        st.space("stretch")
        words = due_words(parse(task["due_at"]), now(), visit.zone)
        if words:
            st.markdown(f":small[:{late}[{words}]]", width="content")
        if may_write:
            _snooze_button(task_id, place)
    return clicked


def _done_button(task: Json, place: str) -> None:
    api, task_id = session.current().api, task["task_id"]
    st.button(
        "", key=f"{place}_done_{task_id}", icon=":material/radio_button_unchecked:", type="tertiary", help="Done",
        width="content", on_click=doing(lambda: api.finish_task(task_id), f"Done: {task['title']}", inside=True),
    )  # fmt: skip


def _snooze_button(task_id: str, place: str) -> None:
    visit = session.current()
    tomorrow = tomorrow_morning(now(), visit.zone).astimezone(UTC).isoformat()
    st.button(
        "", key=f"{place}_snooze_{task_id}", icon=":material/snooze:", type="tertiary", width="content",
        help="Put off until tomorrow, 09:00",
        on_click=doing(
            lambda: visit.api.change_task(task_id, due_at=tomorrow), "Back tomorrow at 09:00", inside=True
        ),
    )  # fmt: skip


def task_form(place: str, **about: Any) -> bool:
    """A form for a new task of one's own; answers whether one was made."""
    visit = session.current()
    today = now().astimezone(visit.zone).date()
    with emptied_form(f"{place}_new_task", border=False) as empty:
        title = st.text_input("What is to do", placeholder="Call about the proposal", max_chars=200)
        with st.container(horizontal=True):
            kind = st.selectbox("Kind", list(PLANNED), format_func=PLANNED.__getitem__)
            due_on = st.date_input("Due", today)
        if not st.form_submit_button("Add task", icon=":material/add:"):
            return False
        if not title.strip():
            st.warning("Say what is to do.", icon=":material/edit:")
            return False
        due_at = datetime.combine(due_on, DUE_TIME, visit.zone).astimezone(UTC) if isinstance(due_on, date) else None
        fields = {"title": title.strip(), "kind": kind, "due_at": due_at.isoformat() if due_at else None, **about}
        is_planned = attempt(lambda: visit.api.create_task(**fields), "Planned", reruns=True)
        if is_planned:
            empty()
        return is_planned
