"""Settings → Webhooks: who is told of what, how it went, and once more where it did not."""

from __future__ import annotations

import json

import streamlit as st

from app.api_transport import Json
from app.components import card_title, doing, empty_state, guarded, now, quiet_note
from app.formatting import ago, escaped, parse, plural
from app.session import Visit

state = st.session_state
MADE, OPEN = "settings_webhook_made", "settings_webhook_open"
GROUPS = {"lead": "Leads", "sla": "Service levels", "deal": "Deals", "alert": "Alerts"}
STATUSES = {"delivered": ("Delivered", "green"), "waiting": ("Waiting", "orange"), "failed": ("Failed", "red")}
HELP = (
    "Each message is a POST of JSON, signed by Standard Webhooks: `webhook-id`, `webhook-timestamp` and "
    "`webhook-signature`. It holds ids and numbers, no personal data. It comes at least once: an id that you know already "
    "needs no second act. What is not answered with 2xx is tried ten times in three days."
)


def show_webhooks(visit: Visit) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        card_title("Webhooks", help=HELP)
        add = st.button("New webhook", icon=":material/webhook:", type="primary")
    with guarded():
        found = visit.api.webhooks()
        if add:
            state.pop(MADE, None)
            _edit(visit, None, found["known_events"])
        if not found["items"]:
            empty_state(
                "webhook", "Nobody is told yet",
                "A webhook tells a chat, an on-call service or your own program when a lead comes in, goes to somebody or "
                "waits too long, and when a deal moves.",
            )  # fmt: skip
        for endpoint in found["items"]:
            with st.container(border=True):
                _endpoint(visit, endpoint, found["known_events"])


def _endpoint(visit: Visit, endpoint: Json, known: list[str]) -> None:
    endpoint_id = endpoint["webhook_endpoint_id"]
    what, act = st.columns([8, 1], vertical_alignment="center")
    with what:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{escaped(endpoint['name'] or 'Without a name')}**", width="content")
            if not endpoint["is_enabled"]:
                st.badge("Off", icon=":material/pause_circle:", color="gray", help=endpoint["disabled_reason"] or None)
            elif endpoint["failing_since"]:
                st.badge(
                    f"Not answering, {ago(endpoint['failing_since'], now())}", icon=":material/error:", color="red"
                )
            else:
                st.badge("On", icon=":material/check_circle:", color="green")
        st.text(endpoint["url"])
        st.markdown(" ".join(f":gray-badge[{escaped(event)}]" for event in endpoint["events"]))
        if endpoint["disabled_reason"]:
            st.markdown(f":orange[:material/info: Switched off: {escaped(endpoint['disabled_reason'])}.]")
    with (
        act,
        st.container(horizontal_alignment="right"),
        st.popover("", icon=":material/more_horiz:", help="Edit, test, new secret, remove", width="content"),
    ):
        _acts(visit, endpoint, known)
    shown = state.get(OPEN) == endpoint_id
    words = "Hide the log" if shown else "Show the log"
    icon = ":material/expand_less:" if shown else ":material/expand_more:"
    if st.button(words, key=f"settings_webhook_log_{endpoint_id}", type="tertiary", icon=icon):
        state[OPEN] = None if shown else endpoint_id
        st.rerun()
    if shown:
        _log(visit, endpoint_id)


def _acts(visit: Visit, endpoint: Json, known: list[str]) -> None:
    endpoint_id, api = endpoint["webhook_endpoint_id"], visit.api
    key = f"settings_webhook_{endpoint_id}"
    if st.button("Edit", key=f"{key}_edit", icon=":material/edit:", width="stretch"):
        state.pop(MADE, None)
        _edit(visit, endpoint, known)
    if endpoint["is_enabled"]:
        st.button(
            "Send a test", key=f"{key}_test", icon=":material/send:", width="stretch",
            on_click=doing(lambda: api.test_webhook(endpoint_id), "A test message is on its way: see the log"),
        )  # fmt: skip
    turn, done = (
        ("Switch off", "Nothing is sent now") if endpoint["is_enabled"] else ("Switch on", "What waited is sent")
    )
    st.button(
        turn, key=f"{key}_turn", icon=":material/power_settings_new:", width="stretch",
        on_click=doing(lambda: api.change_webhook(endpoint_id, is_enabled=not endpoint["is_enabled"]), done),
    )  # fmt: skip
    if st.button("New secret", key=f"{key}_secret", icon=":material/key:", width="stretch"):
        with guarded():
            state[MADE] = api.rotate_webhook(endpoint_id)
            _edit(visit, endpoint, known)
    st.button(
        "Remove", key=f"{key}_remove", icon=":material/delete:", width="stretch",
        on_click=doing(lambda: api.remove_webhook(endpoint_id), "It is told nothing any more"),
    )  # fmt: skip


