"""The operator UI: who is here, where they look, and the list of pages, which is the menu."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import session
from app.api_transport import ApiProblem
from app.components import problem_box, same_tab_link, say_what_was_left
from app.formatting import escaped
from app.global_search import search_button
from app.notices import show_notifications
from app.pair_words import open_pairs
from app.shell import lay_out, wear
from domain.permissions import Permission

HERE = Path(__file__).parent


def _sign_in_again() -> None:
    st.space("large")
    with st.container(horizontal_alignment="center"), st.container(border=True, width=420):
        st.markdown("### Your session has ended")
        st.markdown("Sign in again to go on where you were.")
        same_tab_link("Sign in", "/login?next=/app/")


def _organization_switcher(visit: session.Visit) -> None:
    """An agency and its clients. One organization needs no choice: its name is enough."""
    organizations = visit.me["organizations"]
    if len(organizations) < 2:
        st.markdown(f":gray[:material/apartment:] **{escaped(visit.organization['name'])}**")
        return
    names = {found["organization_id"]: found for found in organizations}

    def label(organization_id: str) -> str:
        found = names[organization_id]
        return found["name"] if found["kind"] == "agency" else f"↳ {found['name']}"

    st.session_state["switcher"] = visit.organization_id
    st.selectbox(
        "Organization",
        list(names),
        key="switcher",
        format_func=label,
        label_visibility="collapsed",
        on_change=lambda: session.choose(st.session_state["switcher"]),
    )


def _user_menu(visit: session.Visit) -> None:
    name = visit.me["name"] or visit.me["email"]
    with st.popover(escaped(name), icon=":material/account_circle:", width="content"):
        st.markdown(f"**{escaped(name)}**  \n:gray[{escaped(visit.me['email'])}]")
        st.caption(f"{visit.me['role'].replace('_', ' ').capitalize()} at {escaped(visit.organization['name'])}")
        same_tab_link("Log out", "/logout")


st.set_page_config(page_title="Leadhouse", layout="wide", page_icon=str(HERE / "brand" / "mark.svg"))
theme = st.context.theme.type or "light"
st.logo(str(HERE / "brand" / f"logo-{theme}.svg"), size="large", icon_image=str(HERE / "brand" / "mark.svg"))

try:
    visit = session.begin()
except ApiProblem as problem:
    st.navigation([st.Page(lambda: None, title="Leadhouse")], position="hidden")
    if problem.status == 401:
        _sign_in_again()
    else:
        problem_box(problem)
    st.stop()

lay_out()
wear(visit, theme)
works_here = visit.may_write
my_day = [st.Page("views/home.py", title="My day", icon=":material/today:", url_path="my-day", default=True)]
routing = [st.Page("views/routing.py", title="Routing", icon=":material/alt_route:")]
replies = [st.Page("views/replies.py", title="Replies", icon=":material/inbox:")]
outreach = [
    st.Page("views/campaigns.py", title="Campaigns", icon=":material/outgoing_mail:", url_path="campaigns"),
    st.Page("views/mailboxes.py", title="Mailboxes", icon=":material/alternate_email:", url_path="mailboxes"),
    st.Page(
        "views/deliverability.py", title="Deliverability", icon=":material/mark_email_read:", url_path="deliverability"
    ),
]
enrichment = [
    st.Page("views/enrichment.py", title="Enrichment", icon=":material/travel_explore:", url_path="enrichment")
]
experiments = [st.Page("views/experiments.py", title="Experiments", icon=":material/science:", url_path="experiments")]
sql = [st.Page("views/sql.py", title="SQL", icon=":material/database:", url_path="sql")]
waiting = open_pairs(visit)
duplicates = [
    st.Page(
        "views/duplicates.py", title=f"Duplicates · {waiting}" if waiting else "Duplicates", icon=":material/merge:",
        url_path="duplicates",
    )
]  # fmt: skip
pages = {
    "Work": [
        *(my_day if works_here else []),
        st.Page("views/leads.py", title="Leads", icon=":material/group:"),
        st.Page("views/companies.py", title="Companies", icon=":material/domain:"),
        st.Page("views/deals.py", title="Deals", icon=":material/view_kanban:"),
        st.Page("views/signals.py", title="Signals", icon=":material/sensors:", url_path="signals"),
        *(replies if visit.may(Permission.TASKS_READ) else []),
    ],
    **({"Outreach": outreach} if visit.may(Permission.SEQUENCES_READ) else {}),
    "Insight": [
        st.Page("views/overview.py", title="Overview", icon=":material/space_dashboard:", default=not works_here),
        st.Page("views/attribution.py", title="Attribution", icon=":material/conversion_path:"),
        st.Page("views/forecast.py", title="Forecast", icon=":material/query_stats:", url_path="forecast"),
        st.Page("views/roi.py", title="ROI", icon=":material/payments:", url_path="roi"),
        *(experiments if visit.may(Permission.EXPERIMENTS_READ) else []),
        st.Page("views/model.py", title="Model", icon=":material/insights:", url_path="model"),
        *(sql if visit.may(Permission.ANALYTICS_QUERY) else []),
    ],
    "Data": [
        st.Page("views/imports.py", title="Imports", icon=":material/upload_file:"),
        *(enrichment if visit.may(Permission.ENRICHMENT_READ) else []),
        *(duplicates if visit.may(Permission.QUALITY_READ) else []),
        st.Page("views/data_quality.py", title="Data quality", icon=":material/verified:", url_path="data-quality"),
    ],
    "Organization": [
        *(routing if visit.may(Permission.SETTINGS_READ) else []),
        st.Page("views/settings.py", title="Settings", icon=":material/settings:"),
    ],
}
page = st.navigation(pages, expanded=True)
with st.sidebar:
    _organization_switcher(visit)
    with st.container(horizontal=True, gap="xsmall", key="sidebar_tools"):
        search_button()
        show_notifications(visit)
        _user_menu(visit)
page.run()
say_what_was_left()
