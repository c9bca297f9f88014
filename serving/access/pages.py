"""The pages of login: plain forms that work without JavaScript, light and dark, under a strict content policy."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

TEMPLATES = Path(__file__).parent / "templates"
HOME = "/app/"


def page(name: str, status: int = 200, **facts: object) -> HTMLResponse:
    """One of the templates, with the one style sheet allowed by its hash and nothing else."""
    style = (TEMPLATES / "login.css").read_text(encoding="utf-8")
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{allowed}'; form-action 'self'; img-src 'self' data:; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    body = _environment().get_template(name).render(style=style, **facts)
    return HTMLResponse(body, status, {"Content-Security-Policy": policy, "Cache-Control": "no-store"})


def safe_next(wanted: str | None) -> str:
    """Where to go after signing in: a path on this host, never another site."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or any(c in wanted for c in "\\\r\n\t"):
        return HOME
    return wanted


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
