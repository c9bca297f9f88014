"""The shell in an organization's look: its name, logo and colours, on every page."""

from __future__ import annotations

from xml.sax.saxutils import escape

import streamlit as st

from app.api_transport import ApiProblem, Json
from app.dialog_keys import hear_escape
from app.session import Visit

OURS = "Leadhouse"
MARGINS = (
    '<style>@media (max-width:1439px){[data-testid="stMainBlockContainer"]'
    "{padding-left:2rem!important;padding-right:2rem!important;padding-top:4rem!important}}</style>"
)
"""On the screen of a laptop Streamlit's own margins take a seventh of the width, and rows of filters wrap."""
FORMS = (
    '<style>[data-testid="stForm"] :is([data-testid="stTextInput"],[data-testid="stNumberInput"]) '
    '[data-testid="InputInstructions"]{display:none}.st-key-dialog_keys{position:absolute}</style>'
)
"""What Streamlit says of the Enter key and of letters left lies over the text in a narrow field; a form has its button. What hears
keys takes no room."""

_TOOL = '.st-key-sidebar_tools [data-testid="stPopoverButton"]'
SIDEBAR = (
    '<style>[data-testid="stSidebarContent"]{display:flex;flex-direction:column}'
    '[data-testid="stSidebarHeader"]{flex:none}[data-testid="stSidebarNav"]{order:1;flex:none}'
    '[data-testid="stSidebarNavSeparator"]{display:none}'
    '[data-testid="stSidebarUserContent"]{flex:none;padding-top:.25rem;padding-bottom:1rem}'
    ".st-key-sidebar_tools{flex-wrap:nowrap}.st-key-search_open{flex:1 1 0!important;min-width:0}"
    ".st-key-search_open button{padding-inline:.4rem}.st-key-search_open kbd{padding-left:.2rem;letter-spacing:-.03em}"
    f"{_TOOL}{{padding-inline:.45rem}}{_TOOL} [aria-hidden]:has([data-testid=stIconMaterial]){{display:none}}"
    f"{_TOOL} p{{font-size:0}}{_TOOL} p strong{{font-size:.8rem;margin-left:.15rem}}</style>"
)
"""Whose data this is, the search and what is new stand above the list of pages, which is longer than a laptop's screen.
The names of the two small buttons are there for screen readers."""


@st.cache_data(ttl=5, show_spinner=False)
def _look(_visit: Visit, organization_id: str) -> Json:  # noqa: ARG001  what it is kept under
    """Public, and so the same for everybody who may choose the organization."""
    return _visit.api.look()


@st.cache_data(max_entries=200, show_spinner=False)
def _logo(_visit: Visit, path: str) -> bytes:
    """Its address changes with the picture."""
    return _visit.api.logo(path)


def lay_out() -> None:
    """Leaves a page as much room as a laptop has, and lets Escape close what lies over it."""
    st.html(MARGINS + FORMS + SIDEBAR)
    hear_escape()


def wear(visit: Visit, theme: str) -> None:
    """Puts on the brand of the organization that is looked at; what cannot be had is left as ours."""
    try:
        look = _look(visit, visit.organization_id)
        logo = _logo(visit, look["logo_path"]) if look["logo_path"] else None
    except ApiProblem:
        return
    if look["name"] == OURS and logo is None:
        return
    st.set_page_config(page_title=look["name"])
    st.html(style_of(look, theme))
    if logo is not None:
        st.logo(logo, size="large")
    else:
        st.logo(_word_mark(look["name"], theme), size="large")


def forget_look() -> None:
    """After a change of the brand: the next run reads it again."""
    _look.clear()


def style_of(look: Json, theme: str) -> str:
    """The colours of the theme, on what Streamlit draws in its primary colour. It has no theme of one session."""
    primary, accent = (look[name] for name in ("primary", "accent"))
    colour, words = primary[theme], primary[f"on_{theme}"]
    return (
        "<style>"
        f":root{{--lh-primary:{colour};--lh-on-primary:{words};--lh-accent:{accent[theme]}}}"
        '[data-testid="stBaseButton-primary"],[data-testid="stBaseButton-primaryFormSubmit"]'
        "{background:var(--lh-primary)!important;border-color:var(--lh-primary)!important;color:var(--lh-on-primary)!important}"
        '[data-testid="stButtonGroup"] [data-selected]'
        "{border-color:var(--lh-primary)!important;color:var(--lh-primary)!important;"
        "background:color-mix(in srgb,var(--lh-primary) 12%,transparent)!important}"
        '[data-testid="stMarkdownContainer"] a{color:var(--lh-primary)}'
        '[data-testid="stTabs"] [aria-selected="true"]{color:var(--lh-primary)!important}'
        '[data-testid="stTabs"] [data-baseweb="tab-highlight"]{background:var(--lh-primary)!important}'
        '[data-testid="stSidebarNavLink"][aria-current="page"]{box-shadow:inset 3px 0 0 var(--lh-accent)}'
        "</style>"
    )


def _word_mark(name: str, theme: str) -> str:
    """A name set as a logo, where there is no picture."""
    ink = "#14171f" if theme == "light" else "#edf0f6"
    width = max(80, 12 * len(name))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 32" width="{width}" height="32" role="img">'
        f'<text x="0" y="22.5" fill="{ink}" font-family="Inter, ui-sans-serif, system-ui, sans-serif" font-size="20" '
        f'font-weight="650">{escape(name)}</text></svg>'
    )
