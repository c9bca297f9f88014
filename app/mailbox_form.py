"""The dialog that connects a mailbox or edits one. Passwords are typed in and never shown again."""

from __future__ import annotations

from datetime import time
from typing import Any

import streamlit as st

from app.api_transport import ApiProblem, Json
from app.components import quiet_note, say_next
from app.mailbox_words import DAYS, PROVIDERS, SECURITY, Provider, hours_text, plain_hours
from app.session import Visit
from domain.time_zones import time_zone_names

ADDRESS_HELP = "What people see as the sender. It must be the account's own address, or one it may send as."
USUAL_RAMP = {"start": 10, "step": 5, "ceiling": 50}
CAP_HELP = "The smallest limit wins, whichever it is."
CONNECTING = {"smtp": "Servers", "file": ""}
"""The tab of how it is connected, by transport; empty where there is nothing to say."""


def open_form(visit: Visit, mailbox: Json | None = None) -> None:
    title = f"Edit {mailbox['address']}" if mailbox else "Connect a mailbox"
    st.dialog(title, width="large")(_form)(visit, mailbox)


def _form(visit: Visit, mailbox: Json | None) -> None:
    key = f"mailbox_form_{mailbox['mailbox_id'] if mailbox else 'new'}"
    provider = PROVIDERS[0] if mailbox else _provider(key)
    transport = mailbox["transport"] if mailbox else provider.transport
    fields: Json = {} if mailbox else {"address": "", "transport": transport}
    left, right = st.columns(2)
    if not mailbox:
        fields["address"] = left.text_input("Address", key=f"{key}_address", placeholder="mara@northwind.example",
                                            help=ADDRESS_HELP).strip()  # fmt: skip
    else:
        left.text_input("Address", mailbox["address"], disabled=True, key=f"{key}_address")
    fields["display_name"] = right.text_input(
        "Name that people see", (mailbox or {}).get("display_name", visit.me["name"] or ""), key=f"{key}_name"
    )
    if connecting := CONNECTING.get(transport, "Connection"):
        connection, limits, letter = st.tabs([connecting, "Limits and hours", "In every letter"])
        with connection:
            if transport == "smtp":
                fields |= _smtp(key, mailbox, provider, fields.get("address", ""))
            else:
                fields |= _api_key(key, mailbox)
            fields |= _imap(key, mailbox, provider, fields)
    else:
        limits, letter = st.tabs(["Limits and hours", "In every letter"])
    with limits:
        fields["terms"] = _terms(key, mailbox, visit)
    with letter:
        fields["reply_to"] = st.text_input(
            "Answers go to", (mailbox or {}).get("reply_to", ""), key=f"{key}_reply_to",
            placeholder="the address itself",
            help="Answers are read where a mailbox with IMAP is connected: at another address they are not seen here.",
        ).strip()  # fmt: skip
        fields["signature"] = st.text_area(
            "Signature", (mailbox or {}).get("signature", ""), key=f"{key}_signature", height=120,
            help="What `{{ sender.signature }}` stands for in a template.",
        )  # fmt: skip
    if st.button("Save" if mailbox else "Connect", type="primary", key=f"{key}_save"):
        _save(visit, mailbox, fields)


def _provider(key: str) -> Provider:
    names = [each.name for each in PROVIDERS]
    chosen = st.segmented_control("Provider", names, default=names[0], required=True, key=f"{key}_provider")
    found = next(each for each in PROVIDERS if each.name == chosen)
    if found.note:
        quiet_note(found.note)
    return found


def _smtp(key: str, mailbox: Json | None, provider: Provider, address: str) -> Json:
    fields: Json = {
        "smtp": _server(
            f"{key}_smtp_{provider.name}", "Sending (SMTP)", (mailbox or {}).get("smtp"), provider.smtp, address
        )
    }
    held = bool(mailbox and mailbox["has_smtp_password"])
    if word := _password(f"{key}_smtp_password", is_held=held):
        fields["smtp_password"] = word
    return fields


def _api_key(key: str, mailbox: Json | None) -> Json:
    held = bool(mailbox and mailbox["has_smtp_password"])
    word = _password(f"{key}_api_key", is_held=held, label="API key")
    return {"smtp_password": word} if word else {}


def _imap(key: str, mailbox: Json | None, provider: Provider, sending: Json) -> Json:
    """`sending`: what was typed for the way out."""
    fields: Json = {}
    own_imap = (mailbox or {}).get("imap")
    by_smtp = "smtp" in sending
    reads = st.toggle(
        "Read answers (IMAP)", bool(own_imap) if mailbox else by_smtp, key=f"{key}_reads_{provider.transport}",
        help="Without it bounces and answers are not seen, and nobody's sequence stops when they write back.",
    )  # fmt: skip
    if reads:
        username = sending["smtp"]["username"] if by_smtp else sending.get("address", "")
        fields["imap"] = _server(f"{key}_imap_{provider.name}", "", own_imap, provider.imap, username)
        held = bool(mailbox and mailbox["has_imap_password"])
        same = not mailbox and by_smtp and st.checkbox("The same password", value=True, key=f"{key}_same")
        typed = sending.get("smtp_password", "") if same else _password(f"{key}_imap_password", is_held=held)
        if typed:
            fields["imap_password"] = typed
    return fields


