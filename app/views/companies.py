"""Companies: who visits and who works there, which look like customers and why, and what that is worth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from app import paging, saved_views, session
from app.api_client import LEAST_QUALITY, ApiClient, CompanyQuery
from app.api_transport import ApiProblem, Json
from app.bulk_edit import is_selecting, show_switch
from app.clients import clients_instead
from app.column_choice import show_choice
from app.company_adding import show_company_adding
from app.company_drawer import show_company
from app.company_edits import show_company_edits
from app.company_table import OWN, show_table
from app.company_views import MOST_QUALITY, VIEWS
from app.components import as_of, empty_state, guarded, page_title, problem_box
from app.contact_drawer import show_drawer
from app.enrolling import show_enrolling
from app.formatting import COMPANY_LABELS
from app.list_conditions import COMPANIES, OF_COMPANIES, kept_of, show_adding, show_chips
from app.list_keys import hear_keys, show_keys
from app.lookalike_marks import show_marks
from app.lookalike_proof import show_proof
from app.lookalike_search import add_seeds, show_search
from app.queries.freshness import freshness
from domain.permissions import Permission

PAGE = 50
SORTS = {
    "-last_seen_at": "Last seen first",
    "-session_count": "Most visits first",
    "-quality": "Best quality first",
    "lookalike_rank": "Most like customers first",
    "name": "By name",
}
KNOWN_BY = {"any": "Any", "contacts": "Our records", "network": "Their network"}
visit = session.current()
state = st.session_state


@st.cache_data(ttl=30, max_entries=500, show_spinner=False)
def _facets(organization_id: str, _api: ApiClient) -> Json:  # noqa: ARG001  the organization is the cache's key
    """What the list can be filtered by; the same for everybody who may look at the organization."""
    return _api.company_facets()


def _restart() -> None:
    paging.restart(COMPANIES)


def _clear() -> None:
    saved_views.clear(VIEWS, state.get("companies_sort", CompanyQuery().sort))


def _options(key: str, known: Iterable[str]) -> list[str]:
    """What can be chosen: what occurs, and what a view names all the same."""
    return list(dict.fromkeys([*known, *state.get(key, ())]))


def _filters(facets: Json) -> CompanyQuery:
    """The row of filters, and what they ask for."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        search = st.text_input(
            "Search", key="companies_q", type="search", live=True, width=190, label_visibility="collapsed",
            placeholder="Name or domain", on_change=_restart,
        )  # fmt: skip
        statuses = st.multiselect(
            "Status", _options("companies_status", COMPANY_LABELS), key="companies_status", placeholder="Status",
            width=140, label_visibility="collapsed", format_func=lambda status: COMPANY_LABELS.get(status, status),
            on_change=_restart, persist_state="session",
        )  # fmt: skip
        industries = st.multiselect(
            "Industry", _options("companies_industry", facets["industries"]), key="companies_industry",
            placeholder="Industry", width=140, label_visibility="collapsed", on_change=_restart,
            persist_state="session",
        )  # fmt: skip
        more = st.popover("More filters", icon=":material/tune:")
        show_adding(COMPANIES, OF_COMPANIES, _restart)
        sort = st.selectbox(
            "Order", list(SORTS), key="companies_sort", format_func=SORTS.__getitem__, width=170,
            label_visibility="collapsed", on_change=_restart, persist_state="session",
        )  # fmt: skip
    with more:
        countries = st.multiselect(
            "Country", _options("companies_country", facets["countries"]), key="companies_country", on_change=_restart,
            persist_state="session",
        )  # fmt: skip
        known = st.segmented_control(
            "Known by", list(KNOWN_BY), default="any", required=True, key="companies_known", on_change=_restart,
            format_func=KNOWN_BY.__getitem__, persist_state="session",
            help="Networks of businesses, schools and authorities. Access providers and hosting name no company.",
        )  # fmt: skip
        quality = st.slider(
            "Quality at least", LEAST_QUALITY, MOST_QUALITY, LEAST_QUALITY, key="companies_quality",
            on_change=_restart, persist_state="session",
            help="Half activity, half what is known of it.",
        )  # fmt: skip
        visited = st.toggle(
            "Only with visits", key="companies_visited", on_change=_restart, persist_state="session"
        )  # fmt: skip
    return CompanyQuery(
        q=search or "", statuses=tuple(statuses), industries=tuple(industries), countries=tuple(countries),
        least_quality=int(quality), known_by=str(known), visited=bool(visited), sort=str(sort),
        filter=tuple(kept_of(COMPANIES)),
    )  # fmt: skip


