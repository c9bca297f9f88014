"""The pages of login: plain forms that work without JavaScript, light and dark, under a strict content policy."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from serving.brand.looks import colours, look_at
from serving.brand.schemas import LookOut
from storage.ops.repositories.brands import OURS, Look
from storage.ops.store import Store

TEMPLATES = Path(__file__).parent / "templates"
HOME = "/app/"


def page(name: str, status: int = 200, *, look: Look = OURS, **facts: object) -> HTMLResponse:
    """One of the templates in an organization's look, with the one style sheet allowed by its hash and nothing else."""
    style = (TEMPLATES / "login.css").read_text(encoding="utf-8") + (colours(look) if look is not OURS else "")
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{allowed}'; form-action 'self'; img-src 'self' data:; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    body = _environment().get_template(name).render(style=style, look=LookOut.of(look), is_ours=look is OURS, **facts)
    return HTMLResponse(body, status, {"Content-Security-Policy": policy, "Cache-Control": "no-store"})


def look_for(request: Request, store: Store, slug: str = "") -> Look:
    """Of the organization that the address names, or whose host it was called by."""
    return look_at(store, slug=slug, host=request.headers.get("host", ""))


def safe_next(wanted: str | None) -> str:
    """Where to go after signing in: a path on this host, never another site."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or any(c in wanted for c in "\\\r\n\t"):
        return HOME
    return wanted


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
