"""Leads off the lists, one or many."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app import session
from app.bulk_edit import Many
from app.components import attempt, quiet_note

KEPT = (
    "Off every list and out of every sequence: nothing is sent any more. The history stays, counts as before, and comes "
    "back with a form, an import or Restore."
)


def archive_one(visit: session.Visit, contact_id: str, close: Callable[[], None]) -> None:
    """In the drawer of a lead: takes it off the lists, after a word on what that means; `close`s the drawer."""
    with st.popover("Archive", icon=":material/archive:", width="content"):
        quiet_note(KEPT)
        if st.button("Archive this lead", type="primary", key=f"drawer_archive_{contact_id}") and attempt(
            lambda: visit.api.archive_contacts([contact_id]),
            "Archived: to be found beside the list's total",
            reruns=True,
        ):
            close()
            st.rerun()


def archive_many(visit: session.Visit, many: Many, chosen: Sequence[str], *, everyone: bool) -> None:
    """In the bar of many edits: the ticked ones, or all that match."""
    with st.popover(
        "Archive",
        icon=":material/archive:",
        width="content",
        disabled=not (chosen or everyone),
        key="leads_bulk_archive",
    ):
        quiet_note(KEPT)
        words = "all that match, up to 500" if everyone else many.named(len(chosen))
        if st.button(f"Archive {words}", type="primary", key="leads_bulk_archive_now") and attempt(
            lambda: visit.api.archive_contacts(many.matching_ids() if everyone else chosen), "Archived", reruns=True
        ):
            many.untick()
            st.rerun()
