"""Settings → Members: seats and invitations."""

from __future__ import annotations

import streamlit as st

from app.api_transport import Json
from app.components import attempt, card_title, guarded, now, quiet_note, say_next
from app.formatting import escaped, parse, plural
from app.session import Visit
from domain.permissions import GRANTS, Permission, may_give
from domain.tenancy import Role

state = st.session_state
LINK = "settings_link"
ROLE_WORDS = {
    Role.OWNER: "Owner", Role.ADMIN: "Admin", Role.OPERATOR: "Operator", Role.VIEWER: "Viewer",
    Role.CLIENT_VIEWER: "Client viewer",
}  # fmt: skip
ROLE_HELP = (
    "**Owner** and **Admin** run the organization: members, keys, settings; only an owner makes owners.  \n"
    "**Operator** works with leads, deals and imports.  \n"
    "**Viewer** sees everything and changes nothing.  \n"
    "**Client viewer** sees results, not how the agency works."
)


def show_members(visit: Visit) -> None:
    manages = visit.may(Permission.MEMBERS_WRITE)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        card_title("People", help=ROLE_HELP)
        if manages and st.button("Invite somebody", icon=":material/person_add:", type="primary"):
            state.pop(LINK, None)
            _invite(visit)
    with guarded():
        found = visit.api.members(with_disabled=True)
        with st.container(gap="xsmall"):
            for member in found:
                with st.container(border=True):
                    _member(visit, member, manages)
    if manages:
        with guarded():
            _open_invitations(visit)


def _member(visit: Visit, member: Json, manages: bool) -> None:
    user_id, role = member["user_id"], Role(member["role"])
    is_me = user_id == visit.me["user_id"]
    who, what, act = st.columns([5, 3, 1], vertical_alignment="center")
    name = escaped(member["name"] or member["email"])
    with who, st.container(gap=None):
        st.markdown(f"**{name}**{' :gray[(you)]' if is_me else ''}")
        st.text(member["email"])  # Markdown would make a link of it
    may_change = manages and not member["is_inherited"] and may_give(Role(visit.me["role"]), role)
    with what, st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if may_change and not member["is_disabled"]:
            _role_choice(visit, member, role)
        else:
            st.markdown(ROLE_WORDS[role], width="content")
        if member["is_inherited"]:
            st.badge("From the agency", color="gray")
        if member["is_disabled"]:
            st.badge("Disabled", color="orange")
        if member["has_second_factor"]:
            st.badge("Two steps", icon=":material/verified_user:", color="green")
    if may_change:
        with (
            act,
            st.container(horizontal_alignment="right"),
            st.popover("", icon=":material/more_horiz:", help=f"Disable or remove {name}", width="content"),
        ):
            _seat_acts(visit, member)


def _role_choice(visit: Visit, member: Json, role: Role) -> None:
    user_id, etag = member["user_id"], member["etag"]
    key = f"settings_role_{user_id}"
    given = [each for each in Role if may_give(Role(visit.me["role"]), each)]
    state[key] = role

    def change() -> None:
        wanted = Role(state[key])
        attempt(lambda: visit.api.change_member(user_id, etag, role=wanted.value), f"Now {ROLE_WORDS[wanted].lower()}")

    st.selectbox(
        "Role", given, key=key, format_func=lambda each: ROLE_WORDS[each], on_change=change,
        label_visibility="collapsed", width=160,
    )  # fmt: skip


def _seat_acts(visit: Visit, member: Json) -> None:
    user_id, name = member["user_id"], member["name"] or member["email"]
    is_disabled = member["is_disabled"]

    def disable() -> None:
        attempt(
            lambda: visit.api.change_member(user_id, member["etag"], is_disabled=not is_disabled),
            f"{name} may sign in here again" if is_disabled else f"{name} is out, and can be let in again",
        )

    def remove() -> None:
        attempt(lambda: visit.api.remove_member(user_id), f"{name} works here no more")

    if st.button("Hand over their work", key=f"settings_hand_{user_id}", width="stretch", icon=":material/move_up:"):
        _hand_over(visit, member)
    if st.button("Make a reset link", key=f"settings_reset_{user_id}", width="stretch", icon=":material/lock_reset:"):
        _reset_link(visit, member)
    st.divider()
    st.button("Enable" if is_disabled else "Disable", key=f"settings_rest_{user_id}", on_click=disable, width="stretch")
    st.button(
        "Remove", key=f"settings_out_{user_id}", on_click=remove, width="stretch", icon=":material/person_remove:"
    )
    st.caption("Either takes effect with their next click. What they did keeps their name.")


