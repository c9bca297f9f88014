"""Campaigns: sequences of messages, who is in them, what would leave, and why something does not."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from app import session
from app.api_client import ContactQuery
from app.api_transport import ApiProblem, Json
from app.campaign_words import STATE_COLORS, STATES, SWITCHED, figures, finish_lines, reason_text
from app.components import doing, empty_state, guarded, page_title, say_next
from app.contact_story import people_of
from app.doubts import show_doubts
from app.enrolling import open_enrolling, show_enrolling
from app.formatting import count, escaped, parse, plural
from app.lead_views import VIEWS
from app.letter_preview import show_letters
from app.sequence_editor import sequence_editor
from app.split_readouts import show_splits
from app.switching import show_stops, stop_text, switch_button, switched_text
from domain.contacts import LifecycleStage
from domain.filters import ALLOWED
from domain.outreach.steps import FIELDS
from domain.permissions import Permission
from domain.tasks import TaskKind

EXAMPLE = """\
name: First contact
steps:
  - id: hello
    type: email
    subject: "Hello {{ contact.first_name | default: 'there' }}"
    text: |
      {Hello|Good day} {{ contact.first_name | default: "there" }},

      may I ask you something about {{ company.name | default: "your work" }}?

      {{ sender.name }}
  - {id: pause, type: wait, days: 3}
  - {id: again, type: email, text: "Did you see this?"}
