"""The pages that links of messages open, as plain HTML without script."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from serving.unsubscribe.service import Leaving

TEMPLATES = Path(__file__).parent / "templates"


def asking_page(leaving: Leaving) -> HTMLResponse:
    return _page("asking.html", leaving=leaving)


def done_page(leaving: Leaving) -> HTMLResponse:
    return _page("done.html", leaving=leaving)


def gone_page() -> HTMLResponse:
    """For a link that nobody was sent, or whose message is gone."""
    return _page("gone.html", 404)


def _page(name: str, status: int = 200, **facts: object) -> HTMLResponse:
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{allowed}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    body = _environment().get_template(name).render(style=Markup(style), **facts)  # noqa: S704  our own style sheet
    headers = {
        "Content-Security-Policy": policy, "Cache-Control": "no-store", "X-Robots-Tag": "noindex",
        "Referrer-Policy": "no-referrer",
    }  # fmt: skip
    return HTMLResponse(body, status, headers)


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
