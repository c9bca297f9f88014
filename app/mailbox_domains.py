"""Mailboxes → Domains: what DNS says of each sending domain, what to do about it, and the key that signs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.api_transport import ApiProblem, Json
from app.components import card_title, doing, empty_state, now, quiet_note, say_next
from app.formatting import ago, comma_separated, escaped, plural
from app.mailbox_words import CHECKS, STATES
from app.session import Visit
from domain.permissions import Permission


def show_domains(visit: Visit) -> None:
    found = visit.api.sending_domains()
    if not found:
        empty_state("dns", "No domain yet", "The domains of your mailboxes appear here once one is connected.")
    for domain in found:
        with st.container(border=True):
            _domain(visit, domain, may_write=visit.may(Permission.MAILBOXES_WRITE))


def _domain(visit: Visit, domain: Json, *, may_write: bool) -> None:
    name = domain["domain"]
    icon, color, words = STATES[domain["state"]]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {escaped(name)}", width="content")
        if domain["checked_at"]:
            st.badge(words, icon=icon, color=color)  # type: ignore[arg-type]
            st.caption(f"looked at {ago(domain['checked_at'], now())}", width="content")
        else:
            st.badge("Not looked at yet", color="gray")
        st.caption(plural(domain["mailbox_count"], "mailbox", "mailboxes"), width="content")
        st.space("stretch")
        st.button(
            "Check now", icon=":material/refresh:", key=f"check_{name}", disabled=not may_write,
            on_click=doing(lambda: visit.api.check_domain(name), "DNS was asked"),
        )  # fmt: skip
    for finding in domain["findings"]:
        _finding(finding)
    signs, limit, more = st.columns([5, 2, 3], gap="medium")
    with signs:
        _key(visit, domain, may_write=may_write)
    with limit:
        _cap(visit, domain, may_write=may_write)
    with more:
        _questions(visit, domain, may_write=may_write)


def _finding(finding: Json) -> None:
    icon, color, _ = STATES[finding["state"]]
    title, what = CHECKS.get(finding["check"], (finding["check"], ""))
    check, said, record = st.columns([3, 8, 1], vertical_alignment="center")
    check.markdown(f":{color}[{icon}] **{title}**", help=what)
    with said:
        st.markdown(escaped(finding["summary"]))
        if finding["advice"]:
            st.caption(f"{escaped(finding['advice'])}")
    if finding["records"]:
        with record, st.popover("", icon=":material/data_object:", help="The records found", width="content"):
            for each in finding["records"]:
                st.code(each, language=None, wrap_lines=True)


def _key(visit: Visit, domain: Json, *, may_write: bool) -> None:
    name, waiting = domain["domain"], domain["next_key"]
    card_title(
        "Signature (DKIM)", help="Needed where your own server sends; Google, Microsoft and others sign themselves."
    )
    if domain["dns_record"]:
        st.markdown(f":green[:material/check:] Our key signs, as `{domain['dkim_selector']}`.")
    elif not waiting:
        quiet_note("Nothing is signed here: the provider of the mailboxes does it, or a key made here.", "draw")
    if waiting:
        st.markdown(
            ":orange[:material/hourglass_top:] A key waits for its record. Publish this as **TXT**, then check:"
        )
        st.code(waiting["dns_name"], language=None)
        st.code(waiting["dns_record"], language=None, wrap_lines=True)
    elif may_write:
        st.button(
            "Make another key" if domain["dns_record"] else "Make a key", key=f"dkim_{name}", icon=":material/key:",
            help="The key that signs now goes on until the new one's record is seen.",
            on_click=doing(lambda: visit.api.make_dkim_key(name), "A key is made: publish its record"),
        )  # fmt: skip
    if domain["dns_record"]:
        with st.popover("Its record", icon=":material/data_object:", width="content"):
            st.code(domain["dns_name"], language=None)
            st.code(domain["dns_record"], language=None, wrap_lines=True)


def _cap(visit: Visit, domain: Json, *, may_write: bool) -> None:
    card_title("Limit", help="Messages a day from all mailboxes of the domain together.")
    wanted = st.number_input(
        "A day", 1, 1_000_000, domain["per_day"], key=f"cap_{domain['domain']}", placeholder="none",
        disabled=not may_write, label_visibility="collapsed",
    )  # fmt: skip
    if wanted != domain["per_day"]:
        _sent(lambda: visit.api.set_domain_cap(domain["domain"], wanted), "The limit holds from now on")


def _questions(visit: Visit, domain: Json, *, may_write: bool) -> None:
    name, asked = domain["domain"], domain["asked"]
    card_title("Asked besides", help="What the checks need to know that DNS does not say.")
    said = [
        *(f"selector {each}" for each in asked["selectors"]),
        *([f"include {asked['spf_include']}"] if asked["spf_include"] else []),
        *(f"server {each}" for each in asked["addresses"]),
        *([f"tracking at {asked['tracking_host']}"] if asked["tracking_host"] else []),
    ]
    st.caption(escaped(", ".join(said)) or "Selectors, SPF of your provider, your own server, tracking host")
    if not may_write:
        return
    with st.popover("Change", icon=":material/edit:", width="content"), st.form(f"asked_{name}", border=False):
        selectors = st.text_input(
            "DKIM selectors of your provider", ", ".join(asked["selectors"]), placeholder="s1, s2"
        )
        include = st.text_input("SPF must include", asked["spf_include"], placeholder="_spf.google.com")
        addresses = st.text_input(
            "IP addresses of an own server", ", ".join(asked["addresses"]), placeholder="192.0.2.10"
        )
        tracking = st.text_input("Host of tracked links", asked["tracking_host"], placeholder=f"go.{name}")
        if st.form_submit_button("Save"):
            _sent(
                lambda: visit.api.ask_of_domain(
                    name, selectors=comma_separated(selectors), spf_include=include.strip(), addresses=comma_separated(addresses),
                    tracking_host=tracking.strip(),
                ), "Kept: check now to ask",
            )  # fmt: skip


def _sent(act: Callable[[], Any], done: str) -> None:
    try:
        act()
    except ApiProblem as problem:
        st.error(problem.words)
        return
    say_next(done)
    st.rerun()
