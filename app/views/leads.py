"""Leads: find people, see who is worth a call and why, and take the list along as CSV."""

from __future__ import annotations

import streamlit as st

from app import paging, saved_views, session
from app.api_client import ApiClient, ContactQuery
from app.api_transport import ApiProblem, Json
from app.archived_leads import show_archived
from app.bulk_edit import is_selecting, show_switch
from app.clients import clients_instead
from app.column_choice import show_choice
from app.components import empty_state, guarded, page_title, problem_box
from app.contact_drawer import is_open, open_drawer, show_drawer
from app.contact_story import people_of
from app.enrolling import show_enrolling
from app.formatting import BAND_LABELS, SOURCE_WORDS
from app.lead_adding import show_lead_adding
from app.lead_edits import show_lead_edits
from app.lead_table import names_of, show_table
from app.lead_views import VIEWS
from app.list_conditions import LEADS, attributes_of, kept_of, orders_of, show_adding, show_chips
from app.list_keys import hear_keys, show_keys
from app.merge_dialog import show_merge
from app.stage_labels import STAGE_LABELS
from domain.permissions import Permission

PAGE = 50
PULSE_SECONDS = 1.0
SORTS = {"newest": "Newest first", "score": "Best score first", "name": "By name"}
visit = session.current()
state = st.session_state
if (named := st.query_params.get("contact")) is not None:  # a link to one person, from a notification or a mail
    st.query_params.pop("contact")
    open_drawer(named)


@st.cache_data(ttl=30, max_entries=500, show_spinner=False)
def _facets(organization_id: str, _api: ApiClient) -> Json:  # noqa: ARG001  the organization is the cache's key
    """What the list can be filtered by; the same for everybody who may look at the organization."""
    return _api.contact_facets()


def _restart() -> None:
    paging.restart(LEADS)


def _clear() -> None:
    saved_views.clear(VIEWS, state.get("sort", "newest"))


def _filters(facets: Json, people: dict[str, str]) -> ContactQuery:
    """The row of filters, and what they ask for. `people`: whom leads may belong to, by what the filter is called."""
    attributes = attributes_of(facets["attributes"])
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        search = st.text_input(
            "Search", key="q", type="search", live=True, width=205, label_visibility="collapsed", bind="query-params",
            placeholder="Name, e-mail, company, title", on_change=_restart,
        )  # fmt: skip
        stages = st.multiselect(
            "Stage", facets["stages"], key="leads_stage", placeholder="Stage", width=135, label_visibility="collapsed",
            format_func=lambda stage: STAGE_LABELS.get(stage, stage), on_change=_restart, persist_state="session",
        )  # fmt: skip
        bands = st.multiselect(
            "Score band", facets["bands"], key="leads_band", placeholder="Score band", width=135,
            label_visibility="collapsed", format_func=BAND_LABELS.__getitem__, on_change=_restart,
            persist_state="session",
        )  # fmt: skip
        more = st.popover("More filters", icon=":material/tune:")
        show_adding(LEADS, attributes, _restart)
        orders = SORTS | orders_of(attributes)
        if state.get("sort", "newest") not in orders:  # of a view, by a field that was put away since
            state["sort"] = "newest"
        sort = st.selectbox(
            "Order", list(orders), key="sort", format_func=orders.__getitem__, width=150, label_visibility="collapsed",
            bind="query-params", on_change=_restart,
        )  # fmt: skip
    with more:
        sources = st.multiselect(
            "Source", facets["sources"], key="leads_source", on_change=_restart, persist_state="session",
            format_func=lambda source: SOURCE_WORDS.get(source, source),
        )  # fmt: skip
        owners = st.multiselect(
            "Owner", list(people), key="leads_owner", on_change=_restart, persist_state="session",
            format_func=people.__getitem__,
        )  # fmt: skip
        worked = st.segmented_control(
            "Somebody reached out", ["any", "yes", "no"], default="any", required=True, key="leads_worked",
            on_change=_restart, format_func=str.capitalize, persist_state="session",
            help="A call, a meeting or a message that one of you wrote down.",
        )  # fmt: skip
        email = st.segmented_control(
            "E-mail address", ["any", "known", "missing"], default="any", required=True, key="leads_email",
            on_change=_restart, format_func=str.capitalize, persist_state="session",
        )  # fmt: skip
        least = st.slider("Score at least", 0, 100, 0, key="leads_score", on_change=_restart, persist_state="session")
    return ContactQuery(
        q=search or "",
        stage=tuple(stages),
        band=tuple(bands),
        source=tuple(sources),
        owner=tuple(owners),
        is_worked={"yes": True, "no": False}.get(str(worked)),
        import_id=st.query_params.get("import"),
        has_email={"known": True, "missing": False}.get(str(email)),
        min_score=float(least) if least else None,
        filter=tuple(kept_of(LEADS)),
        sort=str(sort),
    )


