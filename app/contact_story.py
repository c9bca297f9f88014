"""What was decided about a contact, what is planned, and what happened: three tabs of the drawer."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

import streamlit as st

from app import session
from app.api_transport import Json
from app.components import attempt, emptied_form, now, quiet_note
from app.decision_words import ACTORS, BY, detail_lines, kind_words, outcome_words, reason_words
from app.formatting import ago, escaped, parse, plural
from app.stage_labels import STAGE_LABELS
from app.task_list import task_form, task_row
from domain.permissions import Permission

LOGGED = {"note": "Note", "call": "Call", "meeting": "Meeting", "email": "E-mail", "linkedin": "LinkedIn"}
OUTCOMES = {"": "–", "reached": "Reached", "no_answer": "No answer", "left_message": "Left a message"}
ICONS = {
    "form_submission": ("description", "violet"),
    "form_submit": ("description", "violet"),
    "identified": ("badge", "blue"),
    "imported": ("upload_file", "gray"),
    "stage_change": ("trending_up", "green"),
    "score_change": ("speed", "orange"),
    "owner_change": ("person", "blue"),
    "service_level": ("timer_off", "red"),
    "note": ("sticky_note_2", "gray"),
    "call": ("call", "blue"),
    "meeting": ("event_available", "green"),
    "email": ("mail", "blue"),
    "linkedin": ("person_add", "blue"),
    "task_done": ("task_alt", "green"),
    "session": ("web", "gray"),
    "page_view": ("visibility", "gray"),
    "touchpoint": ("ads_click", "blue"),
    "link_click": ("ads_click", "blue"),
    "file_download": ("download", "blue"),
}


def people_of(visit: session.Visit) -> dict[str, str]:
    """Names of those who work here by user id; empty for somebody who may not know them."""
    if not visit.may(Permission.MEMBERS_READ):
        return {}
    return {member["user_id"]: member["name"] or member["email"] for member in visit.api.members()}


def show_why(contact: Json, people: Mapping[str, str]) -> None:
    """What it stands on: its stage, then the decision ledger of the contact, newest first."""
    _stage(contact, people)
    if not contact["decisions"]:
        quiet_note(
            "Nothing was decided by itself yet. Scores, owners and stages that rules or models choose are explained here.",
            "rule",
        )
    for found in contact["decisions"]:
        icon, words = kind_words(found["kind"])
        with st.container(border=True, gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f":material/{icon}: **{words}**: {escaped(outcome_words(found['outcome'], people))}")
                st.space("stretch")
                st.caption(ago(found["decided_at"], now()), width="content")
            st.markdown(f"Because: {escaped(reason_words(found['reason']))}")
            for line in detail_lines(found["detail"], people):
                st.markdown(f":small[:gray[{escaped(line)}]]")
            version = f" · rules {found['rule_version']}" if found["rule_version"] else ""
            st.caption(escaped(f"Decided {BY.get(found['actor_kind'], 'automatically')}{version}"))


def _stage(contact: Json, people: Mapping[str, str]) -> None:
    """Why it is at this stage: the last row of its history, whoever wrote it."""
    entered = contact["entered_stage"]
    at = str(contact["lifecycle_stage"])
    stage = STAGE_LABELS.get(at, at)
    with st.container(border=True, gap="xsmall"):
        st.markdown(f":material/trending_up: **Stage: {escaped(stage)}**")
        if entered is None:
            st.markdown(":gray[It came with this stage; nobody has moved it since.]")
            return
        who = people.get(entered["actor_id"]) or BY.get(entered["actor_kind"], "automatically")
        former = (
            f" from {STAGE_LABELS.get(entered['from_stage'], entered['from_stage'])}" if entered["from_stage"] else ""
        )
        said = f"Entered{former} {ago(entered['entered_at'], now())}, {who}"
        st.markdown(f":gray[{escaped(said)}]  \n:gray[Because: {escaped(reason_words(entered['reason']))}]")


def show_tasks(visit: session.Visit, contact: Json) -> None:
    """Open tasks about the contact, and a form for the next one."""
    if not visit.may(Permission.TASKS_READ):
        quiet_note("You may not look at tasks here.", "visibility_off")
        return
    found = visit.api.tasks([f"contact_id:eq:{contact['contact_id']}", "status:eq:open"])["items"]
    may_write = visit.may(Permission.TASKS_WRITE)
    if not found:
        quiet_note("Nothing is planned. Write down the next step, and it appears in My day when it is due.", "event")
    for task in found:
        task_row(task, place="drawer", about=False, may_write=may_write)
    if may_write and task_form(f"drawer_{contact['contact_id']}", contact_id=contact["contact_id"]):
        st.rerun(scope="fragment")


def log_form(visit: session.Visit, place: str, **about: str | None) -> None:
    """Writes down a note, a call, a meeting or a message about a contact, a deal or both."""
    if not visit.may(Permission.TASKS_WRITE):
        return
    with emptied_form(place, border=True) as empty:
        kind = st.segmented_control("What happened", list(LOGGED), default="note", format_func=LOGGED.__getitem__)
        words = st.text_area("In words", height=80, max_chars=10_000)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            outcome = st.selectbox("Outcome", list(OUTCOMES), format_func=OUTCOMES.__getitem__, width=220)
            is_sent = st.form_submit_button("Write down", icon=":material/edit_note:")
        if not is_sent:
            return
        if not words.strip() or not kind:
            st.warning("Say what happened, in a few words.", icon=":material/edit:")
            return
        fields = {"kind": kind, "summary": words.strip(), "outcome": outcome or "", **about}
        if attempt(lambda: visit.api.log_activity(**fields), "Written down", reruns=True):
            empty()
            st.rerun(scope="fragment")


def show_timeline(visit: session.Visit, contact_id: str, people: Mapping[str, str]) -> None:
    """Everything that happened, newest first, with who did it: people, the contact, bots, AI and automatic acts apart."""
    story = visit.api.timeline(contact_id)
    if not story["items"]:
        quiet_note("Nothing has happened yet.", "history")
    for day, items in groupby(story["items"], key=lambda item: parse(item["at"]).astimezone(visit.zone).date()):  # type: ignore[union-attr]
        st.markdown(f":gray[**{day:%A, %-d %B %Y}**]")
        for item in items:
            _line(visit, item, people)
    notes = []
    for fresh in story["freshness"]:
        words = fresh["note"] or f"as of {ago(fresh['as_of_at'], now())}"
        notes.append(f"{fresh['source'].capitalize()}: {words}")
    st.caption(f"{plural(len(story['items']), 'line')} · " + " · ".join(escaped(note) for note in notes))


def _line(visit: session.Visit, item: Json, people: Mapping[str, str]) -> None:
    icon, color = ICONS.get(item["kind"], ("radio_button_checked", "gray"))
    at = parse(item["at"]).astimezone(visit.zone)  # type: ignore[union-attr]
    detail = f"  \n:gray[{escaped(item['detail'])}]" if item["detail"] else ""
    sign, tint, word = ACTORS.get(item["actor"], ACTORS["system"])
    who = people.get(item["actor_id"], word)
    by = "" if item["actor"] == "contact" else f" :{tint}-badge[{sign} {escaped(who)}]"
    st.markdown(f":{color}[:material/{icon}:] **{at:%H:%M}** {escaped(item['title'])}{by}{detail}")
