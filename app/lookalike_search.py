"""Find more like these: seeds to be like and unlike, filters, and the ranking with its reasons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from app.api_client import ApiClient, CompanyQuery
from app.api_transport import ApiProblem, Json
from app.company_drawer import open_company
from app.company_table import status_column
from app.components import empty_state, guarded, is_answered, problem_box, quiet_note
from app.formatting import COMPANY_LABELS, escaped, plural
from app.lookalike_marks import KIND_LABELS, mark_column, show_marking, ticking_key
from app.session import Visit
from domain.lookalikes import MarkKind

NAMES, LIKE, UNLIKE, ANSWER = "like_names", "like_like", "like_unlike", "like_answer"
MOST_FOUND = 100


def add_seeds(chosen: list[tuple[str, str]], side: str) -> None:
    """Companies, as id and name, to be `like` or `unlike`; one that changes sides leaves the other."""
    state = st.session_state
    state.setdefault(NAMES, {}).update(dict(chosen))
    ids = [company_id for company_id, _ in chosen]
    mine, others = (LIKE, UNLIKE) if side == "like" else (UNLIKE, LIKE)
    state[mine] = list(dict.fromkeys([*state.get(mine, []), *ids]))
    state[others] = [company_id for company_id in state.get(others, []) if company_id not in set(ids)]
    state.pop(ANSWER, None)


def show_search(visit: Visit, facets: Callable[[str, ApiClient], Json]) -> None:
    """The form on the left, the answer on the right; without a question, the standing search of the organization."""
    try:
        choices = facets(visit.organization_id, visit.api)
    except ApiProblem as problem:
        problem_box(problem)
        return
    form, answer = st.columns([1, 3], gap="medium")
    with form, st.container(border=True):
        asked = _form(choices)
    with answer, guarded():
        search_id = st.session_state.get(ANSWER)
        if search_id:
            _answer(visit, visit.api.lookalikes(search_id))
        elif asked is None:
            _standing(visit)
        else:
            found = visit.api.find_lookalikes(**asked)
            st.session_state[ANSWER] = found["lookalike_search_id"]
            _answer(visit, found)


def _form(choices: Json) -> dict[str, Any] | None:
    """What is asked for when the button is pressed or seeds came from the feed; None before that."""
    state = st.session_state
    names: dict[str, str] = state.get(NAMES, {})

    def changed() -> None:
        state.pop(ANSWER, None)

    st.markdown("**Like**")
    customers = st.toggle("My customers", value=not state.get(LIKE), key="like_customers", on_change=changed)
    like = st.multiselect(
        "Companies to be like", list(names), key=LIKE, format_func=lambda each: names.get(each, each),
        placeholder="Select rows in the feed", label_visibility="collapsed", on_change=changed, persist_state="session",
    )  # fmt: skip
    st.markdown("**Unlike**")
    lost = st.toggle("Lost deals", key="like_lost", on_change=changed)
    unlike = st.multiselect(
        "Companies to be unlike", list(names), key=UNLIKE, format_func=lambda each: names.get(each, each),
        placeholder="Select rows in the feed", label_visibility="collapsed", on_change=changed, persist_state="session",
    )  # fmt: skip
    st.markdown("**Only**")
    industries = st.multiselect(
        "Industry", choices["industries"], key="like_industries", placeholder="Industry",
        label_visibility="collapsed", on_change=changed, persist_state="session",
    )  # fmt: skip
    sizes = st.multiselect(
        "Employees", choices["sizes"], key="like_sizes", placeholder="Employees", label_visibility="collapsed",
        on_change=changed, persist_state="session",
    )  # fmt: skip
    countries = st.multiselect(
        "Country", choices["countries"], key="like_countries", placeholder="Country", label_visibility="collapsed",
        on_change=changed, persist_state="session",
    )  # fmt: skip
    visited = st.toggle("That visited the site", key="like_visited", on_change=changed)
    st.caption("Customers, open deals, suppressed companies and those you excluded are left out.")
    pressed = st.button(
        "Find companies", type="primary", icon=":material/hub:", width="stretch", key="like_find",
        disabled=not (customers or like),
    )  # fmt: skip
    if not (pressed or (like and ANSWER not in state)):
        return None
    state.pop(ANSWER, None)
    return {
        "positive_ids": like, "negative_ids": unlike, "from_customers": customers, "from_lost": lost,
        "industries": industries, "sizes": sizes, "countries": countries, "has_visits": True if visited else None,
        "limit": MOST_FOUND,
    }  # fmt: skip


def _standing(visit: Visit) -> None:
    found = visit.api.companies(CompanyQuery(sort="lookalike_rank"), limit=MOST_FOUND)
    if not found["items"]:
        empty_state(
            "hub", "Nothing to be like yet",
            "Five customers are enough to begin: a won deal or the stage Customer makes one. Or select companies in the "
            "feed and press “Find more like these”.",
        )  # fmt: skip
        return
    st.markdown("**Most like your customers, as of the last build**")
    _table(visit, [{**item["lookalike"], "company": item} for item in found["items"]])


def _answer(visit: Visit, found: Json) -> None:
    if not is_answered(found, "like_again"):
        return
    for note in found["notes"]:
        quiet_note(note)
    if not found["items"]:
        return
    seeds = plural(found["positive_count"], "seed")
    against = f", {found['negative_count']:,} against" if found["negative_count"] else ""
    st.markdown(
        f"**{plural(len(found['items']), 'company', 'companies')} of {found['candidate_count']:,}** "
        f":gray[· from {seeds}{against} · {found['text_weight']:.0%} by texts ({escaped(found['embedder'])}), "
        f"{1 - found['text_weight']:.0%} by firmographics]"
    )
    _table(visit, [one for one in found["items"] if one["company"]])


def _table(visit: Visit, items: list[Json]) -> None:
    def clicked() -> None:
        click = st.session_state["like_open"]
        if click is not None:
            open_company(items[int(click["row"])]["company"]["company_id"])

    config = st.column_config
    marked = any(one["company"]["lookalike_mark"] for one in items)
    frame = pd.DataFrame(
        [
            {
                "Company": one["company"]["name"],
                "Likeness": one["score"],
                **(
                    {"Mark": [KIND_LABELS[MarkKind.GOOD]] if one["company"]["lookalike_mark"] else []} if marked else {}
                ),
                "Why": one["summary"],
                "In common": one["reasons"],
                "Industry": one["company"]["industry"] or "",
                "Employees": one["company"]["employee_count"],
                "Country": one["company"]["country"] or "",
                "Visits": one["company"]["session_count"],
                "Status": [COMPANY_LABELS[one["company"]["status"]]],
            }
            for one in items
        ]
    )
    chosen = st.dataframe(
        frame, key=ticking_key("like_table"), hide_index=True, row_height=36, height=min(38 + 36 * len(items), 38 + 36 * 15),
        on_select="rerun", selection_mode="multi-row", alt="Companies like the seeds, with what they share",
        column_config={
            "Company": config.ButtonColumn(
                "Company", width=160, pinned=True, alignment="left", type="tertiary", on_click=clicked, key="like_open"
            ),
            "Likeness": config.ProgressColumn(
                "Likeness", min_value=0, max_value=100, format="%d", width=105,
                help="The share of the seeds that it equals or beats in closeness to the other seeds.",
            ),
            "Mark": mark_column(),
            "Why": config.TextColumn("Why", width=300, help="The seed it is closest to, and what both are."),
            "In common": config.ListColumn("In common", width=260),
            "Industry": config.TextColumn("Industry", width=100),
            "Employees": config.NumberColumn("Employees", width=85, format="localized"),
            "Country": config.TextColumn("Country", width=70),
            "Visits": config.NumberColumn("Visits", width=60),
            "Status": status_column(),
        },
    )  # fmt: skip
    ticked = [items[row]["company"] for row in chosen.selection.rows if row < len(items)]
    if ticked:
        seeds = [(company["company_id"], company["name"]) for company in ticked]
        with st.container(horizontal=True, vertical_alignment="center"):
            show_marking(visit, seeds)
            st.space("stretch")
            st.button(
                "More like these", icon=":material/hub:", key="like_more", on_click=add_seeds, args=(seeds, "like"),
                type="tertiary", help="A search of your own; it says nothing to the ranking.",
            )  # fmt: skip
            st.button(
                "Less like these", icon=":material/block:", key="like_less", on_click=add_seeds,
                args=(seeds, "unlike"), type="tertiary",
            )  # fmt: skip
