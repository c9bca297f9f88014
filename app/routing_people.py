"""Who may get leads: their hours, how much they take, and when they are away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import streamlit as st

from app import session
from app.api_transport import Json
from app.components import attempt, now
from app.formatting import escaped
from app.routing_words import ABSENCES, blocks_of, hours_words
from domain.permissions import Permission
from domain.working_hours import DAYS

OFFICE = dict.fromkeys(DAYS[:5], "09:00-17:00")


def show_people(held: Json) -> None:
    """The tab of people. `held` is `GET /v1/routing`."""
    may_change = session.current().may(Permission.SETTINGS_WRITE)
    for person in held["people"]:
        duty, absence = person["duty"], person["absence"]
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(gap="xsmall", width="stretch"):
                badge = (
                    f":orange-badge[{ABSENCES[absence].removeprefix('is ')}]"
                    if absence
                    else ":green-badge[takes leads now]"
                )
                st.markdown(f"**{escaped(person['name'])}**  {badge}")
                limit = duty.get("capacity")
                load = f"{person['open_count']} open" + (f" of {limit}" if limit is not None else "")
                away = [f"away {first} to {last}" for first, last in duty.get("away") or []]
                st.markdown(f":gray[{escaped(' · '.join([load, hours_words(duty), *away]))}]")
            if may_change and st.button("Edit", key=f"routing_person_{person['user_id']}"):
                _edit(person)


@st.dialog("When and how much", width="medium")
def _edit(person: Json) -> None:
    visit, duty = session.current(), person["duty"]
    st.markdown(f"**{escaped(person['name'])}**")
    is_paused = st.toggle("Gets no leads for now", bool(duty.get("is_paused")))
    has_limit = st.toggle("Takes only so many at a time", duty.get("capacity") is not None)
    capacity = st.number_input(
        "Most open contacts and deals", 0, 100_000, duty.get("capacity") or 50, disabled=not has_limit, width=240
    )
    keeps_hours = st.toggle("Works certain hours", bool(duty.get("hours")))
    hours = _hours(duty.get("hours") or OFFICE, visit.time_zone) if keeps_hours else None
    away = [tuple(span) for span in duty.get("away") or []]
    kept = st.multiselect("Absences", away, away, format_func=lambda span: f"{span[0]} to {span[1]}") if away else []
    today = now().date()
    added = st.date_input(
        "Add an absence", [], min_value=today - timedelta(days=31), help="First and last day, both included.", width=240
    )
    if st.button("Save", type="primary"):
        spans = [list(span) for span in kept]
        if isinstance(added, tuple) and len(added) == 2:
            spans.append([added[0].isoformat(), added[1].isoformat()])
        body = {"is_paused": is_paused, "capacity": int(capacity) if has_limit else None, "hours": hours, "away": spans}
        if attempt(lambda: visit.api.put_duty(person["user_id"], body), "Saved", reruns=True):
            st.rerun()


def _hours(held: Json, zone: str) -> dict[str, Any]:
    """Blocks of each day as a person types them."""
    found: dict[str, Any] = {"time_zone": st.text_input("Time zone", held.get("time_zone") or zone, width=240)}
    with st.container(horizontal=True):
        for day in DAYS:
            blocks = held.get(day) or []
            shown = blocks if isinstance(blocks, str) else ", ".join(blocks)
            found[day] = blocks_of(st.text_input(day.capitalize(), shown, placeholder="free", width=150))
    found["holidays"] = held.get("holidays") or []
    return found
