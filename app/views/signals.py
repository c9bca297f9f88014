"""Signals: which companies are warm today and why, what came in, what it sets off and is worth, and what was refused."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from app import session
from app.api_transport import Json
from app.company_drawer import open_company, show_company
from app.components import empty_state, guarded, now, page_title, quiet_note, say_next
from app.contact_drawer import show_drawer
from app.formatting import ago, plural
from app.mailbox_reports import show_reports
from app.play_list import show_plays
from app.signal_feeds import show_feeds
from app.signal_lift import show_lift
from app.signal_words import KINDS, REASONS, file_words, kind_words, made_of, rows_of, spike_words, told_words
from domain.permissions import Permission
from domain.signals import USUAL, SignalKind

visit = session.current()
state = st.session_state
may_tell = visit.may(Permission.COMPANIES_WRITE)
COLUMNS = "kind, title or url, and one of email, domain, contact_id or company_id"
EXAMPLE = "kind,domain,title,url,observed_at\nfunding,rocket.example,Raised a round,https://news.example/1,2026-03-02\n"


@st.dialog("Add a signal")
def _add() -> None:
    with guarded(), st.form("signals_add", border=False):
        kind = st.selectbox("Kind", list(SignalKind), format_func=kind_words)
        whom = st.text_input("Whom it is about", placeholder="E-mail address or domain", max_chars=320)
        title = st.text_input("What happened", max_chars=300)
        url = st.text_input("Where it stands", placeholder="https://", max_chars=1000)
        on = st.date_input("When", value="today", max_value="today")
        if st.form_submit_button("Add", type="primary"):
            about = "email" if "@" in whom else "domain"
            item = {"kind": kind.value, about: whom, "title": title, "url": url, "observed_at": f"{on:%Y-%m-%d}"}
            _tell([item], "by_hand")


@st.dialog("Upload signals", width="medium")
def _upload() -> None:
    st.markdown(f"A CSV with {COLUMNS}; `observed_at`, `strength`, `half_life_days` and `dedupe_key` if you know them.")
    st.download_button("An example", EXAMPLE, "signals.csv", "text/csv", icon=":material/download:")
    file = st.file_uploader("File", type="csv", key="signals_file", label_visibility="collapsed")
    if file is None:
        return
    try:
        rows, ignored = rows_of(file.getvalue().decode("utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        st.warning(str(error) if not isinstance(error, UnicodeDecodeError) else "Save the file as UTF-8.")
        return
    st.markdown(file_words(rows, ignored))
    with guarded():
        if st.button("Take them in", type="primary", disabled=not rows):
            _tell(rows, "csv")


def _tell(items: list[Json], source: str) -> None:
    told = visit.api.tell_signals(items, source)
    if told["refused"] and len(items) == 1:
        reason = visit.api.rejected_signals()["items"][-1]["message"] if visit.may(Permission.QUALITY_READ) else ""
        st.warning(f"Not taken: {reason or 'it is not a signal'}. It is kept under Refused.")
        return
    say_next(told_words(told).capitalize())
    st.rerun()


def _warm() -> None:
    found = visit.api.warm_companies()
    items = found["items"]
    if not items:
        _nothing_yet()
        return
    unusual = sum(item["spike"] is not None for item in items)

    def clicked() -> None:
        if (click := state["signals_open"]) is not None:
            open_company(items[int(click["row"])]["company_id"])

    config = st.column_config
    st.dataframe(
        pd.DataFrame(
            {
                "Company": [item["name"] for item in items],
                "Warmth": [item["heat"] for item in items],
                "Made of": [made_of(item["by_kind"]) for item in items],
                "This week": [spike_words(item["spike"]) for item in items],
                "Signals": [item["signal_count"] for item in items],
                "Newest": [ago(item["last_at"], now()) for item in items],
            }
        ),
        hide_index=True, row_height=36, alt="Companies by what their signals weigh today",
        column_config={
            "Company": config.ButtonColumn(
                "Company", width=190, pinned=True, alignment="left", type="tertiary", on_click=clicked,
                key="signals_open",
            ),
            "Warmth": config.ProgressColumn(
                "Warmth", min_value=0, max_value=max(100, *(item["heat"] for item in items)), format="%.0f", width=120,
                help="The sum of what each signal still weighs: half after its half-life, a quarter after two.",
            ),
            "Made of": config.TextColumn("Made of", width=260),
            "This week": config.TextColumn(
                "This week", width=190,
                help="More than the company is used to, by its own last twelve weeks. By chance alone, at most one "
                "company of all that are looked at is expected here.",
            ),
            "Signals": config.NumberColumn("Signals", width=80),
            "Newest": config.TextColumn("Newest", width=110),
        },
    )  # fmt: skip
    total = plural(found["company_count"], "company", "companies")
    st.caption(f"{total} with signals in the last year, {unusual} with more than usual this week.")
    if found["spikes_from"]:
        quiet_note(
            f"What is unusual is told from {pd.Timestamp(found['spikes_from']):%-d %b %Y}: three weeks of signals are needed."
        )


def _feed() -> None:
    chosen = st.multiselect(
        "Kinds", list(KINDS), format_func=kind_words, key="signals_kinds", placeholder="All kinds", width=420,
        label_visibility="collapsed",
    )  # fmt: skip
    found = visit.api.signals([f"kind:in:{','.join(chosen)}"] if chosen else [])
    items = found["items"]
    if not items:
        if chosen:
            empty_state("search_off", "None of these kinds", "Choose others to see more.")
        else:
            _nothing_yet()
        return
    st.dataframe(
        pd.DataFrame(
            {
                "When": [ago(item["observed_at"], now()) for item in items],
                "Kind": [kind_words(item["kind"]) for item in items],
                "About": [item["contact_name"] or item["company_name"] or "–" for item in items],
                "Company": [item["company_name"] or "" for item in items],
                "What happened": [item["title"] or item["url"] for item in items],
                "Left of it": [item["weight"] for item in items],
                "At first": [item["strength"] for item in items],
                "Where": [item["url"] or "" for item in items],
                "From": [item["source"] for item in items],
            }
        ),
        hide_index=True, row_height=36, alt="Signals, newest first",
        column_config={
            "What happened": st.column_config.TextColumn(width=280),
            "Left of it": st.column_config.NumberColumn(format="%.0f", width=80),
            "At first": st.column_config.NumberColumn(format="%.0f", width=70),
            "Where": st.column_config.LinkColumn(display_text="Open", width=70),
        },
    )  # fmt: skip
    if found["next_cursor"]:
        st.caption(f"The newest {len(items)} of {found['total']:,}{'+' if found['total'] > 10_000 else ''}.")
    with st.expander("What each kind weighs, and how fast it fades"):
        st.caption("Where a signal does not say it itself. These are where everybody starts from, not measurements.")
        st.dataframe(
            pd.DataFrame(
                {
                    "Kind": [kind_words(kind) for kind in USUAL],
                    "Points": [usual.strength for usual in USUAL.values()],
                    "Half is left after": [f"{usual.half_life_days:g} days" for usual in USUAL.values()],
                }
            ), hide_index=True,
        )  # fmt: skip


def _refused(found: Json) -> None:
    items = found["items"]
    if not items:
        empty_state(
            "task_alt", "Nothing was refused", "What cannot be understood, or is about nobody here, waits here."
        )
        return
    st.button(
        "Try all again", icon=":material/replay:", key="signals_replay", on_click=_replay,
        disabled=not visit.may(Permission.QUALITY_WRITE), help="What is about nobody here gets through once they are known.",
    )  # fmt: skip
    st.dataframe(
        pd.DataFrame(
            {
                "Came": [ago(item["received_at"], now()) for item in items],
                "Why": [REASONS.get(item["reason"], item["reason"]) for item in items],
                "In words": [item["message"] for item in items],
                "As it came": [item["body"] for item in items],
                "From": [item["source"] for item in items],
                "Tried again": [item["attempts"] for item in items],
            }
        ), hide_index=True, row_height=36, alt="Refused signals with their reasons",
    )  # fmt: skip


def _replay() -> None:
    with guarded():
        answer = visit.api.replay_rejected_signals()
        st.toast(f"{answer['got_through']} of {plural(answer['tried'], 'signal')} got through")


def _sources() -> None:
    if visit.may(Permission.SETTINGS_WRITE):
        show_feeds(visit)
    if visit.may(Permission.MAILBOXES_WRITE):
        show_reports(visit, "signals")


def _nothing_yet() -> None:
    empty_state(
        "sensors",
        "No signals yet",
        "Add one by hand, upload a CSV, or let a feed or a program tell of them (Sources). A signal is about a contact or a "
        "company that is known here.",
    )


with guarded():
    with st.container(horizontal=True, vertical_alignment="center"):
        page_title("Signals", "What happened at companies that may be about to buy, fading as it ages.")
        st.space("stretch")
        if may_tell:
            st.button("Add a signal", icon=":material/add:", key="signals_new", on_click=_add)
            st.button("Upload CSV", icon=":material/upload_file:", key="signals_upload", on_click=_upload)
    rejected = visit.api.rejected_signals() if visit.may(Permission.QUALITY_READ) else None
    waiting = sum(rejected["reasons"].values()) if rejected else 0
    shows: dict[str, Callable[[], None]] = {"Companies": _warm, "Feed": _feed}
    if visit.may(Permission.SETTINGS_READ):
        shows["Plays"] = show_plays
    shows["Lift"] = show_lift
    if visit.may(Permission.SETTINGS_WRITE) or visit.may(Permission.MAILBOXES_WRITE):
        shows["Sources"] = _sources
    if rejected:
        shows[f"Refused · {waiting}" if waiting else "Refused"] = lambda: _refused(rejected or {})
    tabs = st.tabs(list(shows), key="signals_tab", on_change="rerun")
    for tab, show in zip(tabs, shows.values(), strict=True):
        if tab.open:
            with tab:
                show()
    show_company()
    show_drawer()
