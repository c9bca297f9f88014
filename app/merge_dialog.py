"""Two records side by side, field by field: what would be kept and why, another choice where a person knows better, and
the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from app import session
from app.api_transport import Json
from app.components import attempt, guarded, now
from app.formatting import ago, escaped, plural, value_text
from app.stage_labels import STAGE_LABELS

PAIR = "merge_pair"
REASONS = {
    "only_one": "only one record knows it",
    "most_recent": "the record that changed last",
    "most_complete": "the fuller of the two",
    "source_priority": "from the source that is trusted more",
    "verified_first": "this person answered from there",
    "hand_set_first": "somebody set it by hand",
    "furthest": "the furthest of the two stages",
    "no_difference": "the rules tell them not apart",
}
SUGGESTIONS = {
    "verified": "its person answered from its address",
    "more_complete": "it knows more",
    "older": "it was here first",
}
KNOWN_BY = ("email", "phone", "external_id", "domain")
FOLLOWS = {
    "contact": "Timeline, deals, tasks, forms and consents of both follow. The stricter of two consents holds, and whoever "
    "is left alone at one address is left alone at both.",
    "company": "People, deals, tasks and activities of both follow, and the other domain leads here from now on. A company "
    "that is left alone under one domain is left alone under both.",
}
LABELS = {
    "company_id": "Company",
    "owner_user_id": "Owner",
    "email": "E-mail",
    "external_id": "External id",
    "domain": "Website",
}


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


def merge_history(visit: session.Visit, record_id: str, entity: str = "contact") -> None:
    """In the drawer of a contact or company: records that were merged into it, each with its way back."""
    with guarded():
        for made in visit.api.merges(record_id, entity):
            if made["status"] != "merged" or made["survivor_id"] != record_id:
                continue
            merge_id = str(made[f"{entity}_merge_id"])
            moved = sum(made["moved"].values())
            with st.container(border=True, horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f":material/merge: Another record was merged into this one :gray[{ago(made['merged_at'], now())}"
                    f" · {plural(moved, 'row')} came with it]"
                )
                st.space("stretch")
                if st.button(
                    "Undo merge", key=f"undo_{merge_id}", disabled=not visit.may_write,
                    help="Each gets back what was theirs. What came after the merge stays with this record.",
                ) and attempt(
                    partial(visit.api.undo_merge, merge_id, entity),
                    "Two records again. What came since the merge stayed here; no suppression was lifted.",
                    reruns=True,
                ):  # fmt: skip
                    st.rerun()


def _compare(visit: session.Visit, one_id: str, other_id: str) -> None:
    with guarded():
        chosen = compare(visit, "contact", one_id, other_id)
        with st.container(horizontal=True):
            if st.button("Merge", type="primary", icon=":material/merge:", key="merge_do", shortcut="M"):
                done = attempt(
                    lambda: visit.api.merge(chosen.survivor_id, chosen.merged_id, chosen.choices, chosen.etag),
                    "Merged. Undo it in the contact at any time.", reruns=True,
                )  # fmt: skip
                _end(done)
            if st.button("Not the same", key="merge_apart", shortcut="N"):
                done = attempt(
                    lambda: visit.api.decide_identity(chosen.survivor_id, chosen.merged_id, "different"),
                    "Kept apart. Nothing joins the two from the next build on.", reruns=True,
                )  # fmt: skip
                _end(done)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody has chosen of two records, as far as they differ from the rules."""

    survivor_id: str
    merged_id: str
    choices: dict[str, str]
    etag: str


def compare(visit: session.Visit, entity: str, one_id: str, other_id: str) -> Chosen:
    """The two side by side: which one stays, and whose value each field keeps. Raises ApiProblem."""
    read = visit.api.contact if entity == "contact" else visit.api.company
    records = {record_id: read(record_id) for record_id in (one_id, other_id)}
    suggested = visit.api.merge_preview(one_id, other_id, entity)
    order = sorted(records, key=lambda found: found != suggested["suggested_survivor_id"])
    survivor_id = st.segmented_control(
        "The record that stays", order, default=order[0], required=True, key=f"merge_stays_{one_id}_{other_id}",
        format_func=lambda found: _named(records[found]),
        help=f"Suggested, for {SUGGESTIONS[suggested['suggested_because']]}: {_named(records[order[0]])}.",
    )  # fmt: skip
    merged_id = next(found for found in order if found != survivor_id)
    shown = visit.api.merge_preview(str(survivor_id), merged_id, entity)
    choices = _fields(shown, records)
    st.caption(FOLLOWS[entity])
    return Chosen(str(survivor_id), merged_id, choices, shown["etag"])


def _fields(shown: Json, records: Mapping[str, Json]) -> dict[str, str]:
    """The differing fields with a choice each; answers those that are other than the rules say."""
    by_hand = {}
    differing = [choice for choice in shown["choices"] if choice["is_differing"]]
    for choice in differing:
        name = choice["field"]
        sides = {"survivor": shown["survivor_id"], "merged": shown["merged_id"]}
        words = {side: _value(name, choice[f"{side}_value"], records[sides[side]]) for side in sides}
        label, picker, reason = st.columns([1, 2.6, 1.5], vertical_alignment="center", gap="small")
        label.markdown(f"**{escaped(field_label(name))}**")
        kept = picker.segmented_control(
            field_label(name), list(sides), default=choice["kept"], required=True, label_visibility="collapsed",
            key=f"merge_{name}_{shown['survivor_id']}", format_func=words.__getitem__,
            disabled=choice["reason"] == "only_one" and name in {"email", "external_id", "domain"},
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


def field_label(name: str) -> str:
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
    names = (record.get("display_name") or record.get("name"), next(filter(None, map(record.get, KNOWN_BY)), ""))
    return " · ".join(str(part) for part in names if part)
