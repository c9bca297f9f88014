"""Mailboxes: accounts that sequences send from, whether each sends now, and whether receivers will believe them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import session
from app.api_transport import ApiProblem, Json
from app.components import card_title, empty_state, guarded, now, page_title, quiet_note, say_next
from app.formatting import ago, escaped, plural
from app.mailbox_domains import show_domains
from app.mailbox_form import open_form
from app.mailbox_health import last_text, show_health, show_switch
from app.mailbox_reports import show_reports
from app.mailbox_words import BANDS, BRIEFLY, answer_text, hours_text, limit_name, stacked, state_of, why
from app.switching import show_stops
from domain.permissions import Permission

visit = session.current()
state = st.session_state
may_write = visit.may(Permission.MAILBOXES_WRITE)
PARTS = ["Accounts", "Domains", "Delivery reports"]
CHOSEN, TESTED = "mailbox_chosen", "mailbox_tested"


def _accounts() -> None:
    show_stops(visit.api.sending())
    rows = visit.api.mailboxes()
    if not rows:
        empty_state(
            "alternate_email", "No mailbox yet",
            "Connect one by SMTP to send, and by IMAP so that answers and bounces are read and sequences stop for them.",
        )  # fmt: skip
        return
    sending = [row for row in rows if row["standing"]["reason"] == "allowed"]
    room = sum(row["standing"]["room"] for row in sending)
    st.markdown(
        f"**{len(sending)} of {plural(len(rows), 'mailbox', 'mailboxes')}** "
        f"{'sends' if len(rows) == 1 else 'send'} now, with room for {plural(room, 'message')}."
    )
    _one(_chosen(rows))


def _chosen(rows: list[Json]) -> Json:
    """The table; answers the mailbox whose details are shown."""
    held = next((number for number, row in enumerate(rows) if row["mailbox_id"] == state.get(CHOSEN)), 0)
    picked = st.dataframe(
        pd.DataFrame(
            {
                "Mailbox": [row["address"] for row in rows],
                "State": [state_of(row)[0] for row in rows],
                "Used": [_share_used(row) for row in rows],
                "Health": [BANDS[row["health"]["band"]][2] for row in rows],
                "Because": [why(row, visit.zone) for row in rows],
                "In threads": [row["people_count"] for row in rows],
                "Answers read": [_inbox_words(row) for row in rows],
            }
        ),
        column_config={
            "Used": st.column_config.ProgressColumn(
                "Used", format="percent", min_value=0, max_value=1, width="small", help="Of the smallest limit."
            ),
            "Health": st.column_config.TextColumn(width=125),
            "In threads": st.column_config.NumberColumn(width="small", help="People on their way in threads of it."),
            "Because": st.column_config.TextColumn(width="large"),
        },
        hide_index=True, row_height=34, on_select="rerun", selection_mode="single-row", key="mailboxes_table",
        alt="Mailboxes; choose one to see it",
    )  # fmt: skip
    chosen = picked["selection"]["rows"]
    return rows[chosen[0]] if chosen and chosen[0] < len(rows) else rows[held]


def _share_used(row: Json) -> float:
    smallest = stacked(row["standing"]["limits"])
    return min(1.0, smallest[0]["used"] / smallest[0]["limit"]) if smallest and smallest[0]["limit"] else 0.0


def _inbox_words(row: Json) -> str:
    if not row["imap"]:
        return "no"
    if row["inbox"] is None:
        return "not yet"
    return row["inbox"]["problem"] or ago(row["inbox"]["read_at"], now())


def _one(row: Json) -> None:
    mailbox_id = row["mailbox_id"]
    words, color = state_of(row)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"#### {escaped(row['display_name'] or row['address'])}", width="content")
            st.badge(words, color=color)  # type: ignore[arg-type]
            st.caption(escaped(row["address"]), width="content")
            st.space("stretch")
            if may_write:
                _acts(row)
        st.markdown(escaped(why(row, visit.zone)))
        if said := last_text(row):
            st.caption(escaped(said))
        limits, facts = st.columns(2, gap="large")
        with limits:
            _limits(row)
            show_health(row)
        with facts:
            _facts(row)
        if (tested := state.get(TESTED)) and tested["mailbox_id"] == mailbox_id:
            _result(tested)


def _acts(row: Json) -> None:
    show_switch(visit, row)
    if st.button("Edit", icon=":material/edit:", key="mailbox_edit"):
        open_form(visit, row)
    with st.popover("Test", icon=":material/send:", width="content"):
        to = st.text_input("Send a real message to", visit.me["email"], key="mailbox_test_to")
        if st.button("Send a test", type="primary", key="mailbox_test"):
            _test(row, to)
        if row["imap"] and st.button("Open the inbox", key="mailbox_test_inbox"):
            _test(row, "")
    with st.popover("", icon=":material/more_horiz:", help="Remove", width="content"):
        if row["people_count"]:
            quiet_note(f"{plural(row['people_count'], 'person', 'people')} in its threads will wait.", "warning")
        st.caption("Its passwords are forgotten. Connected again, it goes on in the same threads.")
        if st.button("Remove", icon=":material/delete:", key="mailbox_remove"):
            visit.api.remove_mailbox(row["mailbox_id"])
            state.pop(CHOSEN, None)
            say_next("Removed")
            st.rerun()


def _test(row: Json, to: str) -> None:
    """Keeps what came of it, so that it stays on the page."""
    try:
        if to:
            found = {"kind": "message", "to": to, **visit.api.test_mailbox(row["mailbox_id"], to)}
        else:
            found = {"kind": "inbox", **visit.api.test_inbox(row["mailbox_id"])}
    except ApiProblem as problem:
        found = {"kind": "problem", "text": problem.words}
    state[TESTED] = {"mailbox_id": row["mailbox_id"], "at": now(), **found}
    state[CHOSEN] = row["mailbox_id"]
    st.rerun()


def _result(tested: Json) -> None:
    when = ago(tested["at"], now())
    if tested["kind"] == "message":
        box = st.success if tested["is_accepted"] else st.error
        code = f"{tested['code']} " if tested["code"] else ""
        signed = "It carried our signature." if tested["is_signed"] else "It carried no signature of ours."
        box(
            f"`{code}{tested['text']}`  \n{signed} Tested {when}.",
            title=f"{answer_text(tested)} to {tested['to']}", icon=":material/send:",
        )  # fmt: skip
    elif tested["kind"] == "inbox" and tested["is_open"]:
        st.success(f"{tested['text']} Tested {when}.", icon=":material/inbox:")
    else:
        st.error(escaped(tested["text"]), icon=":material/error:")


def _limits(row: Json) -> None:
    card_title(
        "What it may still send", help="All hold at once, over the last 24 hours and over the day: the smallest wins."
    )
    limits = stacked(row["standing"]["limits"])
    for number, each in enumerate(limits):
        name = limit_name(each["name"])
        left = max(0, each["limit"] - each["used"])
        lead = ":orange[:material/arrow_right:] " if number == 0 else ""
        smallest = " · smallest" if number == 0 else ""
        st.progress(
            min(1.0, each["used"] / each["limit"]) if each["limit"] else 1.0,
            text=f"{lead}{name[0].upper()}{name[1:]}: {each['used']} of {each['limit']} used, {left} left{smallest}",
        )


def _facts(row: Json) -> None:
    card_title("How it is connected")
    lines = []
    if row["transport"] == "file":
        lines.append(("Sends", "into files on this machine: nothing leaves"))
    elif row["transport"] != "smtp":
        lines.append(
            ("Sends", f"by {row['transport'].title()} · {'key kept' if row['has_smtp_password'] else 'no key'}")
        )
    elif row["smtp"]:
        secret = "password kept" if row["has_smtp_password"] else "no password"
        lines.append(("Sends", f"{_server(row['smtp'])} · {secret}"))
    lines.append(("Reads", f"{_server(row['imap'])} · {_inbox_words(row)}" if row["imap"] else "no answers: add IMAP"))
    lines += [
        ("Hours", hours_text(row["terms"]["window"])),
        ("Answers go to", row["reply_to"] or row["address"]),
        ("In use since", row["terms"]["in_use_since"] or row["ramp_began_on"]),
        ("Last sent", row["last_sent_on"] or "never"),
    ]
    for name, value in lines:
        label, said = st.columns([1, 3])
        label.markdown(f":gray[{name}]")
        said.markdown(escaped(str(value)))


def _server(server: Json) -> str:
    return f"{server['username'] or 'nobody'} at {server['host']}:{server['port']} · {BRIEFLY[server['security']]}"


page_title(
    "Mailboxes", "The accounts that your sequences send from, how much each may still send, and whether it is believed."
)
with guarded():
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        part = st.segmented_control(
            "Part", PARTS if may_write else PARTS[:2], default="Accounts", required=True, key="mailboxes_part",
            label_visibility="collapsed",
        )  # fmt: skip
        if may_write and st.button("Connect a mailbox", type="primary", icon=":material/add:"):
            open_form(visit)
    if part == "Domains":
        show_domains(visit)
    elif part == "Delivery reports":
        show_reports(visit)
    else:
        _accounts()
