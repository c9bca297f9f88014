"""Settings → Single sign-on: the provider that says who the organization's people are."""

from __future__ import annotations

import streamlit as st

from app.api_transport import Json
from app.components import attempt, card_title, guarded, quiet_note
from app.formatting import comma_separated, escaped
from app.session import Visit
from app.settings_members import ROLE_WORDS
from domain.tenancy import Role

ROLES = [None, Role.CLIENT_VIEWER, Role.VIEWER, Role.OPERATOR]


def show_sign_on(visit: Visit) -> None:
    with guarded():
        found = visit.api.single_sign_on()
        left, right = st.columns([3, 2], gap="large")
        with left:
            _provider(visit, found["provider"])
        with right:
            _addresses(found)


def _addresses(found: Json) -> None:
    with st.container(border=True):
        card_title("Register at the provider")
        st.caption("Redirect address")
        st.code(found["redirect_uri"], language=None, wrap_lines=True)
        st.caption("Where people come back after signing out")
        st.code(found["sign_out_uri"], language=None, wrap_lines=True)
        if found["provider"] is not None:
            st.caption("A link for your people, straight to the provider")
            st.code(found["provider"]["sign_in_url"], language=None, wrap_lines=True)
    st.markdown(
        ":gray[Only somebody with a seat or an open invitation gets in, by an address that the provider has verified. "
        "Whoever turned on a second step here is not asked for it where the provider says that it asked.]"
    )


def _provider(visit: Visit, provider: Json | None) -> None:
    now_set = provider or {}
    card_title("OpenID provider", help="Google Workspace, Microsoft Entra ID, Okta, Keycloak, Authentik and others.")
    if provider is None:
        quiet_note("Everybody signs in with a password. A provider adds a button to the login page.")
    with st.form("settings_sign_on"):
        name = st.text_input("Words on the button", now_set.get("name", ""), placeholder="Agency account", max_chars=80)
        issuer = st.text_input(
            "Issuer", now_set.get("issuer", ""), placeholder="https://accounts.example.com",
            help="Exactly as the provider writes it; its description is read from there.",
        )  # fmt: skip
        client_id = st.text_input("Client id", now_set.get("client_id", ""))
        has_secret = now_set.get("has_secret", False)
        secret = st.text_input(
            "Client secret", type="password", autocomplete="off", placeholder="kept, sealed" if has_secret else "",
            help="Kept sealed and never shown again. Empty keeps the present one.",
        )  # fmt: skip
        domains = st.text_input(
            "E-mail domains whose people come in by themselves", ", ".join(now_set.get("domains", [])),
            placeholder="none", help="Separated by commas. Empty: members and invited people only.",
        )  # fmt: skip
        held = Role(now_set["default_role"]) if now_set.get("default_role") else None
        role = st.selectbox(
            "They become", ROLES, index=ROLES.index(held), format_func=lambda each: ROLE_WORDS[each] if each else "–"
        )
        is_enabled = st.toggle("On the login page", now_set.get("is_enabled", True))
        if st.form_submit_button("Save", type="primary"):
            fields: Json = {
                "name": name.strip(), "issuer": issuer.strip(), "client_id": client_id.strip(),
                "domains": comma_separated(domains),
                "default_role": role.value if role else None, "is_enabled": is_enabled,
            }  # fmt: skip
            if secret:
                fields["client_secret"] = secret
            if attempt(lambda: visit.api.set_single_sign_on(**fields), "Saved: the provider answered", reruns=True):
                st.rerun()
    if provider is not None:
        with st.popover(f"Take {escaped(provider['name'])} away", icon=":material/link_off:"):
            st.markdown("Nobody signs in through it any more. People without a password need an invitation again.")
            st.button("Take it away", key="settings_sign_on_out", on_click=_remove, args=(visit,))


def _remove(visit: Visit) -> None:
    attempt(visit.api.remove_single_sign_on, "Everybody signs in with a password again")
