"""The pages of login: plain forms that work without JavaScript, light and dark, under a strict content policy."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.brand.looks import colours, look_at
from serving.brand.schemas import LookOut
from serving.plain_pages import PlainPages
from storage.ops.repositories.brands import OURS, Look
from storage.ops.store import Store

PAGES = PlainPages(Path(__file__).parent / "templates", "login.css", has_pictures=True)
HOME = "/app/"


def page(name: str, status: int = 200, *, look: Look = OURS, **facts: object) -> HTMLResponse:
    """One of the templates in an organization's look."""
    is_ours = look is OURS
    more_style = "" if is_ours else colours(look)
    return PAGES.page(name, status, more_style=more_style, look=LookOut.of(look), is_ours=is_ours, **facts)


def look_for(request: Request, store: Store, slug: str = "") -> Look:
    """Of the organization that the address names, or whose host it was called by."""
    return look_at(store, slug=slug, host=request.headers.get("host", ""))


def safe_next(wanted: str | None) -> str:
    """Where to go after signing in: a path on this host, never another site."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or any(c in wanted for c in "\\\r\n\t"):
        return HOME
    return wanted
