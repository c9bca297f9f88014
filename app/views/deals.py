"""Deals: the board of a pipeline, moved by hand; what it is worth; and the drawer of a deal."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app import session
from app.api_transport import Json
from app.clients import clients_instead
from app.components import attempt, empty_state, guarded, now, page_title, say_next, say_what_was_left, tile
from app.deal_drawer import asked_fields, close_deal, open_deal, owner_input, show_deal, stage_name
from app.deal_words import columns, sums
from app.formatting import CURRENCIES, escaped, money, plural
from app.kanban import board as draw_board
from domain.imports.money import minor_digits
from domain.permissions import Permission

EVERYBODY, MINE = "Everybody's", "Mine"
CARDS = 100
visit = session.current()
state = st.session_state


@st.cache_data(ttl=30, max_entries=500, show_spinner=False)
def _members(organization_id: str, _api: Any) -> list[Json]:  # noqa: ARG001  the organization is the cache's key
    return _api.members() if visit.may(Permission.MEMBERS_READ) else []


def _filters(search: str, whose: str | None) -> list[str]:
    wanted = [f"name:contains:{search.strip()}"] if search.strip() else []
    if whose == MINE and visit.me["user_id"]:
        wanted.append(f"owner_user_id:eq:{visit.me['user_id']}")
    return wanted


@st.dialog("New deal")
def _new_deal(pipeline: Json) -> None:
    with guarded(), st.form("deals_new", border=False):
        name = st.text_input("Name", max_chars=200, placeholder="What it is about")
        worth, in_which = st.columns([3, 1])
        amount = worth.number_input("Amount", min_value=0.0, step=100.0)
        currency = in_which.selectbox("Currency", list(dict.fromkeys([visit.currency, *CURRENCIES])))
        is_open = [stage["key"] for stage in pipeline["stages"] if stage["counts_as"] not in {"won", "lost"}]
        stage = st.selectbox("Stage", is_open, format_func=lambda key: stage_name(pipeline, key))
        owner = owner_input("Owner", visit.me["user_id"])
        if st.form_submit_button("Create", type="primary"):
            if not name.strip():
                st.warning("Give it a name.")
            elif attempt(
                lambda: visit.api.create_deal(
                    name=name.strip(), amount_minor=round(amount * 10 ** minor_digits(currency)), currency=currency,
                    pipeline=pipeline["key"], stage=stage, owner_user_id=owner,
                ),
                "Deal created", reruns=True,
            ):  # fmt: skip
                st.rerun()


@st.dialog("This stage asks for more")
def _ask(refused: Json, pipeline: Json) -> None:
    """A card was dropped where something is missing: fill it in here, and it moves."""
    with guarded():
        deal = visit.api.deal(refused["deal_id"])
        stage = next(found for found in pipeline["stages"] if found["key"] == refused["stage"])
        st.markdown(f"**{escaped(deal['name'])}** → **{escaped(stage['name'])}**")
        with st.form("deals_ask", border=False):
            answers = asked_fields(stage["requires"], deal, pipeline)
            if st.form_submit_button(f"Move to {stage['name']}", type="primary") and attempt(
                lambda: visit.api.move_deal(deal["deal_id"], stage["key"], **answers),
                f"Moved to {stage['name']}",
                reruns=True,
            ):
                st.rerun()


@st.fragment
def _board(pipeline: Json, filters: list[str]) -> None:
    say_what_was_left()
    found = visit.api.board(pipeline["key"], filters, limit=CARDS)
    owners = {
        member["user_id"]: member["name"] or member["email"] for member in _members(visit.organization_id, visit.api)
    }
    is_open, weighted, won = sums(found)
    currency = found["currency"]
    with st.container(horizontal=True, gap="small"):
        tile(
            "Open",
            money(is_open, currency),
            definition="Everything in a stage that is neither won nor lost.",
            fresh=":material/bolt: live",
        )
        tile(
            "Weighted",
            money(weighted, currency),
            definition="Each deal times its probability.",
            fresh=":material/bolt: live",
        )
        tile("Won", money(won, currency), definition="All that this pipeline has won.", fresh=":material/bolt: live")
        rotting = sum(deal["is_rotting"] for column in found["columns"] for deal in column["deals"])
        idle = sum(
            not deal["has_next_activity"] and deal["closed_at"] is None
            for column in found["columns"]
            for deal in column["deals"]
        )
        tile("Need a push", str(rotting), definition="On this board and longer in their stage than they should be.",
             fresh=f":material/event_busy: {plural(idle, 'deal')} with nothing planned")  # fmt: skip
    is_empty = not any(column["deal_count"] for column in found["columns"]) and not filters
    if is_empty and not clients_instead(visit, "deals", "view_kanban"):
        empty_state(
            "view_kanban", "No deals yet",
            "A deal is money that may come of a contact. Make one with “New deal”, or import a file of them under Imports.",
        )  # fmt: skip
    happened = draw_board(
        {
            "columns": columns(found, owners, now()),
            "pipeline": pipeline["key"],
            "csrf": visit.me["csrf_token"] or "",
            "organization_id": visit.organization_id,
            "may_move": visit.may(Permission.DEALS_WRITE),
            "empty": "Nothing here",
            "revision": state.get("deals_revision", 0),
        },
        key=f"deals_board_{visit.organization_id}_{pipeline['key']}",
    )
    _hear(happened, pipeline)


def _hear(happened: Any, pipeline: Json) -> None:
    """What a person did on the board. Each of it is heard once."""
    if happened.moved:
        say_next(f"{happened.moved['name']} → {happened.moved['stage']}")
        state["deals_revision"] = state.get("deals_revision", 0) + 1
        st.rerun(scope="fragment")
    if happened.refused:
        if happened.refused["code"] == "stage_refused":
            _ask(happened.refused, pipeline)
        else:
            say_next(f"{happened.refused['detail']} {happened.refused['hint']}".strip(), is_refused=True)
            state["deals_revision"] = state.get("deals_revision", 0) + 1
            st.rerun(scope="fragment")
    if happened.opened:
        open_deal(happened.opened["deal_id"])
        st.rerun()


with guarded():
    pipelines = visit.api.pipelines()
    by_key = {found["key"]: found for found in pipelines}
    with st.container(horizontal=True, vertical_alignment="center"):
        page_title("Deals")
        st.space("stretch")
        chosen = st.selectbox(
            "Pipeline", list(by_key), format_func=lambda key: by_key[key]["name"], key="deals_pipeline",
            label_visibility="collapsed", width=180,
        ) if len(pipelines) > 1 else next(iter(by_key))  # fmt: skip
        search = st.text_input(
            "Search", key="deals_search", type="search", live=True, width=220, label_visibility="collapsed",
            placeholder="Name of a deal",
        )  # fmt: skip
        whose = st.segmented_control(
            "Whose",
            [EVERYBODY, MINE],
            default=EVERYBODY,
            required=True,
            key="deals_whose",
            label_visibility="collapsed",
        )
        if visit.may(Permission.DEALS_WRITE) and st.button(
            "New deal", icon=":material/add:", type="primary", shortcut="N"
        ):
            close_deal()
            _new_deal(by_key[str(chosen)])
    _board(by_key[str(chosen)], _filters(search, whose))
    show_deal()
