"""One edit for many leads: what is set, of whom, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app import session
from app.api_client import ApiClient, ContactQuery
from app.api_transport import ApiProblem, Json
from app.components import say_next
from app.enrolling import open_enrolling
from app.formatting import STAGE_LABELS, plural
from app.merge_dialog import open_merge
from app.tagging import choose_tags
from domain.permissions import Permission

MOST = 500
"""Of one request (`POST /v1/contacts/bulk`)."""
PAGE = 200
LEAVE, NOBODY = "leave", "nobody"
SELECTING = "leads_selecting"


def values_of(
    stage: str, owner: str, key: str | None, value: str, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> Json:
    """What is sent as `set`: only what was chosen; an empty value takes a custom attribute away."""
    found: dict[str, Any] = {}
    if stage != LEAVE:
        found["lifecycle_stage"] = stage
    if owner != LEAVE:
        found["owner_user_id"] = None if owner == NOBODY else owner
    if key:
        found["attributes"] = {key: value.strip() or None}
    if add:
        found["add_tags"] = list(add)
    if remove:
        found["remove_tags"] = list(remove)
    return found


def told(outcomes: Sequence[str]) -> str:
    """What came of it: `12 leads changed, 3 as they were, 1 not here any more`."""
    changed, same, gone = (outcomes.count(word) for word in ("changed", "unchanged", "not_found"))
    parts = [f"{plural(changed, 'lead')} changed"]
    parts += [f"{same:,} as they were"] if same else []
    parts += [f"{gone:,} not here any more"] if gone else []
    return ", ".join(parts)


def matching_ids(api: ApiClient, query: ContactQuery) -> list[str]:
    """The first 500 of the filtered list, in its order."""
    found: list[str] = []
    cursor: str | None = None
    while len(found) < MOST:
        page = api.contacts(query, limit=PAGE, cursor=cursor, with_total=False)
        found += [item["contact_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    return found[:MOST]


def show_bulk_edit(
    visit: session.Visit, chosen: Sequence[str], query: ContactQuery, attributes: list[Json], people: Mapping[str, str]
) -> None:
    """The bar under the list, while rows are being selected."""
    with st.container(border=True, gap="small"):
        everyone = st.toggle("All that match", key="leads_bulk_all")
        if not chosen and not everyone:
            st.caption(":material/check_box: Tick rows in the list, then set here what they shall have in common.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            stage = st.selectbox(
                "Stage", [LEAVE, *STAGE_LABELS], key="leads_bulk_stage", width=170,
                format_func=lambda found: STAGE_LABELS.get(found, "Leave as it is"),
            )  # fmt: skip
            names = {LEAVE: "Leave as it is", NOBODY: "Nobody", **people}
            owner = st.selectbox("Owner", list(names), key="leads_bulk_owner", format_func=names.__getitem__, width=190)
            labels = {found["key"]: found["label"] for found in attributes}
            key = st.selectbox(
                "Custom attribute", list(labels), index=None, key="leads_bulk_key", format_func=labels.__getitem__,
                placeholder="None", width=190, disabled=not labels,
            )  # fmt: skip
            value = st.text_input(
                "becomes", key="leads_bulk_value", disabled=key is None, placeholder="Empty takes it away", width=190
            )
            add = choose_tags(visit, "Add tags", "leads_bulk_add_tags", new=True, width=190)
            remove = choose_tags(visit, "Take off tags", "leads_bulk_remove_tags", new=False, width=190)
        values = values_of(stage, owner, key, value, add, remove)
        with st.container(horizontal=True):
            words = f"all that match, up to {MOST:,}" if everyone else plural(len(chosen), "lead")
            if st.button(
                f"Apply to {words}", type="primary", key="leads_bulk_apply",
                disabled=not values or not (chosen or everyone),
            ):  # fmt: skip
                _apply(visit, query if everyone else None, chosen, values)
            selection: Json = {"filters": query.filters} if everyone else {"contact_ids": list(chosen)}
            st.button(
                "Enrol …", icon=":material/outgoing_mail:", key="leads_bulk_enrol", on_click=open_enrolling,
                args=(selection,), disabled=not (chosen or everyone) or not visit.may(Permission.SEQUENCES_WRITE),
                help="Put them into a sequence: you see first who can be put in and who not. "
                "Here, all that match may be 50,000.",
            )  # fmt: skip
            st.button(
                "Merge the two", icon=":material/merge:", key="leads_bulk_merge",
                disabled=everyone or len(chosen) != 2 or not visit.may(Permission.IDENTITY_WRITE),
                on_click=lambda: open_merge(*chosen), help="Tick two records of one person, then see them side by side.",
            )  # fmt: skip


def _apply(visit: session.Visit, query: ContactQuery | None, chosen: Sequence[str], values: Json) -> None:
    try:
        ids = matching_ids(visit.api, query) if query else list(chosen)
        answer = visit.api.change_contacts(ids, values)
    except ApiProblem as problem:
        st.toast(problem.words, icon=":material/error:")
        return
    say_next(told([found["outcome"] for found in answer["results"]]))
    st.session_state["leads_table_round"] = st.session_state.get("leads_table_round", 0) + 1
    st.rerun()
