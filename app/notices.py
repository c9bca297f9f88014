"""What the person was told: a list in the sidebar, with the way to whom it is about."""

from __future__ import annotations

import streamlit as st

from app import session
from app.api_transport import ApiProblem
from app.components import attempt, now
from app.contact_drawer import open_drawer
from app.formatting import ago, escaped

ICONS = {
    "lead_assigned": "person_add", "leads_assigned": "group_add", "lead_taken": "person_remove", "sla_warn": "timer",
    "sla_breach": "timer_off", "sla_escalate": "priority_high", "webhook_off": "webhook",
}  # fmt: skip


def show_notifications(visit: session.Visit) -> None:
    """A list that opens, with the number of unread ones on it; nothing where the API does not answer."""
    try:
        found = visit.api.notifications()
    except ApiProblem:
        return
    count = found["unread_count"]
    with st.popover(
        f"Notifications **{count}**" if count else "Notifications",
        icon=":material/notifications_active:" if count else ":material/notifications:", width="content",
    ):  # fmt: skip
        if not found["items"]:
            st.markdown(":gray[Nothing yet. New leads and what is late are told here.]")
        for item in found["items"]:
            title = escaped(item["title"])
            icon = ICONS.get(item["kind"], "notifications")
            st.markdown(
                f":material/{icon}: {title if item['read_at'] else f'**{title}**'}  \n"
                f":gray[{escaped(item['body'])} {ago(item['created_at'], now())}]"
            )
            if item["contact_id"] and st.button("Open", key=f"notice_{item['notification_id']}", type="tertiary"):
                open_drawer(item["contact_id"])
                st.switch_page("views/leads.py")
        is_asked = bool(count) and st.button("Mark all as read", key="notices_read")
        if is_asked and attempt(visit.api.read_notifications, "Marked as read", reruns=True):
            st.rerun()