def _seeding(selected: Sequence[Json]) -> None:
    """What the ticked ones are good for beside an edit: a search for more like them."""
    if not selected:
        return
    chosen = [(item["company_id"], item["name"]) for item in selected]
    st.button(
        f"Find more like these {len(selected)}" if len(selected) > 1 else "Find more like this one",
        icon=":material/hub:", type="secondary" if is_selecting(COMPANIES) else "primary", key="companies_more",
        on_click=_look_for, args=(chosen, "like"),
    )  # fmt: skip
    st.button(
        "Never like these", icon=":material/block:", key="companies_less", on_click=_look_for, args=(chosen, "unlike")
    )


def _look_for(chosen: list[tuple[str, str]], side: str) -> None:
    add_seeds(chosen, side)
    state["companies_tab"] = TABS[1]


def _clear_button() -> None:
    st.button("Clear all filters", on_click=_clear, key="companies_clear")


def _import_link() -> None:
    st.page_link("views/imports.py", label="Import contacts", icon=":material/upload_file:")


def _nobody(query: CompanyQuery) -> None:
    if query.is_filtered:
        empty_state(
            "search_off", "No company matches", "None fits this search and these filters.",
            _clear_button,
        )  # fmt: skip
        return
    if clients_instead(visit, "companies", "groups"):
        return
    empty_state(
        "domain_add",
        "No companies yet",
        "Import contacts with a company or work address, or install the pixel: visitors from business networks appear "
        "here with the next pipeline run, whether or not they fill in a form.",
        _import_link if visit.may_write else None,
    )


def _feed() -> None:
    try:
        facets = _facets(visit.organization_id, visit.api)
    except ApiProblem as problem:
        problem_box(problem)
        return
    asked = _filters(facets)
    may_write = visit.may(Permission.COMPANIES_WRITE)
    with guarded():
        saved_views.show_views(visit, VIEWS, asked, may_keep=visit.may_write)
    show_chips(COMPANIES, OF_COMPANIES, _restart)
    with tools:
        show_choice(COMPANIES, OWN)
        if may_write:
            show_switch(COMPANIES, "Tick rows, then set tags, industry, size or country for all.")
        if visit.may(Permission.COMPANIES_EXPORT):
            st.download_button(
                "Export CSV", data=lambda: visit.api.export_companies(asked), file_name="companies.csv",
                mime="text/csv", icon=":material/download:", on_click="ignore", help="The whole filtered list.",
            )  # fmt: skip
        show_keys(COMPANIES)
        show_company_adding(visit)
    with guarded():
        found = visit.api.companies(asked, limit=PAGE, cursor=paging.cursor_of(COMPANIES))
        if found["items"]:
            ticked = show_table(found["items"])
            paging.show_foot(
                COMPANIES, found, one="company", many="companies", is_filtered=asked.is_filtered,
                beside=lambda: _seeding(ticked),
            )  # fmt: skip
            if may_write and is_selecting(COMPANIES):
                show_company_edits(visit, [item["company_id"] for item in ticked], asked, facets)
        else:
            _nobody(asked)
    hear_keys(COMPANIES, "companies_q", always_ticks=True)


TABS = ("Feed", "More like these", "Marks", "Proof")
with st.container(horizontal=True, vertical_alignment="center"):
    page_title("Companies")
    st.space("stretch")
    st.caption(as_of(freshness(visit.organization_id)["marts"], "built"), width="content")
    tools = st.container(horizontal=True, vertical_alignment="center", width="content")
feed, search, marks, proof = st.tabs(TABS, key="companies_tab", on_change="rerun")
if feed.open:
    with feed:
        _feed()
if search.open:
    with search:
        show_search(visit, _facets)
if marks.open:
    with marks, guarded():
        show_marks(visit)
if proof.open:
    with proof:
        show_proof(visit.organization_id)
if not show_enrolling(visit):
    show_company()
    show_drawer()
