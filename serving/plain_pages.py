"""Plain pages for people who have no account: HTML without script, one style sheet, and a policy that allows no more."""

from __future__ import annotations

import base64
import hashlib
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse


class PlainPages:
    """The templates of a folder. `has_pictures`: they may show pictures of ours; `is_framed`: other sites may show them."""

    def __init__(self, folder: Path, style: str, *, has_pictures: bool = False, is_framed: bool = False) -> None:
        self._folder, self._style = folder, style
        self._policy = (
            "default-src 'none'; style-src 'sha256-{allowed}'; form-action 'self'; "
            + ("img-src 'self' data:; " if has_pictures else "")
            + "base-uri 'none'; frame-ancestors "
            + ("*" if is_framed else "'none'")
        )

    def page(self, name: str, status: int = 200, *, more_style: str = "", **facts: object) -> HTMLResponse:
        """One of the templates, with the style sheet (and what is added to it) allowed by its hash and nothing else."""
        style = (self._folder / self._style).read_text(encoding="utf-8") + more_style
        allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        body = self.environment.get_template(name).render(style=Markup(style), **facts)  # noqa: S704  our own style sheet
        policy = self._policy.format(allowed=allowed)
        return HTMLResponse(body, status, {"Content-Security-Policy": policy, "Cache-Control": "no-store"})

    @cached_property
    def environment(self) -> Environment:
        return Environment(
            loader=FileSystemLoader(self._folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
