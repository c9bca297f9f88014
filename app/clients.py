"""An agency's clients on its own pages: how each does today, and the way to look at one."""

from __future__ import annotations

import streamlit as st

from app import session
from app.api_transport import Json
from app.components import card_title, empty_state
from app.formatting import count, escaped, plural

WIDTHS = (2.4, 2.2, 2, 1.6, 1)
HEADS = ("Client", "New leads", "Replies", "SLA", "Open deals")


def clients_of(visit: session.Visit) -> list[Json]:
    """The organizations that the visitor's agency works for; none where they look at one of these."""
    return [one for one in visit.me["organizations"] if one["parent_organization_id"] == visit.organization_id]


def clients_instead(visit: session.Visit, what: str, icon: str) -> bool:
    """Where an agency has none of `what` itself, shows the way to its clients'; whether it has clients."""
    clients = clients_of(visit)
    if not clients:
        return False

    def action() -> None:
        with st.container(horizontal=True, horizontal_alignment="center"):
            for client in clients:
                _open_button(client, f"instead_{client['organization_id']}", "secondary")

    empty_state(
        icon,
        f"{escaped(visit.organization['name'])} has no {what} of its own",
        f"Its {plural(len(clients), 'client')} may: look at one here, or choose it on the left.",
        action,
    )
    return True


def clients_card(lines: list[Json]) -> None:
    """A line for each client, in the order that the API gives: those that need somebody first."""
    with st.container(border=True, gap="xxsmall"):
        card_title(
            "Clients", "Today where the client is, and the last seven days. Those that need somebody stand first."
        )
        for place, head in zip(st.columns(WIDTHS, vertical_alignment="center"), HEADS, strict=True):
            place.caption(head)
        for line in lines:
            _line(line)


def _line(client: Json) -> None:
    name, leads, replies, promises, deals = st.columns(WIDTHS, vertical_alignment="center")
    with name:
        _open_button(client, f"day_client_{client['organization_id']}", "tertiary")
    leads.markdown(_lately(client["lead_count"], client["lead_count_week"]))
    replies.markdown(_lately(client["reply_count"], client["reply_count_week"]))
    with promises, st.container(horizontal=True, gap="xsmall"):
        if client["late_count"]:
            st.badge(f"{client['late_count']} late", color="red", icon=":material/timer:")
        if client["at_risk_count"]:
            st.badge(f"{client['at_risk_count']} soon", color="orange", icon=":material/timer:")
        if not client["late_count"] and not client["at_risk_count"]:
            st.caption("–")
    deals.markdown(count(client["open_deal_count"]))


def _lately(today: int, week: int) -> str:
    return f"{count(today)} :small[:gray[today, {count(week)} in 7 days]]"


def _open_button(client: Json, key: str, kind: str) -> None:
    """Chosen before the page is drawn; asked for anew, for a part that is drawn by itself would keep the others as they are."""
    if st.button(
        escaped(client["name"]), key=key, icon=":material/apartment:", type=kind,  # type: ignore[arg-type]
        on_click=session.choose, args=(client["organization_id"],),
    ):  # fmt: skip
        st.rerun()
