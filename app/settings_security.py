"""Settings → Security: one's own sessions, password and second factor."""

from __future__ import annotations

import io

import segno
import streamlit as st

from app.api_transport import ApiProblem, Json
from app.components import attempt, card_title, guarded, now, problem_box
from app.formatting import ago, escaped, plural
from app.session import Visit

state = st.session_state
BEGUN, CODES = "settings_begun", "settings_codes"


def show_security(visit: Visit) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left, guarded():
        _sessions(visit)
    with right:
        with guarded():
            _second_factor(visit)
        _password(visit)


def _sessions(visit: Visit) -> None:
    found = visit.api.sessions()
    card_title("Where you are signed in")
    with st.container(gap="xsmall"):
        for each in found:
            with st.container(border=True):
                _session(visit, each)
    if len(found) > 1:
        st.button("Sign out everywhere else", icon=":material/logout:", on_click=_end_others, args=(visit,))


def _session(visit: Visit, each: Json) -> None:
    what, act = st.columns([5, 1], vertical_alignment="center")
    here = " :green-badge[This browser]" if each["is_current"] else ""
    place = f" · {escaped(each['network'])}" if each["network"] else ""
    what.markdown(
        f"**{escaped(each['browser'])}**{here}  \n"
        f":gray[Used {ago(each['last_seen_at'], now())}, since {ago(each['created_at'], now())}{place}]"
    )
    if not each["is_current"]:
        with act, st.container(horizontal_alignment="right"):
            st.button(
                "End", key=f"settings_session_{each['session_id']}", on_click=_end, args=(visit, each["session_id"])
            )


def _end(visit: Visit, session_id: str) -> None:
    attempt(lambda: visit.api.end_session(session_id), "Signed out there")


def _end_others(visit: Visit) -> None:
    attempt(visit.api.end_other_sessions, "Signed out everywhere else")


def _second_factor(visit: Visit) -> None:
    found = visit.api.second_factor()
    card_title("Second step at sign-in")
    with st.container(border=True):
        if not found["is_on"]:
            st.markdown("A code of your phone, besides the password. Whoever learns your password does not get in.")
            if st.button("Set up", icon=":material/verified_user:", type="primary"):
                state.pop(BEGUN, None)
                state.pop(CODES, None)
                _set_up(visit)
            return
        st.markdown(f":green-badge[:material/verified_user: On] since {ago(found['since'], now())}")
        left = found["recovery_codes_left"]
        st.caption(f"{plural(left, 'recovery code')} left." + (" Make new ones soon." if left < 4 else ""))
        with st.container(horizontal=True):
            if st.button("New recovery codes"):
                state.pop(CODES, None)
                _renew(visit)
            if st.button("Turn off"):
                _turn_off(visit)


@st.dialog("Second step at sign-in", on_dismiss="rerun")
def _set_up(visit: Visit) -> None:
    if CODES in state:
        _show_codes()
        return
    begun: Json | None = state.get(BEGUN)
    if begun is None:
        with guarded(), st.form("settings_begin", border=False):
            password = st.text_input("Your password", type="password", autocomplete="current-password")
            if st.form_submit_button("Go on", type="primary"):
                state[BEGUN] = visit.api.begin_second_factor(password)
                st.rerun(scope="fragment")
        return
    st.markdown("Scan this with an authenticator app, then type the code that it shows.")
    with st.container(horizontal_alignment="center"):
        st.image(qr_code(begun["address"]), width=220)
    with st.expander("It cannot be scanned"):
        st.code(begun["secret"], language=None, wrap_lines=True)
    with guarded(), st.form("settings_confirm", border=False):
        code = st.text_input("Code", max_chars=40, autocomplete="one-time-code")
        if st.form_submit_button("Turn on", type="primary"):
            state[CODES] = visit.api.confirm_second_factor(code)
            state.pop(BEGUN, None)
            st.rerun(scope="fragment")


def _show_codes() -> None:
    st.markdown("**It is on.** Keep these recovery codes where you will find them without your phone.")
    codes = "\n".join(state[CODES])
    st.code(codes, language=None)
    st.download_button("Download", codes, "leadhouse-recovery-codes.txt", icon=":material/download:")
    st.caption("Each signs you in once. They are shown only now.")


@st.dialog("New recovery codes", on_dismiss="rerun")
def _renew(visit: Visit) -> None:
    if CODES in state:
        _show_codes()
        return
    with guarded(), st.form("settings_renew", border=False):
        password = st.text_input("Your password", type="password", autocomplete="current-password")
        st.caption("The former ones end.")
        if st.form_submit_button("Make new ones", type="primary"):
            state[CODES] = visit.api.renew_recovery_codes(password)
            st.rerun(scope="fragment")


@st.dialog("Turn off the second step")
def _turn_off(visit: Visit) -> None:
    with guarded(), st.form("settings_off", border=False):
        st.markdown("From then on your password alone signs you in.")
        password = st.text_input("Your password", type="password", autocomplete="current-password")
        if st.form_submit_button("Turn off", type="primary"):
            visit.api.remove_second_factor(password)
            st.rerun()


def _password(visit: Visit) -> None:
    card_title("Password")
    with st.form("settings_password", clear_on_submit=True):
        current = st.text_input("Current password", type="password", autocomplete="current-password")
        new = st.text_input(
            "New password", type="password", autocomplete="new-password", help="At least 10 characters."
        )
        if st.form_submit_button("Change password"):
            try:
                visit.api.change_password(current, new)
            except ApiProblem as problem:
                problem_box(problem)
            else:
                st.toast("Changed. Other browsers were signed out.", icon=":material/check_circle:")


def qr_code(text: str) -> bytes:
    """A PNG, dark on white in either theme: cameras do not read the reverse. Drawn here: the secret goes nowhere."""
    made = io.BytesIO()
    segno.make(text, error="m", micro=False).save(made, kind="png", scale=6, border=3)
    return made.getvalue()
