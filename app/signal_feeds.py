"""Signals → Sources: feeds of news that are read for signals, and how their last reading went."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.api_transport import Json
from app.components import card_title, doing, empty_state, guarded, now, say_next
from app.formatting import ago, escaped, plural
from app.session import Visit
from app.signal_words import again_words, kind_words, rule_lines, rules_of
from domain.signals import SignalKind

HELP = (
    "RSS or Atom, read once an hour. An entry is about the companies here that its title names, or about the one company that "
    "the feed is of; what is about nobody here is left in the feed."
)


def show_feeds(visit: Visit) -> None:
    """For whoever may change settings."""
    found = visit.api.signal_feeds()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        card_title("Feeds of news", help=HELP)
        if st.button("New feed", icon=":material/rss_feed:", key="feeds_add"):
            _add(visit, found["usual_rules"])
    if not found["items"]:
        empty_state(
            "rss_feed", "No feeds are read yet", "Give the address of a news feed of your field, or of one company."
        )
    for feed in found["items"]:
        with st.container(border=True):
            _one(visit, feed)


@st.dialog("Read a feed", width="medium")
def _add(visit: Visit, usual_rules: Sequence[Json]) -> None:
    with guarded(), st.form("feeds_new", border=False):
        url = st.text_input("Address", placeholder="https://", max_chars=1000)
        name = st.text_input("Name", max_chars=80, placeholder="Trade news")
        about = st.text_input(
            "Domain of the one company it tells of", max_chars=253, placeholder="empty: titles name them"
        )
        kind = st.selectbox(
            "What its entries usually are",
            list(SignalKind),
            index=list(SignalKind).index(SignalKind.NEWS),
            format_func=kind_words,
        )
        rules = st.text_area(
            "Words that tell another kind", rule_lines(usual_rules), height=140,
            help="A line for each kind: `funding: raises, seed round`. The first line that fits says so.",
        )  # fmt: skip
        if st.form_submit_button("Read it", type="primary"):
            visit.api.create_signal_feed(
                url=url.strip(), name=name.strip(), about=about.strip(), kind=kind.value, rules=rules_of(rules)
            )
            say_next("The feed is read in a moment")
            st.rerun()


def _one(visit: Visit, feed: Json) -> None:
    feed_id = feed["signal_feed_id"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escaped(feed['name'])}**", width="content")
        if feed["problem"]:
            st.badge("Could not be read", icon=":material/error:", color="orange")
        elif feed["read_at"]:
            st.badge(f"Read {ago(feed['read_at'], now())}", icon=":material/check_circle:", color="green")
        else:
            st.badge("Not read yet", color="gray")
        st.space("stretch")
        st.button(
            "Read now", icon=":material/refresh:", key=f"feeds_{feed_id}_read",
            on_click=doing(lambda: visit.api.read_signal_feed(feed_id), "It is read in a moment"),
        )  # fmt: skip
        with st.popover("", icon=":material/more_horiz:", help="Remove", width="content"):
            st.caption("It is read no more. Signals that it told of stay.")
            st.button(
                "Remove", icon=":material/delete:", key=f"feeds_{feed_id}_remove",
                on_click=doing(lambda: visit.api.remove_signal_feed(feed_id), "Removed"),
            )  # fmt: skip
    st.caption(escaped(feed["url"]) + (f" · about {escaped(feed['about'])}" if feed["about"] else ""))
    if feed["problem"]:
        st.caption(
            f":material/error: {escaped(feed['problem'])}. It is tried again {again_words(feed['next_at'], now())}."
        )
    if feed["read_at"]:
        st.markdown(
            f"Last reading: {plural(feed['entry_count'], 'entry', 'entries')}, {feed['matched_count']} about companies here. "
            f"**{plural(feed['kept_count'], 'signal')}** in all."
        )
