"""Companies: who visits and who works there, which look like customers and why, and what that is worth."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import session
from app.api_client import ApiClient, CompanyQuery
from app.api_transport import ApiProblem, Json
from app.company_drawer import known_by, open_company, show_company
from app.components import as_of, empty_state, guarded, page_title, problem_box
from app.contact_drawer import show_drawer
from app.formatting import COMPANY_LABELS
from app.list_conditions import COMPANIES, OF_COMPANIES, kept_of, show_adding, show_chips
from app.lookalike_proof import show_proof
from app.lookalike_search import add_seeds, show_search
from app.queries.freshness import freshness

PAGE = 50
SORTS = {
    "-last_seen_at": "Last seen first",
    "-session_count": "Most visits first",
    "-quality": "Best quality first",
    "lookalike_rank": "Most like customers first",
    "name": "By name",
}
KNOWN_BY = {"any": "Any", "contacts": "Our records", "network": "Their network"}
STATUS_CELLS = list(COMPANY_LABELS.values())
visit = session.current()
state = st.session_state


@st.cache_data(ttl=30, max_entries=500, show_spinner=False)
def _facets(organization_id: str, _api: ApiClient) -> Json:  # noqa: ARG001  the organization is the cache's key
    """What the list can be filtered by; the same for everybody who may look at the organization."""
    return _api.company_facets()


def _restart() -> None:
    """A filter changed: back to the first page."""
    state["companies_cursors"] = []


def _turn(cursor: str | None) -> None:
    cursors = state.setdefault("companies_cursors", [])
    if cursor:
        cursors.append(cursor)
    else:
        cursors.pop()


def _clear() -> None:
    for name in [name for name in state if str(name).startswith("companies_") and name != "companies_tab"]:
        del state[name]


def _filters(facets: Json) -> CompanyQuery:
    """The row of filters, and what they ask for."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        search = st.text_input(
            "Search", key="companies_q", type="search", live=True, width=190, label_visibility="collapsed",
            placeholder="Name or domain", on_change=_restart,
        )  # fmt: skip
        statuses = st.multiselect(
            "Status", list(COMPANY_LABELS), key="companies_status", placeholder="Status", width=140,
            label_visibility="collapsed", format_func=COMPANY_LABELS.__getitem__, on_change=_restart,
            persist_state="session",
        )  # fmt: skip
        industries = st.multiselect(
            "Industry", facets["industries"], key="companies_industry", placeholder="Industry", width=140,
            label_visibility="collapsed", on_change=_restart, persist_state="session",
        )  # fmt: skip
        more = st.popover("More filters", icon=":material/tune:")
        show_adding(COMPANIES, OF_COMPANIES, _restart)
        sort = st.selectbox(
            "Order", list(SORTS), key="companies_sort", format_func=SORTS.__getitem__, width=170,
            label_visibility="collapsed", on_change=_restart, persist_state="session",
        )  # fmt: skip
    with more:
        countries = st.multiselect(
            "Country", facets["countries"], key="companies_country", on_change=_restart, persist_state="session"
        )
        known = st.segmented_control(
            "Known by", list(KNOWN_BY), default="any", required=True, key="companies_known", on_change=_restart,
            format_func=KNOWN_BY.__getitem__, persist_state="session",
            help="Networks of businesses, schools and authorities. Access providers and hosting name no company.",
        )  # fmt: skip
        quality = st.slider(
            "Quality at least", 2, 10, 2, key="companies_quality", on_change=_restart, persist_state="session",
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


def _frame(items: list[Json]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Company": item["name"],
                "Status": [COMPANY_LABELS[item["status"]]],
                "Quality": item["quality"]["total"],
                "Like customers": item["lookalike"]["score"] if item["lookalike"] else None,
                "Visits": item["session_count"],
                "People": max(item["visitor_count"], item["contact_count"]),
                "Last seen": pd.Timestamp(item["last_seen_at"]) if item["last_seen_at"] else pd.NaT,
                "Source": item["source"] or "",
                "Most read": ", ".join(item["pages"][:2]),
                "Industry": item["industry"] or "",
                "Employees": item["employee_count"],
                "Country": item["country"] or "",
                "Known by": known_by(item),
                "Owner": item["owner_name"] or "",
                "Tags": item["tags"],
            }
            for item in items
        ]
    )


def _columns(items: list[Json]) -> list[str]:
    """Columns that hold something on this page."""
    filled = {
        "Like customers": any(item["lookalike"] for item in items),
        "Source": any(item["source"] for item in items),
        "Most read": any(item["pages"] for item in items),
        "Industry": any(item["industry"] for item in items),
        "Employees": any(item["employee_count"] for item in items),
        "Country": any(item["country"] for item in items),
        "Owner": any(item["owner_name"] for item in items),
        "Tags": any(item["tags"] for item in items),
    }
    order = ["Company", "Status", "Quality", "Like customers", "Visits", "People", "Last seen", "Source", "Most read",
             "Industry", "Employees", "Country", "Known by", "Owner", "Tags"]  # fmt: skip
    return [name for name in order if filled.get(name, True)]


