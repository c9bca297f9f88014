"""Leads that are off the lists, and their way back."""

from __future__ import annotations

import streamlit as st

from app import paging, session
from app.api_transport import Json
from app.components import attempt_inside, guarded, now, quiet_note, say_what_was_left
from app.contact_drawer import close_drawer
from app.formatting import ago, escaped

PLACE = "archived"
PAGE = 20


def show_archived(visit: session.Visit) -> None:
    """Beside the total of the list: the way to those that are off it."""
    if st.button("Archived", type="tertiary", icon=":material/archive:", key="leads_archived"):
        close_drawer()
        paging.restart(PLACE)
        _archived(visit)


@st.dialog("Archived leads", width="large")
def _archived(visit: session.Visit) -> None:
    say_what_was_left(inside=True)
    with guarded():
        found = visit.api.archived_contacts(limit=PAGE, cursor=paging.cursor_of(PLACE))
        if not found["items"]:
            quiet_note("Nobody is archived. A lead is archived from its drawer, or many at once with “Edit many”.")
            return
        for contact in found["items"]:
            _line(visit, contact)
        if paging.pages_before(PLACE) or found["next_cursor"]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.space("stretch")
                paging.show_turns(PLACE, found["next_cursor"])


def _line(visit: session.Visit, contact: Json) -> None:
    def restore() -> None:
        attempt_inside(
            lambda: visit.api.restore_contacts([contact["contact_id"]]), f"{contact['display_name']} is back"
        )

    with st.container(horizontal=True, vertical_alignment="center"):
        about = " · ".join(escaped(part) for part in (contact["email"], contact["title"]) if part)
        when = ago(contact["archived_at"], now())
        st.markdown(f"**{escaped(contact['display_name'])}**  \n:gray[{about}{' · ' if about else ''}archived {when}]")
        st.space("stretch")
        if visit.may_write:
            st.button("Restore", key=f"restore_{contact['contact_id']}", on_click=restore)
