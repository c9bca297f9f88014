"""Settings → Merging: whose value a merged record keeps, field by field, and what that does to a pair that waits."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.api_transport import ApiProblem, Json
from app.components import attempt, card_title, guarded, quiet_note
from app.formatting import escaped, value_text
from app.merge_dialog import REASONS, field_label
from app.session import Visit
from domain.permissions import Permission
from domain.survivorship import COMPANY, COMPANY_FIELDS, FIELDS, SOURCES

RULES = {
    "most_complete": "The fuller of the two",
    "most_recent": "The record that changed last",
    "source_priority": "From the source that is trusted more",
    "verified_first": "Whose person answered from its address",
    "hand_set_first": "Never overwrite what was set by hand",
}
DEFAULT = "default"
SOURCE_WORDS = {
    "form": "Forms",
    "identify": "Websites",
    "manual": "By hand",
    "api": "Programs",
    "import": "Imports",
    "history": "History",
}


def show_survivorship(visit: Visit) -> None:
    with guarded():
        held = visit.api.survivorship()
        left, right = st.columns([1.2, 1], gap="large")
        with left:
            _form(visit, held)
        with right:
            _preview(visit)


def _form(visit: Visit, held: Json) -> None:
    may_change = visit.may(Permission.SETTINGS_WRITE)
    card_title(
        "What survives a merge",
        help="A filled field always beats an empty one, the furthest stage wins, and no address or id is ever lost.",
    )
    with st.container(border=True):
        default = st.selectbox(
            "Every field, unless it has a rule of its own", list(RULES), index=list(RULES).index(held["default"]),
            format_func=RULES.__getitem__, key="settings_merging_default", disabled=not may_change,
        )  # fmt: skip
        people, companies = st.tabs(["People", "Companies"])
        fields: dict[str, str] = {}
        with people:
            fields |= _fields({name: name for name in FIELDS}, held["fields"], may_change)
        with companies:
            fields |= _fields({COMPANY + name: name for name in COMPANY_FIELDS}, held["fields"], may_change)
        others = {name: rule for name, rule in held["fields"].items() if "attributes." in name}
        sources = st.multiselect(
            "Sources, the most trusted first", list(dict.fromkeys([*held["sources"], *SOURCES])),
            default=held["sources"] or list(SOURCES), format_func=lambda name: SOURCE_WORDS.get(name, name),
            key="settings_merging_sources", disabled=not may_change, help="For the rule “from the source that is trusted more”.",
        )  # fmt: skip
        if st.button("Save", type="primary", key="settings_merging_save", disabled=not may_change):
            rules = {"default": default, "fields": {**others, **fields}, "sources": sources}
            if attempt(
                lambda: visit.api.put_survivorship(rules), "Saved. Merges that were made stay as they are.", reruns=True
            ):
                st.rerun()


def _fields(names: Mapping[str, str], held: Mapping[str, str], may_change: bool) -> dict[str, str]:
    """A rule for each field, where it is another than the default."""
    chosen = {}
    options = [DEFAULT, *RULES]
    for key, name in names.items():
        label, picker = st.columns([1, 2.2], vertical_alignment="center")
        label.markdown(escaped(field_label(name)))
        rule = picker.selectbox(
            field_label(name), options, index=options.index(held.get(key, DEFAULT)), label_visibility="collapsed",
            format_func=lambda rule: RULES.get(rule, "As every field"), key=f"settings_merging_{key}",
            disabled=not may_change,
        )  # fmt: skip
        if rule != DEFAULT:
            chosen[key] = str(rule)
    return chosen


def _preview(visit: Visit) -> None:
    """The surest pair that waits, as the saved rules would merge it."""
    card_title("What the saved rules do to a pair")
    waiting = visit.api.duplicates(["status:eq:open"], limit=20)["items"] if visit.may(Permission.QUALITY_READ) else []
    if not waiting:
        quiet_note("No pair waits. The next pair that may be one is shown here.", "merge")
        return
    names = {item["duplicate_proposal_id"]: item for item in waiting}
    picked = st.selectbox(
        "Pair", list(names), key="settings_merging_pair", label_visibility="collapsed",
        format_func=lambda found: f"{names[found]['left']['name']} and {names[found]['right']['name']}",
    )  # fmt: skip
    item = names[str(picked)]
    try:
        shown = visit.api.merge_preview(item["left"]["id"], item["right"]["id"], item["entity"])
    except ApiProblem as problem:
        quiet_note(problem.detail)
        return
    rows = [choice for choice in shown["choices"] if choice["is_differing"] and not choice["field"].endswith("_id")]
    st.dataframe(
        pd.DataFrame(
            {
                "Field": [field_label(choice["field"]) for choice in rows],
                "Kept": [_text(choice[f"{choice['kept']}_value"]) for choice in rows],
                "Not kept": [_text(choice["merged_value" if choice["kept"] == "survivor" else "survivor_value"]) for choice in rows],
                "Because": [REASONS.get(choice["reason"], choice["reason"]) for choice in rows],
            }
        ),
        hide_index=True, row_height=34, alt="What each field would keep, and why",
    )  # fmt: skip


def _text(value: object) -> str:
    return "–" if value is None else value_text(value)
