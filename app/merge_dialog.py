"""Two records side by side, field by field: what would be kept and why, another choice where a person knows better, and
the way back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from app import session
from app.api_transport import Json
from app.components import attempt, guarded, now
from app.formatting import STAGE_LABELS, ago, escaped, plural, value_text

PAIR = "merge_pair"
REASONS = {
    "only_one": "only one record knows it",
    "most_recent": "the record that changed last",
    "most_complete": "the fuller of the two",
    "source_priority": "from the source that is trusted more",
    "verified_first": "this person answered from there",
    "furthest": "the furthest of the two stages",
    "no_difference": "the rules tell them not apart",
}
SUGGESTIONS = {
    "verified": "its person answered from its address",
    "more_complete": "it knows more",
    "older": "it was here first",
}
LABELS = {"company_id": "Company", "owner_user_id": "Owner", "email": "E-mail", "external_id": "External id"}


def open_merge(one_id: str, other_id: str) -> None:
    """Shows the two from the next run on, until they are decided about or the dialog is closed."""
    st.session_state[PAIR] = (one_id, other_id)


def show_merge(visit: session.Visit) -> bool:
    """At the end of a page: the dialog, if two records are to be compared. A page shows one dialog at a time."""
    pair = st.session_state.get(PAIR)
    if not pair:
        return False
    dialog = st.dialog("One person?", width="large", on_dismiss=_close)
    dialog(_compare)(visit, *pair)
    return True


def merge_history(visit: session.Visit, contact_id: str) -> None:
    """In the drawer of a contact: records that were merged into it, each with its way back."""
    with guarded():
        for made in visit.api.merges(contact_id):
            if made["status"] != "merged" or made["survivor_id"] != contact_id:
                continue
            moved = sum(made["moved"].values())
            with st.container(border=True, horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f":material/merge: Another record was merged into this one :gray[{ago(made['merged_at'], now())}"
                    f" · {plural(moved, 'row')} came with it]"
                )
                st.space("stretch")
                if st.button(
                    "Undo merge", key=f"undo_{made['contact_merge_id']}", disabled=not visit.may_write,
                    help="Each gets back what was theirs. What came after the merge stays with this contact.",
                ) and attempt(
                    partial(visit.api.undo_merge, made["contact_merge_id"]),
                    "Two contacts again. What came since the merge stayed here; no suppression was lifted.",
                    reruns=True,
                ):  # fmt: skip
                    st.rerun()


def _compare(visit: session.Visit, one_id: str, other_id: str) -> None:
    with guarded():
        records = {contact_id: visit.api.contact(contact_id) for contact_id in (one_id, other_id)}
        suggested = visit.api.merge_preview(one_id, other_id)
        order = sorted(records, key=lambda found: found != suggested["suggested_survivor_id"])
        survivor_id = st.segmented_control(
            "The record that stays", order, default=order[0], required=True, key=f"merge_stays_{one_id}_{other_id}",
            format_func=lambda found: _named(records[found]),
            help=f"Suggested, for {SUGGESTIONS[suggested['suggested_because']]}: {_named(records[order[0]])}.",
        )  # fmt: skip
        merged_id = next(found for found in order if found != survivor_id)
        shown = visit.api.merge_preview(str(survivor_id), merged_id)
        choices = _fields(shown, records)
        st.caption(
            "Timeline, deals, tasks, forms and consents of both follow. The stricter of two consents holds, and whoever "
            "is left alone at one address is left alone at both."
        )
        with st.container(horizontal=True):
            if st.button("Merge", type="primary", icon=":material/merge:", key="merge_do", shortcut="M"):
                done = attempt(
                    lambda: visit.api.merge(str(survivor_id), merged_id, choices, shown["etag"]),
                    "Merged. Undo it in the contact at any time.", reruns=True,
                )  # fmt: skip
                _end(done)
            if st.button("Not the same", key="merge_apart", shortcut="N"):
                done = attempt(
                    lambda: visit.api.decide_identity(str(survivor_id), merged_id, "different"),
                    "Kept apart. Nothing joins the two from the next build on.", reruns=True,
                )  # fmt: skip
                _end(done)


def _fields(shown: Json, records: Mapping[str, Json]) -> dict[str, str]:
    """The differing fields with a choice each; answers those that are other than the rules say."""
    by_hand = {}
    differing = [choice for choice in shown["choices"] if choice["is_differing"]]
    for choice in differing:
        name = choice["field"]
        sides = {"survivor": shown["survivor_id"], "merged": shown["merged_id"]}
        words = {side: _value(name, choice[f"{side}_value"], records[sides[side]]) for side in sides}
        label, picker, reason = st.columns([1, 2.6, 1.5], vertical_alignment="center", gap="small")
        label.markdown(f"**{escaped(_label(name))}**")
        kept = picker.segmented_control(
            _label(name), list(sides), default=choice["kept"], required=True, label_visibility="collapsed",
            key=f"merge_{name}_{shown['survivor_id']}", format_func=words.__getitem__,
            disabled=choice["reason"] == "only_one" and name in {"email", "external_id"},
        )  # fmt: skip
        is_by_hand = kept != choice["kept"]
        reason.caption("chosen by you" if is_by_hand else REASONS.get(choice["reason"], choice["reason"]))
        if is_by_hand:
            by_hand[name] = str(kept)
    same = sum(not choice["is_differing"] and choice["survivor_value"] is not None for choice in shown["choices"])
    st.caption(
        f"{plural(same, 'field')} say the same in both." if differing else "The two say the same in every field."
    )
    return by_hand


def _end(done: bool) -> None:
    if done:
        _close()
        st.session_state["leads_table_round"] = st.session_state.get("leads_table_round", 0) + 1
        st.rerun()


def _close() -> None:
    st.session_state.pop(PAIR, None)


def _label(name: str) -> str:
    plain = name.removeprefix("attributes.").removesuffix("_id").replace("_", " ").capitalize()
    return LABELS.get(name, plain)


def _value(name: str, value: Any, record: Json) -> str:
    if value is None:
        return "–"
    if name == "company_id":
        return str((record.get("company") or {}).get("name") or "A company")
    if name == "lifecycle_stage":
        return STAGE_LABELS.get(value, str(value))
    if name == "owner_user_id":
        return "This record's owner"
    return value_text(value)


def _named(record: Json) -> str:
    known_by = record["email"] or record["phone"] or record["external_id"] or ""
    return " · ".join(part for part in (record["display_name"], known_by) if part)
