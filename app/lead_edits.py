"""What can be set of many leads at once, and done with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app import session
from app.api_client import ContactQuery
from app.api_transport import Json
from app.archiving import archive_many
from app.bulk_edit import Many, show_bulk_edit
from app.enrolling import open_enrolling
from app.list_conditions import LEADS
from app.merge_dialog import open_merge
from app.stage_labels import STAGE_LABELS
from app.tagging import choose_tags, tag_changes
from domain.permissions import Permission

LEAVE, NOBODY = "leave", "nobody"


def values_of(
    stage: str, owner: str, key: str | None, value: str, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> Json:
    """What is sent as `set`: only what was chosen; an empty value takes a custom attribute away."""
    found: dict[str, Any] = tag_changes(add, remove)
    if stage != LEAVE:
        found["lifecycle_stage"] = stage
    if owner != LEAVE:
        found["owner_user_id"] = None if owner == NOBODY else owner
    if key:
        found["attributes"] = {key: value.strip() or None}
    return found


def leads_of(visit: session.Visit, query: ContactQuery) -> Many:
    """The filtered list of leads."""
    return Many(
        LEADS, "contact_id", "lead", "leads",
        lambda limit, cursor: visit.api.contacts(query, limit=limit, cursor=cursor, with_total=False),
        visit.api.change_contacts,
    )  # fmt: skip


def show_lead_edits(
    visit: session.Visit, chosen: Sequence[str], query: ContactQuery, attributes: list[Json], people: Mapping[str, str]
) -> None:
    """The bar under the list, while rows are being selected."""

    def values() -> Json:
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
        return values_of(stage, owner, key, value, add, remove)

    def acts(everyone: bool) -> None:
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
        archive_many(visit, many, chosen, everyone=everyone)

    many = leads_of(visit, query)
    show_bulk_edit(many, chosen, values, acts)
