"""One search for everything: people, companies and deals, opened where they stand."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import session
from app.api_client import CompanyQuery, ContactQuery
from app.api_transport import Json
from app.company_drawer import close_company, open_company
from app.components import guarded, quiet_note
from app.contact_drawer import close_drawer, open_drawer
from app.deal_drawer import close_deal, open_deal
from app.formatting import escaped, money
from domain.permissions import Permission

SHOWN = 6
SHORTEST = 2
"""Letters before anything is asked."""


def search_button() -> None:
    """In the sidebar; Ctrl+K opens it from anywhere."""
    if st.button("Search", icon=":material/search:", shortcut="Mod+K", width="stretch", key="search_open"):
        for close in (close_drawer, close_deal, close_company):  # one dialog at a time
            close()
        _search()


@st.dialog("Search", width="medium")
def _search() -> None:
    visit = session.current()
    words = st.text_input(
        "Search", key="search_words", type="search", live=True, label_visibility="collapsed",
        placeholder="A name, an e-mail address, a company, a deal",
    ).strip()  # fmt: skip
    if len(words) < SHORTEST:
        quiet_note(
            "Type two letters or more. The beginnings of words are enough: “ada ro” finds Ada at Rocket Works.",
            "keyboard",
        )
        return
    with guarded():
        count = _people(visit, words) + _companies(visit, words) + _deals(visit, words)
        if not count:
            quiet_note(f"Nothing here begins with “{escaped(words)}”.", "search_off")


def _people(visit: session.Visit, words: str) -> int:
    found = visit.api.contacts(ContactQuery(q=words), limit=SHOWN, with_total=False)["items"]
    for item in found:
        about = " · ".join(part for part in (item["title"], (item["company"] or {}).get("name")) if part)
        _line(("leads", item["contact_id"]), "person", item["display_name"], about, open_drawer)
    return len(found)


def _companies(visit: session.Visit, words: str) -> int:
    if not visit.may(Permission.COMPANIES_READ):
        return 0
    found: list[Json] = visit.api.companies(CompanyQuery(q=words), limit=SHOWN)["items"]
    for item in found:
        _line(("companies", item["company_id"]), "domain", item["name"], item["domain"] or "", open_company)
    return len(found)


def _deals(visit: session.Visit, words: str) -> int:
    if not visit.may(Permission.DEALS_READ):
        return 0
    found = visit.api.deals([f"name:contains:{words}"], limit=SHOWN)["items"]
    for item in found:
        amount = money(item["amount_minor"], item["currency"])
        _line(("deals", item["deal_id"]), "handshake", item["name"], amount, open_deal)
    return len(found)


def _line(place: tuple[str, str], icon: str, name: str, about: str, opens: Callable[[str], None]) -> None:
    """One find; `place`: the page that shows it, and its id there."""
    page, identity = place
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
        key = f"search_{page}_{identity}"
        if st.button(escaped(name), icon=f":material/{icon}:", type="tertiary", key=key, width="content"):
            opens(identity)
            st.switch_page(f"views/{page}.py")
        st.caption(escaped(about), width="content", wrap=False)