@st.dialog("Hand over their work")
def _hand_over(visit: Visit, member: Json) -> None:
    with guarded():
        found = visit.api.belongings(member["user_id"])
        counts = [plural(found["contact_count"], "contact"), plural(found["deal_count"], "open deal")]
        told = f"{', '.join(counts)} and {plural(found['task_count'], 'open task')}"
        st.markdown(f"**{escaped(member['name'] or member['email'])}** has {told}. What is closed keeps their name.")
        if not any(found.values()):
            return
        others = {
            each["user_id"]: each["name"] or each["email"]
            for each in visit.api.members()
            if each["user_id"] != member["user_id"] and Permission.CONTACTS_WRITE in GRANTS[Role(each["role"])]
        }
        chosen = st.selectbox(
            "To", list(others), format_func=others.__getitem__, index=None, placeholder="Choose somebody"
        )
        if st.button("Hand over", type="primary", disabled=chosen is None) and chosen is not None:
            visit.api.hand_over(member["user_id"], chosen)
            say_next(f"{told} are on their way to {others[chosen]}")
            st.rerun()


@st.dialog("A new password")
def _reset_link(visit: Visit, member: Json) -> None:
    with guarded():
        link = visit.api.reset_link(member["user_id"])
        st.text(f"Send this link to {member['email']} yourself. It is shown only now.")
        st.code(link, language=None, wrap_lines=True)
        st.caption("It sets a new password once, within an hour, and signs them out everywhere.")


@st.dialog("Invite somebody", on_dismiss="rerun")
def _invite(visit: Visit) -> None:
    made: Json | None = state.get(LINK)
    if made is not None:
        st.text(f"Send this link to {made['email']} yourself. It is shown only now.")
        st.code(made["link"], language=None, wrap_lines=True)
        st.caption("It works once, for seven days; until then you can revoke it below.")
        return
    given = [each for each in Role if may_give(Role(visit.me["role"]), each)]
    with guarded(), st.form("settings_invite", border=False):
        email = st.text_input("E-mail address", max_chars=320, placeholder="name@example.com")
        role = st.selectbox(
            "Role", given, index=given.index(Role.OPERATOR), format_func=lambda each: ROLE_WORDS[each], help=ROLE_HELP
        )
        if st.form_submit_button("Make a link", type="primary"):
            state[LINK] = visit.api.invite(email.strip(), role.value)
            st.rerun(scope="fragment")


def _open_invitations(visit: Visit) -> None:
    found = visit.api.invitations()
    card_title("Open invitations")
    if not found:
        quiet_note("Nobody is invited at the moment.")
        return
    with st.container(border=True):
        for invitation in found:
            who, what, act = st.columns([5, 3, 1], vertical_alignment="center")
            who.text(invitation["email"])
            what.markdown(f":gray[{ROLE_WORDS[Role(invitation['role'])]} · {_left(invitation['expires_at'])}]")
            act.button(
                "Revoke", key=f"settings_revoke_{invitation['invitation_id']}", on_click=_revoke,
                args=(visit, invitation["invitation_id"]), type="tertiary",
            )  # fmt: skip


def _revoke(visit: Visit, invitation_id: str) -> None:
    attempt(lambda: visit.api.revoke_invitation(invitation_id), "The link opens nothing any more")


def _left(expires_at: str) -> str:
    ends = parse(expires_at)
    days = 0 if ends is None else (ends - now()).days
    return "ends today" if days < 1 else f"{days + 1} days left"