def _table(items: list[Json]) -> list[Json]:
    """The page's rows; answers those that are selected."""

    def clicked() -> None:
        click = state["companies_open"]
        if click is not None:
            open_company(items[int(click["row"])]["company_id"])

    config = st.column_config
    chosen = st.dataframe(
        _frame(items),
        key=f"companies_table_{len(state.get('companies_cursors', []))}",
        hide_index=True,
        height=min(38 + 36 * len(items), 38 + 36 * 15),
        row_height=36,
        column_order=_columns(items),
        on_select="rerun",
        selection_mode="multi-row",
        alt="Companies: name, status, quality, visits, people and how we know of them",
        column_config={
            "Company": config.ButtonColumn(
                "Company", width=170, pinned=True, alignment="left", type="tertiary", on_click=clicked,
                key="companies_open",
            ),
            "Status": config.MultiselectColumn(
                "Status", options=STATUS_CELLS, color=["gray", "orange", "green", "red"], width=95
            ),
            "Quality": config.ProgressColumn(
                "Quality", min_value=0, max_value=10, format="%d", width=95,
                help="2 to 10: half activity (visits, people, how recent), half what is known of it.",
            ),
            "Like customers": config.ProgressColumn(
                "Like customers", min_value=0, max_value=100, format="%d", width=120,
                help="The share of your customers that it equals or beats in closeness to the others.",
            ),
            "Visits": config.NumberColumn("Visits", width=70),
            "People": config.NumberColumn("People", width=75),
            "Last seen": config.DatetimeColumn("Last seen", format="distance", width=105),
            "Source": config.TextColumn("Source", width=115, help="Channel of its first visit."),
            "Most read": config.TextColumn("Most read", width=165),
            "Industry": config.TextColumn("Industry", width=105),
            "Employees": config.NumberColumn("Employees", width=90, format="localized"),
            "Country": config.TextColumn("Country", width=75),
            "Known by": config.TextColumn("Known by", width=200),
            "Owner": config.TextColumn("Owner", width=110),
            "Tags": config.ListColumn("Tags", width=150),
        },
    )  # fmt: skip
    return [items[row] for row in chosen.selection.rows if row < len(items)]


def _foot(page: Json, query: CompanyQuery, selected: list[Json]) -> None:
    cursors: list[str] = state.get("companies_cursors", [])
    if page["total_text"] is not None:
        state["companies_total"] = page["total_text"]
    with st.container(horizontal=True, vertical_alignment="center"):
        total = state.get("companies_total", "")
        word = "company" if total == "1" else "companies"
        st.caption(f"{total} {word}" + (" match" if query.is_filtered else ""), width="content")
        if selected:
            chosen = [(item["company_id"], item["name"]) for item in selected]
            st.button(
                f"Find more like these {len(selected)}" if len(selected) > 1 else "Find more like this one",
                icon=":material/hub:", type="primary", key="companies_more", on_click=_look_for, args=(chosen, "like"),
            )  # fmt: skip
            st.button(
                "Never like these",
                icon=":material/block:",
                key="companies_less",
                on_click=_look_for,
                args=(chosen, "unlike"),
            )
        st.space("stretch")
        st.button(
            "Previous", icon=":material/chevron_left:", key="companies_previous", disabled=not cursors,
            on_click=_turn, args=(None,),
        )  # fmt: skip
        st.caption(f"Page {len(cursors) + 1}", width="content")
        st.button(
            "Next", icon=":material/chevron_right:", icon_position="right", key="companies_next",
            disabled=not page["next_cursor"], on_click=_turn, args=(page["next_cursor"],),
        )  # fmt: skip


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
    show_chips(COMPANIES, OF_COMPANIES, _restart)
    with guarded():
        cursors = state.setdefault("companies_cursors", [])
        found = visit.api.companies(asked, limit=PAGE, cursor=cursors[-1] if cursors else None)
        if found["items"]:
            _foot(found, asked, _table(found["items"]))
        else:
            _nobody(asked)


TABS = ("Feed", "More like these", "Proof")
with st.container(horizontal=True, vertical_alignment="center"):
    page_title("Companies")
    st.space("stretch")
    st.caption(as_of(freshness(visit.organization_id)["marts"], "built"), width="content")
feed, search, proof = st.tabs(TABS, key="companies_tab", on_change="rerun")
if feed.open:
    with feed:
        _feed()
if search.open:
    with search:
        show_search(visit, _facets)
if proof.open:
    with proof:
        show_proof(visit.organization_id)
show_company()
show_drawer()
