"""What if: other facts of a lead, and what its score, chance and grade would be, in words."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.api_transport import Json
from app.components import guarded, quiet_note
from app.formatting import BAND_COLORS, BAND_LABELS, escaped
from app.session import Visit
from domain.what_if import FACTS, Fact

MOST_REASONS = 8


def show_what_if(visit: Visit, contact_id: str) -> None:
    """Behind a switch, for the worker is asked what is known now as soon as it is on."""
    is_on = st.toggle(
        "What if …", key=f"what_if_{contact_id}", help="Change what is known and see the score; nothing is saved."
    )
    if not is_on:
        st.session_state.pop(_known_key(contact_id), None)
        return
    with guarded(), st.container(border=True, gap="small"):
        known = _now(visit, contact_id)
        if known is None:
            return
        changes = _form(contact_id, known["facts"])
        if changes is None:
            quiet_note("Change something and press “What would it be?”.", "tune")
            return
        found = visit.api.what_if(contact_id, changes)
        if found["status"] == "waiting":
            quiet_note("The worker is busy. Ask again in a moment.", "hourglass_empty")
        elif found["problem"]:
            quiet_note(found["problem"])
        else:
            _answer(found["answer"])


def _now(visit: Visit, contact_id: str) -> Json | None:
    """What is known now, asked once while the switch is on; None where the worker has not answered."""
    kept = _known_key(contact_id)
    if kept not in st.session_state:
        found = visit.api.what_if(contact_id, {})
        if not found["answer"]:
            quiet_note(found["problem"] or "The worker is busy. Switch it on again in a moment.", "hourglass_empty")
            return None
        st.session_state[kept] = found["answer"]
    answer: Json = st.session_state[kept]
    return answer


def _known_key(contact_id: str) -> str:
    return f"what_if_known_{contact_id}"


def _form(contact_id: str, facts: Json) -> Json | None:
    """The changes when the button is pressed; None before that, and where nothing is changed."""
    with st.form(f"what_if_form_{contact_id}", border=False):
        said = {}
        columns = st.columns(2)
        for place, (name, fact) in enumerate(FACTS.items()):
            with columns[place % 2]:
                said[name] = _field(contact_id, name, fact, facts.get(name))
        pressed = st.form_submit_button("What would it be?", type="primary", icon=":material/science:")
    changes = {name: value for name, value in said.items() if value != _shown(FACTS[name], facts.get(name))}
    return changes if pressed and changes else None


def _field(contact_id: str, name: str, fact: Fact, value: Any) -> Any:
    key = f"what_if_{contact_id}_{name}"
    if fact.kind in {"text", "country"}:
        return st.text_input(fact.label, _shown(fact, value), key=key, max_chars=2 if fact.kind == "country" else 200)
    found = st.number_input(
        fact.label, 0, fact.most, _shown(fact, value), step=1, key=key, placeholder="unknown"
    )  # fmt: skip
    return None if found is None else int(found)


def _shown(fact: Fact, value: Any) -> Any:
    """A fact as its field holds it: whole numbers, and text that is empty where nothing is known."""
    if fact.kind in {"text", "country"}:
        return value or ""
    return None if value is None else int(value)


def _answer(answer: Json) -> None:
    before, after = answer["before"], answer["after"]
    with st.container(horizontal=True, gap="large", vertical_alignment="center"):
        st.metric("Score", f"{after['score']:.0f}", f"{after['score'] - before['score']:+.0f}", width="content")
        if after["probability"] is not None:
            moved = after["probability"] - before["probability"]
            st.metric("Chance to convert", f"{after['probability']:.1%}", f"{100 * moved:+.1f} points", width="content")
        st.metric("Grade", step_words(before["grade"], after["grade"]), width="content")
        st.badge(
            step_words(BAND_LABELS[before["band"]], BAND_LABELS[after["band"]]), color=BAND_COLORS[after["band"]]  # type: ignore[arg-type]
        )  # fmt: skip
    if words := promise_words(after):
        st.caption(words)
    for line in why_lines(before, after):
        st.markdown(line)
    if answer["unheard"]:
        labels = ", ".join(FACTS[name].label.lower() for name in answer["unheard"])
        quiet_note(f"Neither the model nor a rule looks at: {labels}.")


def step_words(before: str, after: str) -> str:
    return after if before == after else f"{before} → {after}"


def promise_words(scored: Json) -> str:
    """How sure the chance is, by what came of leads that were promised as much, or who stands behind a prior; nothing where rules alone decide."""
    promise = scored["promise"]
    if promise is None:
        return next((f"{reason['text']}." for reason in scored["reasons"] if reason["source"] == "prior"), "")
    return (
        f"Of {promise['lead_count']:,} leads that were promised about {promise['promised']:.0%}, {promise['came']:.0%} converted "
        f"(95 % interval {promise['low']:.0%} to {promise['high']:.0%})."
    )


def why_lines(before: Json, after: Json) -> list[str]:
    """The reasons there would be: new ones in green or red, those that stay in grey, those that fall away struck through."""
    was, would_be = (
        [reason for reason in scored["reasons"] if reason["source"] != "prior"] for scored in (before, after)
    )
    held = {reason["text"]: reason for reason in was}
    lines = []
    for reason in would_be[:MOST_REASONS]:
        is_same = reason["text"] in held and abs(held[reason["text"]]["effect"] - reason["effect"]) < 1
        color = "gray" if is_same else "green" if reason["effect"] > 0 else "red"
        new = "" if reason["text"] in held else " **new**"
        lines.append(f":{color}-badge[{reason['effect']:+.0f}] {escaped(reason['text'])}{new}")
    kept = {reason["text"] for reason in would_be}
    gone = [reason for reason in was if reason["text"] not in kept]
    lines += [
        f":gray-badge[{reason['effect']:+.0f}] :gray[~~{escaped(reason['text'])}~~]" for reason in gone[:MOST_REASONS]
    ]
    return lines