def _import_link() -> None:
    st.page_link("views/imports.py", label="Import contacts", icon=":material/upload_file:")


def _clear_button() -> None:
    st.button("Clear all filters", on_click=_clear, key="leads_clear_empty")


def _nobody(query: ContactQuery) -> None:
    if query.is_filtered:
        empty_state(
            "search_off", "Nobody matches", "No lead fits this search and these filters.",
            _clear_button,
        )  # fmt: skip
        return

    if clients_instead(visit, "leads", "groups"):
        return
    empty_state(
        "group_add",
        "No leads yet",
        "Import a CSV file, or send a form from your site: the lead appears here with its score within two seconds.",
        _import_link if visit.may_write else None,
    )


@st.fragment(run_every=PULSE_SECONDS)
def _pulse() -> None:
    """Asks one cheap question a second; only when something new is there is the page drawn again, so nothing flickers."""
    if is_open() or paging.pages_before(LEADS) or is_selecting(LEADS):
        return
    try:
        pulse = visit.api.pulse()
    except ApiProblem:
        return
    before, state["leads_pulse"] = state.get("leads_pulse"), pulse
    if before is not None and before != pulse:
        st.rerun()


with st.container(horizontal=True, vertical_alignment="center"):
    page_title("Leads")
    st.space("stretch")
    tools = st.container(horizontal=True, vertical_alignment="center", width="content")
try:
    choices = _facets(visit.organization_id, visit.api)
except ApiProblem as problem:
    problem_box(problem)
    st.stop()
people = people_of(visit)
asked = _filters(choices, {"me": "Me", "nobody": "Nobody", **people})
with guarded():
    saved_views.show_views(visit, VIEWS, asked, may_keep=visit.may_write)
show_chips(LEADS, attributes_of(choices["attributes"]), _restart)
if asked.import_id:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge("Only what one import wrote", icon=":material/upload_file:", color="blue")
        st.button("Show all", type="tertiary", on_click=_clear, key="leads_show_all")
with tools:
    show_choice(LEADS, names_of(choices["attributes"]))
    if visit.may_write:
        show_switch(LEADS, "Tick rows, then set stage, owner or a custom attribute for all.")
    if visit.may(Permission.CONTACTS_EXPORT):
        st.download_button(
            "Export CSV", data=lambda: visit.api.export_contacts(asked), file_name="leads.csv", mime="text/csv",
            icon=":material/download:", on_click="ignore", help="The whole filtered list, with custom attributes.",
        )  # fmt: skip
    show_keys(LEADS)
    show_lead_adding(visit)
with guarded():
    found = visit.api.contacts(asked, limit=PAGE, cursor=paging.cursor_of(LEADS))
    if found["items"]:
        chosen = show_table(found["items"], choices["attributes"], people)
        paging.show_foot(
            LEADS, found, one="lead", many="leads", is_filtered=asked.is_filtered, beside=lambda: show_archived(visit)
        )
        if is_selecting(LEADS):
            show_lead_edits(visit, chosen, asked, choices["attributes"], people)
    else:
        _nobody(asked)
_pulse()
hear_keys(LEADS, "q")
if not (show_merge(visit) or show_enrolling(visit)):
    show_drawer()