@st.dialog("Webhook", on_dismiss="rerun")
def _edit(visit: Visit, endpoint: Json | None, known: list[str]) -> None:
    made: Json | None = state.get(MADE)
    if made is not None:
        st.markdown("Copy the secret now: it is not shown again. Messages are signed with it.")
        st.code(made["secret"], language=None, wrap_lines=True)
        if made["former_ends_at"]:
            st.caption(f"Until {parse(made['former_ends_at']):%-d %b %H:%M} UTC the former one holds too.")
        return
    held: Json = endpoint or {"name": "", "url": "", "events": [], "etag": "*"}
    with guarded(), st.form("settings_webhook", border=False):
        name = st.text_input("Name", held["name"], max_chars=80, placeholder="Alerts to the sales channel")
        url = st.text_input("Address", held["url"], max_chars=2000, placeholder="https://hooks.example.com/leadhouse")
        chosen: list[str] = []
        for group, label in GROUPS.items():
            events = [event for event in known if event.startswith(f"{group}.")]
            picked = st.pills(
                label, events, selection_mode="multi", default=[each for each in held["events"] if each in events],
                format_func=lambda event: event.partition(".")[2].replace("_", " "),
            )  # fmt: skip
            chosen += picked
        if not st.form_submit_button("Save" if endpoint else "Make the webhook", type="primary"):
            return
        fields = {"name": name.strip(), "url": url.strip(), "events": chosen}
        if not fields["url"] or not chosen:
            st.warning("Give it an address, and say what it is told of.")
        elif endpoint is None:
            state[MADE] = visit.api.create_webhook(**fields)
            st.rerun(scope="fragment")
        else:
            visit.api.change_webhook(endpoint["webhook_endpoint_id"], held["etag"], **fields)
            st.rerun()


@st.fragment(run_every=5)
def _log(visit: Visit, endpoint_id: str) -> None:
    with guarded():
        wanted = st.segmented_control(
            "Messages", [None, *STATUSES], default=None, key=f"settings_webhook_status_{endpoint_id}",
            format_func=lambda each: STATUSES[each][0] if each else "All", label_visibility="collapsed",
        )  # fmt: skip
        found = visit.api.webhook_deliveries(endpoint_id, status=wanted, limit=25)
        if not found["items"]:
            quiet_note("No message in the last thirty days. “Send a test” makes one.", "inbox")
        for delivery in found["items"]:
            _delivery(visit, endpoint_id, delivery)
        if found["total"] > len(found["items"]):
            st.caption(
                f"The newest {len(found['items'])} of {plural(found['total'], 'message')}; the API has the others."
            )


def _delivery(visit: Visit, endpoint_id: str, delivery: Json) -> None:
    words, color = STATUSES[delivery["status"]]
    last = delivery["attempts"][-1] if delivery["attempts"] else None
    delivery_id = delivery["webhook_delivery_id"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.badge(words, color=color)  # type: ignore[arg-type]
        st.markdown(f"`{delivery['event']}`", width="content")
        st.caption(_story(delivery, last), width="stretch")
        with st.popover("", icon=":material/data_object:", help="The message and its attempts", width="content"):
            st.json(json.loads(delivery["body"]))
            for attempt_made in reversed(delivery["attempts"]):
                st.caption(f"{ago(attempt_made['at'], now())}: {escaped(_outcome(attempt_made))}")
        if delivery["status"] != "waiting":
            st.button(
                "", icon=":material/replay:", key=f"settings_replay_{delivery_id}", help="Send it again, with the same id",
                type="tertiary", width="content",
                on_click=doing(lambda: visit.api.replay_webhook(endpoint_id, delivery_id), "On its way again"),
            )  # fmt: skip


def _story(delivery: Json, last: Json | None) -> str:
    told = [ago(delivery["created_at"], now())]
    if last:
        told.append(_outcome(last))
    if delivery["attempt_count"] > 1:
        told.append(plural(delivery["attempt_count"], "attempt"))
    if delivery["status"] == "waiting" and (again := parse(delivery["next_attempt_at"])):
        told.append("next attempt now" if again <= now() else f"next attempt {again:%-d %b %H:%M} UTC")
    return escaped(" · ".join(told))


def _outcome(made: Json) -> str:
    return f"{made['error'] or made['status_code']} in {made['milliseconds']} ms"
