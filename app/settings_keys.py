"""Settings → API keys: made, rotated and revoked; a key is whole on the screen once."""

from __future__ import annotations

import streamlit as st

from app.api_transport import Json
from app.components import attempt, card_title, empty_state, guarded, now
from app.formatting import ago, escaped, parse
from app.session import Visit
from domain.permissions import OF_PEOPLE_ALONE, Permission

state = st.session_state
MADE = "settings_key"
SECRET, WRITE = "For a program", "For a website"
GRACES = {0: "ends now", 24: "lives one day more", 24 * 7: "lives seven days more", 24 * 30: "lives thirty days more"}


def show_keys(visit: Visit) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        card_title("Keys", help="Secret keys are for programs, write keys for the pixel and forms of a website.")
        if st.button("New key", icon=":material/key:", type="primary"):
            state.pop(MADE, None)
            _new_key(visit)
    with guarded():
        found = visit.api.api_keys()
        live = [key for key in found if key["state"] != "ended"]
        if not live:
            empty_state("key", "No keys yet", "A key lets a program use the API, or a website send its visits.")
        else:
            _list(visit, live)
        ended = [key for key in found if key["state"] == "ended"]
        if ended:
            with st.expander(f"Ended keys ({len(ended)})"):
                _list(visit, ended)


def _list(visit: Visit, keys: list[Json]) -> None:
    with st.container(gap="xsmall"):
        for key in keys:
            with st.container(border=True):
                _key(visit, key)


def _key(visit: Visit, key: Json) -> None:
    what, used, act = st.columns([6, 3, 1], vertical_alignment="center")
    with what:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{escaped(key['name'] or 'Without a name')}**", width="content")
            st.badge("Program" if key["kind"] == "secret" else "Website", color="blue")
            if key["state"] != "live":
                st.badge(key["state"].capitalize(), color="orange" if key["state"] == "ending" else "gray")
        shown = key["prefix"] + ("…" if key["kind"] == "secret" else "")
        st.markdown(f"`{shown}`  \n:gray[{escaped(_reach(key))}]")
    last = f"Used {ago(key['last_used_at'], now())}" if key["last_used_at"] else "Never used"
    used.markdown(f":gray[{last}  \nMade {ago(key['created_at'], now())}{_end(key)}]")
    if key["state"] != "ended":
        with (
            act,
            st.container(horizontal_alignment="right"),
            st.popover("", icon=":material/more_horiz:", help="Rotate or revoke", width="content"),
        ):
            _acts(visit, key)


def _reach(key: Json) -> str:
    if key["kind"] == "write":
        return "From " + ", ".join(key["allowed_origins"]) if key["allowed_origins"] else "From any website"
    return "What an operator may" if key["scopes"] is None else ", ".join(key["scopes"])


def _end(key: Json) -> str:
    ends = parse(key["expires_at"])
    if key["state"] != "ending" or ends is None:
        return ""
    hours = max(0, round((ends - now()).total_seconds() / 3600))
    return f"  \nEnds in {hours} h" if hours < 48 else f"  \nEnds in {hours // 24} days"


def _acts(visit: Visit, key: Json) -> None:
    api_key_id = key["api_key_id"]
    if key["state"] == "live":
        grace = st.selectbox(
            "The old key", list(GRACES), index=1, format_func=lambda hours: GRACES[hours],
            key=f"settings_grace_{api_key_id}",
        )  # fmt: skip
        if st.button("Rotate", key=f"settings_rotate_{api_key_id}", icon=":material/autorenew:", width="stretch"):
            with guarded():
                state[MADE] = visit.api.rotate_key(api_key_id, grace)
                _new_key(visit)
        st.divider()

    def revoke() -> None:
        attempt(lambda: visit.api.revoke_key(api_key_id), "Revoked: nobody gets in with it any more")

    st.button("Revoke now", key=f"settings_end_{api_key_id}", icon=":material/block:", on_click=revoke, width="stretch")


@st.dialog("New key", on_dismiss="rerun")
def _new_key(visit: Visit) -> None:
    made: Json | None = state.get(MADE)
    if made is not None:
        st.markdown(f"**{escaped(made['name'])}** is ready. Copy it now: it is not shown again.")
        st.code(made["key"], language=None, wrap_lines=True)
        return
    kind = st.segmented_control("What is it for?", [SECRET, WRITE], default=SECRET, required=True)
    with guarded(), st.form("settings_new_key", border=False):
        name = st.text_input("Name", max_chars=200, placeholder="Where it is used")
        fields: Json = {"name": name.strip(), "kind": "secret" if kind == SECRET else "write"}
        if kind == SECRET:
            offered = [each for each in visit.me["permissions"] if each not in OF_PEOPLE_ALONE]
            fields["scopes"] = st.multiselect(
                "Scopes", offered, default=[each for each in (Permission.CONTACTS_READ,) if each in offered],
                help="What the program may do. Give it no more than it needs.",
            )  # fmt: skip
        else:
            origins = st.text_area("Websites, one a line", placeholder="https://www.example.com", height=96)
            fields["allowed_origins"] = [line.strip() for line in origins.splitlines() if line.strip()]
            st.caption("Empty: any website may use it. `https://*.example.com` stands for all below a domain.")
        if st.form_submit_button("Make the key", type="primary"):
            if not fields["name"]:
                st.warning("Give it a name, so that you know it again.")
            else:
                state[MADE] = visit.api.create_key(**fields)
                st.rerun(scope="fragment")