def _server(key: str, label: str, held: Json | None, usual: tuple[str, int, str], username: str) -> Json:
    if label:
        st.markdown(f"**{label}**")
    host, port, security, user = st.columns([4, 2, 3, 4])
    known = held or {"host": usual[0], "port": usual[1], "security": usual[2], "username": username}
    modes = list(SECURITY)
    return {
        "host": host.text_input("Host", known["host"], key=f"{key}_host").strip(),
        "port": int(port.number_input("Port", 1, 65535, known["port"], key=f"{key}_port")),
        "security": security.selectbox(
            "TLS", modes, modes.index(known["security"]), format_func=lambda mode: SECURITY[mode], key=f"{key}_security"
        ),
        "username": user.text_input(
            "User", known["username"], key=f"{key}_user_{username if not held else ''}", placeholder="usually the address"
        ).strip(),
    }  # fmt: skip


def _password(key: str, *, is_held: bool, label: str = "Password") -> str:
    shown = "kept; type to replace it" if is_held else ""
    return str(st.text_input(label, type="password", key=key, placeholder=shown, autocomplete="new-password"))


def _terms(key: str, mailbox: Json | None, visit: Visit) -> Json:
    held: Json = (mailbox or {}).get("terms") or {}
    day, hour, provider, gap = st.columns(4)
    ramp = held.get("ramp", USUAL_RAMP)
    terms: Json = {**held}
    terms["per_day"] = int(
        day.number_input("Messages a day", 1, 10_000, held.get("per_day", 40), key=f"{key}_day", help=CAP_HELP)
    )
    terms["per_hour"] = int(hour.number_input("An hour", 1, 5_000, held.get("per_hour", 10), key=f"{key}_hour"))
    terms["provider_per_day"] = int(
        provider.number_input(
            "Provider allows", 1, 100_000, held.get("provider_per_day", 500), key=f"{key}_provider_day"
        )
    )
    terms["min_gap_seconds"] = 60 * int(
        gap.number_input("Minutes between", 0, 1440, held.get("min_gap_seconds", 600) // 60, key=f"{key}_gap")
    )
    terms["gap_jitter_seconds"] = min(held.get("gap_jitter_seconds", 300), terms["min_gap_seconds"])
    ramps = st.toggle(
        "Ramp", ramp is not None, key=f"{key}_ramps", help="A new account begins low and climbs each day."
    )
    begins, step, ceiling, since = st.columns(4)
    if ramps:
        known = ramp or USUAL_RAMP
        terms["ramp"] = {
            "start": int(begins.number_input("First day", 1, 1000, known["start"], key=f"{key}_start")),
            "step": int(step.number_input("More each day", 0, 1000, known["step"], key=f"{key}_step")),
            "ceiling": int(ceiling.number_input("Up to", 1, 10_000, known["ceiling"], key=f"{key}_ceiling")),
        }
    else:
        terms["ramp"] = None
    used = since.date_input(
        "In use since", held.get("in_use_since"), key=f"{key}_since",
        help="An account younger than 30 days sends at most 20 messages a day. Empty: since it was connected here.",
    )  # fmt: skip
    terms["in_use_since"] = used.isoformat() if used else None
    terms["window"] = _window(key, held.get("window"), visit)
    return terms


def _window(key: str, held: Json | None, visit: Visit) -> Json:
    window: Json = held or {day: ["09:00-17:00"] for day in DAYS[:5]}
    plain = plain_hours(window)
    if plain is None:
        st.text_input("Hours", hours_text(window), disabled=True, key=f"{key}_hours",
                      help="These hours differ by day; they are changed over the API.")  # fmt: skip
        return window
    days, starts, ends = st.columns([5, 2, 2])
    chosen = days.pills(
        "Days", DAYS, default=plain[0], selection_mode="multi", format_func=str.title, key=f"{key}_days"
    )
    opens = starts.time_input("From", time.fromisoformat(plain[1]), key=f"{key}_from")
    closes = ends.time_input("To", _end(plain[2]), key=f"{key}_to")
    zones = ["", *sorted(time_zone_names())]
    zone = st.selectbox(
        "Time zone", zones, zones.index(window.get("time_zone") or ""), key=f"{key}_zone",
        format_func=lambda name: name or f"The organization's ({visit.time_zone})",
    )  # fmt: skip
    until = "24:00" if closes == time(23, 59) else f"{closes:%H:%M}"
    block = f"{opens:%H:%M}-{until}"
    return {**window, **{day: [block] if day in chosen else [] for day in DAYS}, "time_zone": zone}


def _end(text: str) -> time:
    """`24:00` is no time of a clock: its last minute stands for it."""
    return time(23, 59) if text == "24:00" else time.fromisoformat(text)


def _save(visit: Visit, mailbox: Json | None, fields: dict[str, Any]) -> None:
    try:
        if mailbox:
            visit.api.change_mailbox(mailbox["mailbox_id"], mailbox["etag"], **fields)
        else:
            made = visit.api.connect_mailbox(**fields)
            st.session_state["mailbox_chosen"] = made["mailbox_id"]
    except ApiProblem as problem:
        st.error(problem.words, icon=":material/error:")
        return
    say_next("Saved" if mailbox else "Connected: send a test to see that it works")
    st.rerun()
