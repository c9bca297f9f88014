"""Plays on the Signals page: what signals set off, tried on the last 90 days, switched on and off, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app import session
from app.api_transport import Json
from app.components import attempt, card_title, empty_state, guarded, now, quiet_note
from app.formatting import ago, escaped, parse, plural
from app.play_words import (
    acts_words,
    count_words,
    gate_words,
    key_of,
    new_play,
    rest_words,
    when_words,
    why_words,
)
from app.routing_words import lines_of
from app.signal_words import KINDS, kind_words
from domain.permissions import Permission
from domain.plays import BY_THE_RULES, OWNER

TRIED = "plays_tried"
state = st.session_state


def show_plays() -> None:
    """The tab of plays."""
    visit = session.current()
    held = visit.api.plays()
    may_change = visit.may(Permission.SETTINGS_WRITE)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("A signal comes in, its conditions hold, and something is done; then the company rests.")
        st.space("stretch")
        if held["plays"] and st.button("Try on the last 90 days", icon=":material/science:", key="plays_try"):
            with guarded():
                state[TRIED] = visit.api.try_plays(held["plays"])
        if may_change and st.button("Add a play", icon=":material/add:", key="plays_new"):
            _edit(held, None)
    if not held["plays"]:
        empty_state(
            "bolt", "No plays yet", "A play gives an owner, makes a task, tells somebody, or enrols in a sequence."
        )
    for position, play in enumerate(held["plays"]):
        _row(held, position, play, may_change=may_change)
    if TRIED in state:
        _trial(state[TRIED])
    if held["version"]:
        _runs(held)


def _row(held: Json, position: int, play: Json, *, may_change: bool) -> None:
    people, sequences = _names(held["people"]), _names(held["sequences"])
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap="xsmall", width="stretch"):
            standing = ":green-badge[On]" if play["is_on"] else ":gray-badge[Off]"
            st.markdown(f"**{escaped(play['name'])}** {standing} :gray[{escaped(when_words(play))}]")
            said = acts_words(play["acts"], people, sequences)
            st.markdown(f":gray[:material/arrow_forward:] {escaped(said[:1].upper() + said[1:])}")
            counts = count_words(held["counts"].get(play["key"], {}))
            st.caption(f"{rest_words(play)} · {counts}")
        if not may_change:
            return
        if st.button("Switch off" if play["is_on"] else "Switch on", key=f"plays_switch_{position}"):
            _save(held, _with(held["plays"], position, {**play, "is_on": not play["is_on"]}))
        if st.button("", icon=":material/edit:", key=f"plays_edit_{position}", help="Edit"):
            _edit(held, position)
        with st.popover("", icon=":material/delete:", help="Delete"):
            st.markdown(f"Delete **{escaped(play['name'])}**? What came of it stays in the ledger.")
            if st.button("Delete this play", key=f"plays_delete_{position}"):
                _save(held, [each for number, each in enumerate(held["plays"]) if number != position])


@st.dialog("Play", width="medium")
def _edit(held: Json, position: int | None) -> None:
    play: Json = held["plays"][position] if position is not None else new_play()
    acts, task = play["acts"], play["acts"].get("task") or {}
    people, sequences = _names(held["people"]), _names(held["sequences"])
    with guarded(), st.form("plays_form", border=False):
        name = st.text_input("Name", play["name"], max_chars=80, placeholder="Funded companies")
        kinds = st.multiselect("When one of these comes in", list(KINDS), play["kinds"], format_func=kind_words)
        when = st.text_area(
            "Conditions, one a line; all must hold", "\n".join(play["when"]), placeholder="strength:gte:30", height=80,
            help=f"field:operator:value. Fields: {', '.join(held['fields'])}, attributes.<key>.",
        )  # fmt: skip
        left, right = st.columns(2)
        owners = {"": "Nobody", BY_THE_RULES: "The routing rules say", **people}
        owner = left.selectbox("Owner of who has none", **_one_of(owners, acts.get("owner", "")))
        into = {"": "None", **sequences}
        sequence_id = right.selectbox("Put into the sequence", **_one_of(into, acts.get("sequence_id", "")))
        title = left.text_input("A task", task.get("title", ""), max_chars=200, placeholder="Congratulate them")
        doers = {OWNER: "The owner", **people}
        assignee = right.selectbox("Who does it", **_one_of(doers, task.get("assignee", OWNER)))
        alert = st.multiselect(
            "Tell",
            list(doers),
            [each for each in acts.get("alert", []) if each in doers],
            format_func=doers.__getitem__,
        )
        first, second, third = st.columns(3)
        most = first.number_input("People of a company", 1, 10, acts.get("people", 1), help="If it names nobody.")
        rest = second.number_input("Days a company rests", 0, 365, play["cooldown_days"])
        cap = third.number_input("At most a day", 1, 1000, play["most_a_day"])
        age = first.number_input("Oldest signal, days", 1, 365, play["max_age_days"])
        customers = second.checkbox("Not for customers", play["spares_customers"])
        deals = third.checkbox("Not with an open deal", play["spares_open_deals"])
        if not st.form_submit_button("Save", type="primary"):
            return
        if not (name.strip() and kinds and (owner or sequence_id or title.strip() or alert)):
            st.warning("A play needs a name, a kind of signal, and something to do.")
            return
        made = {
            **play, "name": name.strip(), "kinds": kinds, "when": lines_of(when), "cooldown_days": int(rest),
            "max_age_days": int(age), "most_a_day": int(cap), "spares_customers": customers, "spares_open_deals": deals,
            "key": play["key"] or key_of(name, [each["key"] for each in held["plays"]]),
            "acts": {
                "owner": owner, "sequence_id": sequence_id, "alert": alert, "people": int(most),
                "task": {**task, "title": title.strip(), "assignee": assignee} if title.strip() else None,
            },
        }  # fmt: skip
        _save(held, _with(held["plays"], position, made))


def _save(held: Json, plays: Sequence[Json]) -> None:
    visit = session.current()
    if attempt(
        lambda: visit.api.put_plays(plays, held["etag"]), "Saved: it holds for signals from now on", reruns=True
    ):  # fmt: skip
        state.pop(TRIED, None)
        st.rerun()


def _trial(tried: Json) -> None:
    with st.container(border=True):
        card_title(
            "What these plays would have done",
            "Each signal of the last 90 days when it came in, with what is known today. On or off, and nothing was written.",
        )
        if not tried["signal_count"]:
            quiet_note("No signal of these kinds came in during the last 90 days.")
            return
        st.dataframe(
            pd.DataFrame(
                {
                    "Play": [each["name"] for each in tried["plays"]],
                    "Signals": [each["asked"] for each in tried["plays"]],
                    "Would fire": [each["fired"] for each in tried["plays"]],
                    "Left alone because": [_reasons(each["reasons"]) for each in tried["plays"]],
                    "People": [each["people"] for each in tried["plays"]],
                    "Into its sequence": [gate_words(each["enrolled"], each["refused"]) for each in tried["plays"]],
                }
            ),
            hide_index=True, row_height=36, alt="What each play would have done",
        )  # fmt: skip
        newest = plural(len(tried["examples"]), "answer")
        with st.expander(f"The newest {newest}, and why"):
            st.dataframe(_answers(tried["examples"], "came_at"), hide_index=True, row_height=36)
        if tried["is_cut"]:
            st.caption(f"The newest {tried['signal_count']:,} signals; there were more.")


def _runs(held: Json) -> None:
    runs = session.current().api.play_runs()
    names = {play["key"]: play["name"] for play in held["plays"]}
    card_title("What came of them", "Every answer of a play, newest first.")
    if not runs:
        quiet_note("No signal came in since there are plays.")
        return
    told = [
        {
            **run,
            "name": names.get(run["play_key"], run["play_key"]),
            "about": run["contact_name"] or run["company_name"] or "",
        }
        for run in runs
    ]
    st.dataframe(_answers(told, "decided_at"), hide_index=True, row_height=36, alt="What plays made of signals")


def _answers(items: Sequence[Mapping[str, Any]], at: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "When": [ago(parse(each[at]), now()) for each in items],
            "Play": [each["name"] for each in items],
            "Signal": [kind_words(each["kind"]) for each in items],
            "What happened": [each["title"] for each in items],
            "About": [each["about"] for each in items],
            "Answer": [why_words(each["reason"]) for each in items],
        }
    )


def _reasons(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{why_words(reason)} ({count})" for reason, count in reasons.items())


def _names(items: Sequence[Json]) -> dict[str, str]:
    return {each["id"]: each["name"] for each in items}


def _one_of(names: Mapping[str, str], chosen: str) -> dict[str, Any]:
    """What a selectbox takes; what is gone stands as the first."""
    options = list(names)
    return {
        "options": options,
        "index": options.index(chosen) if chosen in names else 0,
        "format_func": names.__getitem__,
    }


def _with(plays: Sequence[Json], position: int | None, play: Json) -> list[Json]:
    if position is None:
        return [*plays, play]
    return [play if number == position else each for number, each in enumerate(plays)]
