"""Settings → Audit log: who did what, and whether anybody changed the record of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.api_transport import Json
from app.components import attempt, card_title, empty_state, guarded, now
from app.formatting import ago
from app.session import Visit

state = st.session_state
PAGES = "settings_audit_pages"
ENTITIES = {
    "contact": "Contacts", "company": "Companies", "deal": "Deals", "task": "Tasks", "membership": "Seats",
    "invitation": "Invitations", "user": "Sign-ins", "api_key": "API keys", "import": "Imports",
    "organization_setting": "Settings", "visit": "Visits of the agency", "webhook_endpoint": "Webhooks",
    "audit_log": "The log itself",
}  # fmt: skip
LONGEST = 40
"""Characters of a value in the table; the whole is in the API."""
ACTORS = {"user": "person", "api_key": "key", "model": "model", "system": "the system"}


def show_audit(visit: Visit) -> None:
    with guarded():
        _verification(visit)
        entity = st.selectbox(
            "About", [None, *ENTITIES], format_func=lambda each: ENTITIES[each] if each else "Everything",
            key="settings_audit_entity", width=260,
        )  # fmt: skip
        found = visit.api.audit(entity=entity, limit=min(50 * state.get(PAGES, 1), 200))
        if not found["items"]:
            empty_state("history", "Nothing yet", "Every change that a person or program makes is written here.")
            return
        st.dataframe(
            [_line(act) for act in found["items"]], hide_index=True, height="content",
            column_config={"When": st.column_config.DatetimeColumn(timezone=visit.time_zone, format="D MMM YYYY, HH:mm:ss")},
        )  # fmt: skip
        if found["next_cursor"] and state.get(PAGES, 1) < 4:
            st.button("Show more", key="settings_audit_more", on_click=_more)


def _verification(visit: Visit) -> None:
    known = visit.api.audit_verification()
    with st.container(border=True):
        what, act = st.columns([5, 1], vertical_alignment="center")
        with what:
            card_title("Audit log", help="Each row is chained to the one before it by its hash, and the end is sealed.")
            if known["fault"]:
                st.error(
                    "Hold the store against a backup, and find who could write to it.",
                    title=f"Not whole: {known['fault']}, at row {known['verified_count']:,}.",
                )
            elif known["verified_at"]:
                st.markdown(
                    f":green[:material/verified:] Whole when last verified, {ago(known['verified_at'], now())}: "
                    f"{known['verified_count']:,} rows. Now {known['count']:,}."
                )
            else:
                st.markdown(f":gray[{known['count']:,} rows, never verified yet.]")
        with act:
            st.button("Verify now", icon=":material/verified:", on_click=_verify, args=(visit,), width="stretch")


def _verify(visit: Visit) -> None:
    attempt(visit.api.verify_audit, "Every row was looked at")


def _more() -> None:
    state[PAGES] = state.get(PAGES, 1) + 1


def _line(act: Json) -> dict[str, Any]:
    who = act["actor_name"] or f"{ACTORS.get(act['actor_kind'], act['actor_kind'])} {act['actor_id'][-6:]}".strip()
    return {
        "When": act["at"],
        "Who": who,
        "Did": act["action"].replace("_", " "),
        "To": f"{act['entity'].replace('_', ' ')} {act['entity_id'][-6:]}",
        "What changed": "erased" if act["is_shredded"] else _change(act["before"], act["after"]),
    }


def _change(before: Json | None, after: Json | None) -> str:
    """`field: was → is` of what differs."""
    old, new = before or {}, after or {}
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    told = [f"{name}: {_word(old[name])} → {_word(new.get(name))}" if name in old else f"{name}: {_word(new[name])}"
            for name in names]  # fmt: skip
    return "; ".join(told)


def _word(value: Any) -> str:
    text = "–" if value in (None, "", [], {}) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
