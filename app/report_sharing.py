"""The Share button of a dashboard: a link that shows it, as it is filtered now, to somebody without an account."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.api_transport import Json
from app.components import doing, guarded, now, quiet_note, say_what_was_left
from app.formatting import ago, escaped, parse, plural
from app.session import Visit
from domain.permissions import Permission
from domain.reports.filters import TITLES, Frozen, ReportKind

MADE = "report_link_made"
PARTS = ["New link", "Links"]
LASTS = {7: "a week", 30: "a month", 90: "three months", 366: "a year"}
state = st.session_state


def share_button(visit: Visit, *offered: Frozen) -> None:
    """For those who may share; `offered` are the reports that the page stands for, with its filters."""
    if visit.may(Permission.ANALYTICS_SHARE) and st.button("Share", icon=":material/ios_share:", key="report_share"):
        state.pop(MADE, None)
        _share(visit, offered)


@st.dialog("Share a report", width="medium", on_dismiss="rerun")
def _share(visit: Visit, offered: Sequence[Frozen]) -> None:
    say_what_was_left(inside=True)
    part = st.segmented_control(
        "Part", PARTS, default=PARTS[0], required=True, key="report_share_part", label_visibility="collapsed"
    )
    if part == PARTS[0]:
        _new(visit, offered)
        return
    with guarded():
        links = visit.api.report_links()
        if not links:
            quiet_note("Nobody has shared a report yet.", "link_off")
        for link in links:
            _link(visit, link)


def _new(visit: Visit, offered: Sequence[Frozen]) -> None:
    made: Json | None = state.get(MADE)
    if made is not None:
        st.markdown(f"**{escaped(made['name'])}** is ready. Copy the link now: it is not shown again.")
        st.code(made["link"], language=None, wrap_lines=True)
        st.caption("Whoever holds it sees this report and nothing else. Each opening is noted in the audit log.")
        return
    with guarded(), st.form("report_share_form", border=False):
        chosen = st.selectbox(
            "Report", offered, format_func=lambda one: f"{TITLES[one.kind]}: {one.words}", key="report_share_kind",
            help="The filters stay as they are on the page now; the numbers are those of the day it is opened.",
        )  # fmt: skip
        name = st.text_input("Title", max_chars=120, placeholder=TITLES[offered[0].kind])
        left, right = st.columns(2)
        days = left.selectbox("Ends after", list(LASTS), index=1, format_func=LASTS.__getitem__)
        passcode = right.text_input(
            "Passcode", type="password", max_chars=256, placeholder="none",
            help="At least ten characters. It is asked for at every opening; tell it by another way than the link.",
        )  # fmt: skip
        if st.form_submit_button("Make the link", type="primary"):
            state[MADE] = visit.api.create_report_link(
                kind=chosen.kind, filters=chosen.chosen, name=name.strip(), days_open=days, passcode=passcode or None
            )
            st.rerun(scope="fragment")


def _link(visit: Visit, link: Json) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap=None):
            lock = " :material/lock:" if link["has_passcode"] else ""
            st.markdown(f"**{escaped(link['name'])}**{lock}")
            st.caption(f"{TITLES[ReportKind(link['kind'])]}: {escaped(link['about'])}  \n{_story(link)}")
        if link["is_open"]:
            st.button(
                "End", key=f"report_end_{link['report_link_id']}", icon=":material/block:",
                on_click=doing(
                    lambda: visit.api.revoke_report_link(link["report_link_id"]), "It opens nothing now", inside=True
                ),
            )  # fmt: skip


def _story(link: Json) -> str:
    ends = parse(link["expires_at"])
    end = "taken back" if link["revoked_at"] else f"{'until' if link['is_open'] else 'ended'} {ends:%-d %b %Y}"
    opened = (
        f"opened {plural(link['open_count'], 'time')}, last {ago(link['last_opened_at'], now())}"
        if link["open_count"]
        else "never opened"
    )
    return f"{end} · {opened}"
