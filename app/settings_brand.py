"""Settings → Brand: name, logo and colours, and how they look in light and dark before they are saved."""

from __future__ import annotations

import base64
from html import escape

import streamlit as st

from app.api_transport import Json
from app.components import attempt, card_title, guarded
from app.session import Visit
from app.shell import forget_look
from domain.brands import ACCENT, DARK_PAGE, INK, LIGHT_PAGE, PRIMARY, Colour, Shades
from domain.permissions import Permission

state = st.session_state
UPLOADS = "settings_brand_uploads"


def show_brand(visit: Visit) -> None:
    with guarded():
        brand = visit.api.brand()
        left, right = st.columns([3, 2], gap="large")
        with left:
            name, primary, accent = _form(visit, brand)
            _logo(visit, brand)
        with right:
            _preview(visit, brand, name or visit.organization["name"], primary, accent)


def _form(visit: Visit, brand: Json) -> tuple[str, str, str]:
    may_change = visit.may(Permission.SETTINGS_WRITE)
    card_title("How it looks", help="Here, on the login page, on invitations, and in the names of exported files.")
    with st.container(border=True):
        name = st.text_input(
            "Name", brand["name"], placeholder=visit.organization["name"], max_chars=80, key="settings_brand_name",
            disabled=not may_change,
        )  # fmt: skip
        one, two = st.columns(2)
        primary = one.color_picker(
            "Primary colour", brand["primary_colour"] or PRIMARY, key="settings_brand_primary", disabled=not may_change,
            help="Buttons, links, what is chosen.",
        )  # fmt: skip
        accent = two.color_picker(
            "Accent colour", brand["accent_colour"] or ACCENT, key="settings_brand_accent", disabled=not may_change,
            help="The page that is open.",
        )  # fmt: skip
        host = st.text_input(
            "Host of your login page", brand["host"] or "", placeholder="leads.example.com", key="settings_brand_host",
            disabled=not may_change, help="A name of yours that leads to this installation. Empty: the link below.",
        )  # fmt: skip
        st.caption("Login page of your people")
        st.code(brand["login_url"], language=None, wrap_lines=True)
        if st.button("Save", type="primary", disabled=not may_change):
            fields = {
                "name": name.strip(), "host": host.strip() or None,
                "primary_colour": None if primary == PRIMARY else primary,
                "accent_colour": None if accent == ACCENT else accent,
            }  # fmt: skip
            if attempt(lambda: visit.api.set_brand(brand["etag"], **fields), "Saved", reruns=True):
                forget_look()
                st.rerun()
    return name.strip(), primary, accent


def _logo(visit: Visit, brand: Json) -> None:
    if not visit.may(Permission.SETTINGS_WRITE):
        return
    card_title("Logo", help="PNG or JPEG, at most 512 KB; shown up to 56 pixels high.")
    with st.container(border=True):
        upload = st.file_uploader(
            "Logo", type=["png", "jpg", "jpeg"], key=f"settings_brand_logo_{state.get(UPLOADS, 0)}",
            label_visibility="collapsed", max_upload_size=1,
        )  # fmt: skip
        if upload is not None and st.button("Use this logo", type="primary"):
            content = upload.getvalue()
            if attempt(lambda: visit.api.set_logo(upload.name, content), "The logo is in use", reruns=True):
                _changed()
        if brand["has_logo"] and st.button("Take the logo away"):  # noqa: SIM102  two questions
            if attempt(visit.api.remove_logo, "The name stands alone again", reruns=True):
                _changed()


def _changed() -> None:
    forget_look()
    state[UPLOADS] = state.get(UPLOADS, 0) + 1
    st.rerun()


def _preview(visit: Visit, brand: Json, name: str, primary: str, accent: str) -> None:
    card_title("Preview")
    path = brand["look"]["logo_path"]
    logo = base64.b64encode(visit.api.logo(path)).decode() if path and brand["has_logo"] else None
    main, second = Colour.parse(primary).shades(), Colour.parse(accent).shades()
    st.html(_card(name, logo, main, second, is_dark=False) + _card(name, logo, main, second, is_dark=True))
    for label, colour, shades in (("Primary", primary, main), ("Accent", accent, second)):
        for theme, shown in (("light", shades.light), ("dark", shades.dark)):
            if shown != colour:
                st.caption(f"{label}: shown as `{shown}` in {theme}, where {colour} could not be read.")


def _card(name: str, logo: str | None, primary: Shades, accent: Shades, *, is_dark: bool) -> str:
    """The login page in small."""
    page, ink, soft = (DARK_PAGE, "#edf0f6", "#a0a9b8") if is_dark else (LIGHT_PAGE, INK, "#5b6472")
    colour, words = (primary.dark, primary.on_dark) if is_dark else (primary.light, primary.on_light)
    line = accent.dark if is_dark else accent.light
    head = (
        f'<img src="data:image/png;base64,{logo}" alt="" style="max-height:36px;max-width:180px">'
        if logo
        else f'<b style="font-size:17px">{escape(name)}</b>'
    )
    return (
        f'<div style="background:{page};color:{ink};border:1px solid rgba(128,138,155,.35);border-left:4px solid {line};'
        f'border-radius:12px;padding:20px;margin-bottom:12px">{head}'
        f'<p style="color:{soft};margin:.6rem 0">Leads, journeys and what they bring in.</p>'
        f'<span style="display:inline-block;background:{colour};color:{words};padding:8px 16px;border-radius:8px;'
        f'font-weight:600">Sign in</span> '
        f'<span style="color:{colour};margin-left:12px;text-decoration:underline">A link</span></div>'
    )