"""
CHOICES = {
    "stages": [stage.value for stage in LifecycleStage],
    "kinds": [kind.value for kind in TaskKind],
    "fields": {name: kind.value for name, kind in FIELDS.items()},
    "ops": {kind.value: sorted(op.value for op in ops) for kind, ops in ALLOWED.items()},
}
"""What the editor of sequences offers."""
visit = session.current()
state = st.session_state
may_write = visit.may(Permission.SEQUENCES_WRITE)


def _mailboxes() -> None:
    """Where nothing leaves for want of a mailbox."""
    mailboxes = visit.api.mailboxes()
    if not mailboxes:
        with st.container(horizontal=True, vertical_alignment="center"):
            _no_mailbox()
    elif all(each["transport"] == "file" for each in mailboxes):
        st.info(
            "Nothing leaves this machine: no mail account is connected, and messages become files in the folder `mail` of "
            "the data folder.", icon=":material/drafts:",
        )  # fmt: skip


def _switch_all(sending: Json) -> None:
    """The switch of the organization."""
    if sending["is_stopped"]:
        throw = partial(visit.api.switch_sending, is_stopped=False)
        switch_button("Let it go on", "play_arrow", "sending_on", throw, "It goes on.")
    else:
        throw = partial(visit.api.switch_sending, is_stopped=True)
        switch_button("Stop all sending", "block", "sending_off", throw, "Stopped.")


def _no_mailbox() -> None:
    st.info(
        "Nothing leaves: there is no mailbox yet. Try it with one that keeps messages as files.",
        icon=":material/drafts:",
    )
    if visit.may(Permission.MAILBOXES_WRITE):
        address = f"try@{visit.organization['name'].casefold().replace(' ', '-')}.example"
        st.button(
            "Use files for now",
            on_click=doing(
                lambda: visit.api.connect_mailbox(address=address, display_name=visit.me["name"], transport="file"),
                "Messages are kept as files.",
            ),
        )


def _list(rows: list[Json]) -> Json | None:
    table = pd.DataFrame(
        {
            "Sequence": [row["name"] for row in rows],
            "State": [STATES[row["status"]] for row in rows],
            "On the way": [row["people"].get("active", 0) for row in rows],
            "Through": [row["people"].get("finished", 0) for row in rows],
            "Stopped": [row["people"].get("stopped", 0) for row in rows],
            "Sent": [row["messages"].get("sent", 0) for row in rows],
            "In doubt": [row["messages"].get("unknown", 0) for row in rows],
        }
    )
    picked = st.dataframe(
        table, hide_index=True, row_height=34, on_select="rerun", selection_mode="single-row", key="sequences_table",
        alt="Sequences; choose one to see it",
    )  # fmt: skip
    chosen = picked["selection"]["rows"]
    return rows[chosen[0]] if chosen and chosen[0] < len(rows) else rows[0]


def _one(row: Json) -> None:
    found, sequence_id = visit.api.sequence(row["sequence_id"]), row["sequence_id"]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"#### {escaped(found['name'])}", width="content")
            st.badge(STATES[found["status"]], color=STATE_COLORS[found["status"]])  # type: ignore[arg-type]
            st.caption(f"version {found['version']} · {plural(found['step_count'], 'step')}", width="content")
            st.space("stretch")
            if may_write and found["status"] != "ended":
                _switch(found)
        if done := switched_text(found["switched"], SWITCHED):
            st.caption(escaped(done))
        if said := figures(found["events"], found["hits"]):
            st.caption(said)
        why, steps, letters, people, dry, arms = st.tabs(
            ["Why isn't it sending?", "Steps", "Letters", "People", "Dry run", "A/B"]
        )
        with why, guarded():
            _why(sequence_id)
        with steps, guarded():
            _editor(found)
        with letters, guarded():
            show_letters(visit, found["source"], found["sequence_id"])
        with people, guarded():
            _people(sequence_id)
        with dry, guarded():
            _dry_run(sequence_id)
        with arms, guarded():
            show_splits(visit.api, sequence_id)


def _switch(found: Json) -> None:
    target = "paused" if found["status"] == "active" else "active"
    switch_button(
        "Pause" if target == "paused" else "Start", "pause" if target == "paused" else "play_arrow",
        f"sequence_{target}", lambda why: visit.api.switch_sequence(found["sequence_id"], target, why),
        "It sends." if target == "active" else "Paused.",
        note=(lambda: _finish(found["sequence_id"])) if target == "active" else None,
    )  # fmt: skip


def _finish(sequence_id: str) -> None:
    """When it would be through, before anything leaves."""
    with guarded():
        first, *rest = finish_lines(visit.api.finish(sequence_id))
        st.markdown(f":material/event_available: {first}")
        for line in rest:
            st.caption(line)


def _why(sequence_id: str) -> None:
    found = visit.api.diagnosis(sequence_id)
    if found["gate"]:
        st.markdown(f":orange[:material/lock:] **{reason_text(found['gate']['reason'], found['gate']['detail'])}**")
        if found["stop"] and (said := stop_text(found["stop"])):
            st.markdown(escaped(said))
        if until := parse(found["gate"]["until"]):
            st.caption(f"It is looked at again by {until:%-d %B %H:%M} UTC.")
    elif found["next_due_at"]:
        st.markdown(
            f":green[:material/check:] Nothing holds it up. Next is due {parse(found['next_due_at']):%-d %B %H:%M} UTC."
        )
    else:
        st.markdown("Nobody is on the way through it.")
    if found["unknown_count"]:
        show_doubts(visit, sequence_id, may_write=may_write)
    held = [each for each in found["people"] if each["reason"]]
    if held:
        st.dataframe(
            pd.DataFrame({"People": [each["count"] for each in held], "Because": [reason_text(each["reason"]) for each in held]}),
            hide_index=True,
        )  # fmt: skip


def _people(sequence_id: str) -> None:
    page = visit.api.enrolments(sequence_id)
    if may_write:
        _adding(sequence_id)
    _batches(sequence_id)
    st.caption(plural(page["total"], "person", "people"))
    if page["items"]:
        st.dataframe(
            pd.DataFrame(
                {
                    "Name": [each["display_name"] for each in page["items"]],
                    "State": [each["status"].capitalize() for each in page["items"]],
                    "Step": [each["step_id"] for each in page["items"]],
                    "Sent": [each["sent_count"] for each in page["items"]],
                    "Because": [reason_text(each["reason"], each["detail"]) if each["reason"] else "" for each in page["items"]],
                    "Next": [parse(each["next_at"]) for each in page["items"]],
                }
            ), hide_index=True,
        )  # fmt: skip


def _adding(sequence_id: str) -> None:
    """People by name, or all of a view of Leads; the dialog says who can be put in before anybody is."""
    contacts = visit.api.contacts(ContactQuery(), limit=200)["items"]
    names = {each["contact_id"]: f"{each['display_name']} · {each['email'] or 'no address'}" for each in contacts}
    selections = {name: {"filters": question} for name, question in VIEWS.built_in}
    selections |= {each["name"]: {"saved_view_id": each["saved_view_id"]} for each in visit.api.saved_views("contact")}
    with st.popover("Add people", icon=":material/person_add:", width="content"):
        view = st.selectbox(
            "All of a view of Leads", list(selections), index=None, key="enrol_view", placeholder="Choose a view"
        )
        _opening("See who can be put in", sequence_id, selections.get(str(view)), "enrol_view_open")
        chosen = st.multiselect(
            "Or people one by one", list(names), format_func=lambda key: names[key], key="enrol_chosen",
            max_selections=200, placeholder="The newest 200 leads",
        )  # fmt: skip
        _opening("See if they can be put in", sequence_id, {"contact_ids": chosen} if chosen else None, "enrol_open")
        st.caption("Filter and tick people on the Leads page (Edit many) for any other choice.")


def _opening(label: str, sequence_id: str, selection: Json | None, key: str) -> None:
    st.button(label, key=key, disabled=selection is None, on_click=open_enrolling, args=(selection, sequence_id))


def _batches(sequence_id: str) -> None:
    """Those that run, also after somebody closed the dialog that began them."""
    for found in visit.api.enrolment_batches(sequence_id):
        if found["status"] == "running":
            st.caption(
                f":material/hourglass_top: People are being put in: {count(found['done_count'])} of "
                f"{count(found['contact_count'])}."
            )


def _dry_run(sequence_id: str) -> None:
    st.caption("Who would get what, when and from which mailbox, as if it were started now. Nothing is sent.")
    if not st.button("Rehearse", icon=":material/visibility:", key="rehearse"):
        return
    found = visit.api.dry_run(sequence_id)
    if not found["items"]:
        st.info("Nobody is on the way through it: put people in first.")
        return
    lines = found["items"]
    st.dataframe(
        pd.DataFrame(
            {
                "Name": [each["display_name"] for each in lines],
                "When": [parse(each["at"]) if each["outcome"] == "send" else None for each in lines],
                "From": [each["mailbox"] for each in lines],
                "Subject": [each["subject"] for each in lines],
                "Not because": ["" if each["outcome"] == "send" else reason_text(each["reason"], each["detail"]) for each in lines],
                "Text": [each["text"] for each in lines],
            }
        ), hide_index=True,
    )  # fmt: skip
    if last := parse(found["last_at"]):
        st.caption(f"The last of these would leave on {last:%-d %B at %H:%M} UTC.")


def _editor(found: Json) -> None:
    saved = sequence_editor(
        {
            "sequence_id": found["sequence_id"],
            "source": found["source"],
            "document": found["document"],
            "version": found["version"],
            "etag": found["etag"],
            "csrf": visit.me["csrf_token"] or "",
            "organization_id": visit.organization_id,
            "may_write": may_write and found["status"] != "ended",
            "people": found["standing"],
            "names": people_of(visit),
            "choices": CHOICES,
        },
        key=f"sequence_editor_{found['sequence_id']}",
    ).saved
    if saved:
        say_next(f"Saved as version {saved['version']}. Those who are on the way keep theirs.")
        st.rerun()


def _new() -> None:
    with st.popover("New sequence", icon=":material/add:", width="content"):
        source = st.text_area("YAML", EXAMPLE, height=320, key="new_source", width=620)
        if st.button("Create", type="primary", key="sequence_create"):
            try:
                visit.api.create_sequence(source)
                st.rerun()
            except ApiProblem as problem:
                st.error(problem.detail)


with st.container(horizontal=True, vertical_alignment="center"):
    page_title("Campaigns")
    st.space("stretch")
    tools = st.container(horizontal=True, vertical_alignment="center", width="content")
st.caption("Messages in sequence, each sent at most once and only to people who may be written to.")
with guarded():
    rows, sending = visit.api.sequences(), visit.api.sending()
    show_stops(sending)
    if may_write:
        with tools:
            _new()
            _switch_all(sending)
    _mailboxes()
    if rows:
        chosen = _list(rows)
        if chosen:
            _one(chosen)
    else:
        empty_state(
            "outgoing_mail", "No sequence yet", "Write one as YAML, rehearse it over real people, then start it."
        )
show_enrolling(visit)
