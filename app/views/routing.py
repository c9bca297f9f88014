"""Routing: who gets new leads, who is there to take them, and how soon they are touched."""

from __future__ import annotations

import streamlit as st

from app import session
from app.components import guarded, page_title
from app.contact_drawer import show_drawer
from app.routing_levels import show_levels
from app.routing_people import show_people
from app.routing_rules import show_rules

visit = session.current()
with guarded():
    page_title("Routing", "Rules are asked in order; the first that finds somebody free gives them the lead.")
    held = visit.api.routing()
    rules, people, levels = st.tabs(["Rules", "People", "Service levels"], key="routing_tab", on_change="rerun")
    if rules.open:
        with rules:
            show_rules(held)
    if people.open:
        with people:
            show_people(held)
    if levels.open:
        with levels:
            show_levels(held)
    show_drawer()
