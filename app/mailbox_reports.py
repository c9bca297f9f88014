"""Addresses that others report to: providers what became of messages (Mailboxes → Delivery reports), programs their signals
(Signals → Sources); and what was not believed."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app.api_transport import Json
from app.components import card_title, doing, empty_state, guarded, now, quiet_note, say_next
from app.formatting import ago, escaped, parse, plural
from app.session import Visit

state = st.session_state
MADE = "mailbox_reports_made"
REASONS = {
    "no_secret": "No secret is set yet",
    "not_signed": "It carried no signature",
    "too_old_or_too_new": "Its time was more than five minutes off",
    "wrong_signature": "Its signature was made with another secret",
    "unreadable": "It could not be read",
    "unknown_message": "It names a message that is not known here",
}


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    help: str
    empty: tuple[str, str, str]
    noun: str


WORDS = {
    "messages": Words(
        "Delivery reports",
        "Deliveries, bounces and complaints come here within seconds. A hard bounce or a complaint stops the address at once. "
        "Only what is signed with the secret is believed.",
        (
            "mark_email_read", "No provider reports yet",
            "A provider such as Resend knows what arrived, what bounced and who complained. Give it an address to tell us.",
        ),
        "report",
    ),
    "signals": Words(
        "Addresses that programs send signals to",
        "Only what is signed with the secret is believed. What is about nobody here waits under Refused.",
        (
            "webhook", "No program sends signals yet",
            "A service that watches the news, or a program of yours, can send signals as they come. Give it an address.",
        ),
        "call",
    ),
}  # fmt: skip


def show_reports(visit: Visit, tells_of: str = "messages") -> None:
    """For whoever may change mailboxes."""
    found, words = visit.api.provider_webhooks(), WORDS[tells_of]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        card_title(words.title, help=words.help)
        if st.button("New address", icon=":material/add_link:", key="reports_add"):
            _add(visit, [each for each in found["known_providers"] if each["tells_of"] == tells_of])
    if (made := state.get(MADE)) is not None:
        _show_once(made)
    items = [each for each in found["items"] if each["tells_of"] == tells_of]
    if not items:
        empty_state(*words.empty)
    for webhook in items:
        with st.container(border=True):
            _one(visit, webhook)


@st.dialog("Where a provider reports to")
def _add(visit: Visit, known: list[Json]) -> None:
    titles = {each["name"]: each["title"] for each in known}
    with guarded(), st.form("reports_new", border=False):
        provider = next(iter(titles))
        if len(titles) > 1:
            provider = st.selectbox("Provider", list(titles), format_func=lambda name: titles[name])
        name = st.text_input("Name", max_chars=80, placeholder="so that you know it again; may stay empty")
        if st.form_submit_button("Make the address", type="primary"):
            made = visit.api.create_provider_webhook(provider, name.strip())
            if made["secret"]:
                state[MADE] = made
            else:
                say_next("The address is made: now set its secret")
            st.rerun()


def _show_once(made: Json) -> None:
    with st.container(border=True):
        st.markdown("Copy the secret now: it is not shown again. Reports are signed with it.")
        st.code(made["secret"], language=None, wrap_lines=True)
        st.button("I have it", key="reports_copied", on_click=lambda: state.pop(MADE, None))


def _one(visit: Visit, webhook: Json) -> None:
    key = f"reports_{webhook['provider_webhook_id']}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escaped(webhook['name'] or webhook['title'])}**", width="content")
        if not webhook["has_secret"]:
            st.badge("Waits for its secret", icon=":material/key:", color="orange")
        elif webhook["last_report_at"]:
            st.badge(f"Reported {ago(webhook['last_report_at'], now())}", icon=":material/check_circle:", color="green")
        else:
            st.badge("Nothing came yet", color="gray")
        st.space("stretch")
        with st.popover("", icon=":material/more_horiz:", help="Remove", width="content"):
            st.caption("Nothing is taken at this address any more.")
            st.button(
                "Remove", icon=":material/delete:", key=f"{key}_remove",
                on_click=doing(lambda: visit.api.remove_provider_webhook(webhook["provider_webhook_id"]), "Removed"),
            )  # fmt: skip
    st.caption(webhook["steps"])
    st.code(webhook["url"], language=None, wrap_lines=True)
    counts = webhook["counts"]
    ignored = f"{counts.get('ignored', 0)} not about our messages, " if webhook["tells_of"] == "messages" else ""
    taken = plural(counts.get("taken", 0), WORDS[webhook["tells_of"]].noun)
    st.markdown(f"In 30 days **{taken}** taken, {ignored}{counts.get('rejected', 0)} rejected.")
    _secret(visit, webhook, key)
    if webhook["rejected"]:
        _rejected(visit, webhook, key)


def _secret(visit: Visit, webhook: Json, key: str) -> None:
    if webhook["former_ends_at"]:
        quiet_note(f"The former secret is believed until {parse(webhook['former_ends_at']):%-d %b %H:%M} UTC too.")
    webhook_id = webhook["provider_webhook_id"]
    if not webhook["makes_secret"]:
        if st.button("New secret", icon=":material/key:", key=f"{key}_new"):
            state[MADE] = visit.api.set_provider_secret(webhook_id, None)
            st.rerun()
        return
    with st.form(f"{key}_secret", border=False, clear_on_submit=True):
        typed, save = st.columns([5, 1], vertical_alignment="bottom")
        secret = typed.text_input(
            "Signing secret", type="password", placeholder="kept; paste another to replace it" if webhook["has_secret"] else "whsec_…",
            autocomplete="off",
        )  # fmt: skip
        if save.form_submit_button("Save", width="stretch") and secret.strip():
            with guarded():
                visit.api.set_provider_secret(webhook_id, secret.strip())
                say_next("The secret is kept, encrypted")
                st.rerun()


def _rejected(visit: Visit, webhook: Json, key: str) -> None:
    with st.expander(f"Rejected ({len(webhook['rejected'])})", icon=":material/gpp_bad:"):
        st.caption("Kept for 30 days. Once what was wrong is mended, read them again: none is taken twice.")
        for each in webhook["rejected"]:
            report_id = each["provider_report_id"]
            said, when, act = st.columns([6, 2, 2], vertical_alignment="center")
            said.markdown(escaped(REASONS.get(each["reason"], each["reason"])))
            when.caption(ago(each["received_at"], now()))
            if act.button("Read again", key=f"{key}_{report_id}", width="stretch"):
                with guarded():
                    outcome = visit.api.replay_provider_report(webhook["provider_webhook_id"], report_id)
                    reason = REASONS.get(outcome["reason"], outcome["reason"])
                    say_next("Taken" if outcome["status"] != "rejected" else f"Rejected again: {reason}")
                    st.rerun()
