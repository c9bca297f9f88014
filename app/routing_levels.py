"""Service levels: what was promised, and which leads wait for it now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

import streamlit as st

from app import session
from app.api_transport import Json
from app.components import attempt, card_title, doing, empty_state, guarded, now, quiet_note
from app.contact_drawer import open_drawer
from app.day_words import tomorrow_morning
from app.formatting import ago, escaped, parse
from app.routing_people import OFFICE
from app.routing_words import (
    CLOCKS,
    PAUSES,
    STANDINGS,
    blocks_of,
    condition_words,
    days_of,
    hours_words,
    lines_of,
    span_words,
)
from domain.permissions import Permission


def show_levels(held: Json) -> None:
    """The tab of service levels. `held` is `GET /v1/routing`, for the names."""
    visit = session.current()
    names = {person["user_id"]: person["name"] for person in held["people"]}
    policies = visit.api.service_levels()["policies"]
    _clocks(names)
    card_title(
        "Promises", "Of each clock, the first whose conditions a lead meets holds. A clock that runs keeps its terms."
    )
    if not policies:
        empty_state(
            "timer", "Nothing is promised yet",
            "A service level says how soon a lead gets its first touch, and what happens when it does not.",
        )  # fmt: skip
    may_change = visit.may(Permission.SETTINGS_WRITE)
    for position, policy in enumerate(policies):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(gap="xsmall", width="stretch"):
                when = [f":blue-badge[{escaped(condition_words(each))}]" for each in policy["when"]]
                st.markdown(f"**{escaped(policy['name'])}**  :violet-badge[{CLOCKS[policy['clock']]}] {' '.join(when)}")
                st.markdown(f":gray[{escaped(_terms(policy, names))}]")
            if may_change and st.button("Edit", key=f"routing_policy_{position}"):
                _edit(policies, position, names)
            if may_change and st.button(
                "", icon=":material/delete:", key=f"routing_policy_del_{position}", help="Remove"
            ):
                left = [each for number, each in enumerate(policies) if number != position]
                if attempt(lambda: visit.api.put_service_levels(left), "Removed", reruns=True):  # noqa: B023  called at once
                    st.rerun()
    if may_change and st.button("Add a service level", icon=":material/add:"):
        _edit(policies, None, names)


def _terms(policy: Json, names: Mapping[str, str]) -> str:
    parts = [f"first touch within {span_words(policy['target_minutes'])}", f"warns at {policy['warns_at']:.0%}"]
    if policy.get("reassigns_after_minutes") is not None:
        parts.append(f"goes to somebody else {span_words(policy['reassigns_after_minutes'])} after the breach")
    if policy.get("escalates_after_minutes") is not None:
        told = names.get(policy["escalates_to"], "somebody who left")
        parts.append(f"{told} is told {span_words(policy['escalates_after_minutes'])} after it")
    return " · ".join([*parts, f"counts {hours_words(policy)}"])


@st.fragment(run_every=30)
def _clocks(names: Mapping[str, str]) -> None:
    with guarded(), st.container(border=True):
        found = session.current().api.service_clocks()
        with st.container(horizontal=True, vertical_alignment="center"):
            card_title("Leads that wait for a first touch")
            for standing, (words, color) in STANDINGS.items():
                if number := found["counts"].get(standing):
                    st.badge(f"{number} {words.lower()}", color=color)  # type: ignore[arg-type]
        if not found["items"]:
            quiet_note("No clock is running: nobody waits.", "check_circle")
            return
        rows = [
            {
                "Lead": each["contact"],
                "Owner": names.get(each["owner_user_id"] or "", "nobody"),
                "Standing": "Paused" if each["pause"] else STANDINGS[each["standing"]][0],
                "Clock": CLOCKS[each["clock"]],
                "Promise": each["policy"],
                "Due": ago(each["due_at"], now()) if each["due_at"] else "never",
                "Used": min(each["used"], 9.99) * 100,
            }
            for each in found["items"]
        ]
        used = st.column_config.ProgressColumn("Used", format="%d%%", min_value=0, max_value=100)
        picked: Any = st.dataframe(
            rows, hide_index=True, column_config={"Used": used}, on_select="rerun", selection_mode="single-row",
            key="routing_clocks",
        )  # fmt: skip
        if picked.selection.rows:
            _one_clock(found["items"][picked.selection.rows[0]])


def _one_clock(clock: Json) -> None:
    """What can be done about the clock that was picked: look at the lead, or let its time stand still."""
    visit, clock_id = session.current(), clock["service_clock_id"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escaped(clock['contact'])}**", width="content")
        if clock["pause"]:
            until = parse(clock["paused_until"])
            ends = f" until {until.astimezone(visit.zone):%-d %b %H:%M}" if until else " until they are heard of"
            st.badge(f"{PAUSES[clock['pause']]}{ends}", color="gray", icon=":material/pause:")
        if st.button("Open", key="routing_clock_open", icon=":material/person:"):
            open_drawer(clock["contact_id"])
            st.session_state.pop("routing_clocks", None)
            st.rerun()
        if not visit.may(Permission.TASKS_WRITE):
            return
        if clock["pause"]:
            go_on = doing(lambda: visit.api.resume_clock(clock_id), "The clock goes on")
            st.button("Go on now", key="routing_clock_resume", icon=":material/play_arrow:", on_click=go_on)
            return
        tomorrow = tomorrow_morning(now(), visit.zone).astimezone(UTC).isoformat()
        snooze = doing(lambda: visit.api.pause_clock(clock_id, "snoozed", tomorrow), "Paused until tomorrow, 09:00")
        st.button("Snooze until tomorrow", key="routing_clock_snooze", icon=":material/snooze:", on_click=snooze)
        wait = doing(lambda: visit.api.pause_clock(clock_id, "waiting_for_customer"), "Paused until they are heard of")
        st.button("Waits for the customer", key="routing_clock_wait", icon=":material/pause:", on_click=wait)


@st.dialog("Service level", width="medium")
def _edit(policies: list[Json], position: int | None, names: Mapping[str, str]) -> None:
    visit = session.current()
    held: Json = policies[position] if position is not None else {"clock": "speed_to_lead", "target_minutes": 15}
    name = st.text_input(
        "Name", held.get("name", ""), max_chars=80, placeholder="Hot leads within a quarter of an hour"
    )
    clock = st.segmented_control(
        "Counts from", list(CLOCKS), default=held["clock"], required=True,
        format_func={"speed_to_lead": "when the lead came in", "rep": "when the owner got it"}.__getitem__,
    )  # fmt: skip
    conditions = st.text_area("For leads of which all of this holds", "\n".join(held.get("when") or []), height=68,
                              placeholder="band:eq:hot")  # fmt: skip
    with st.container(horizontal=True):
        target = st.number_input("First touch within (min)", 1, 129_600, held["target_minutes"], width=180)
        warns = st.number_input("Warn at (%)", 1, 100, round(held.get("warns_at", 0.75) * 100), width=120)
    office = st.toggle(
        "Count office hours only", bool(held.get("hours")), help="Monday to Friday, unless set otherwise over the API."
    )
    with st.container(horizontal=True):
        hours = st.text_input("Office hours", _office(held), disabled=not office, width=240)
        holidays = st.text_input(
            "Holidays", ", ".join((held.get("hours") or {}).get("holidays") or []), disabled=not office,
            placeholder="2026-12-25, 2027-01-01", help="Days on which no time counts, separated by commas.",
        )  # fmt: skip
    reassign = st.number_input("Give it to somebody else after the breach (min; empty for never)", 0, 129_600,
                               held.get("reassigns_after_minutes"))  # fmt: skip
    pauses = st.toggle("Who loses it gets no more leads", bool(held.get("pauses_owner")), disabled=reassign is None,
                       help="Until somebody puts them back on duty under People.")  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        escalate = st.number_input("Tell somebody after the breach (min; empty for never)", 0, 129_600,
                                   held.get("escalates_after_minutes"))  # fmt: skip
        people = list(names)
        chosen = people.index(held["escalates_to"]) if held.get("escalates_to") in names else None
        whom = st.selectbox("Whom", people, index=chosen, format_func=lambda user: names[user], placeholder="Nobody")
    if st.button("Save", type="primary"):
        blocks = blocks_of(hours)
        former = held.get("hours") or {"time_zone": visit.time_zone, "holidays": []}
        same = blocks == blocks_of(_office(held)) and held.get("hours")
        body = {
            "name": name.strip(), "clock": clock, "target_minutes": int(target), "when": lines_of(conditions),
            "warns_at": warns / 100, "reassigns_after_minutes": reassign, "escalates_after_minutes": escalate,
            "escalates_to": whom if escalate is not None else None, "pauses_owner": pauses and reassign is not None,
            "hours": (former if same else former | dict.fromkeys(OFFICE, blocks)) | {"holidays": days_of(holidays)}
            if office else None,
        }  # fmt: skip
        at = len(policies) if position is None else position
        changed = [*policies[:at], body, *policies[at + 1 :]]
        if attempt(lambda: visit.api.put_service_levels(changed), "Holds for leads to come", reruns=True):
            st.rerun()


def _office(held: Json) -> str:
    hours = held.get("hours")
    return ", ".join(hours.get("mon") or []) if hours else OFFICE["mon"]
