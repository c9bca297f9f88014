"""The pages that links of messages open, as plain HTML without script."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import HTMLResponse

from serving.plain_pages import PlainPages
from serving.unsubscribe.service import Leaving

PAGES = PlainPages(Path(__file__).parent / "templates", "page.css")


def asking_page(leaving: Leaving) -> HTMLResponse:
    return PAGES.page("asking.html", leaving=leaving)


def done_page(leaving: Leaving) -> HTMLResponse:
    return PAGES.page("done.html", leaving=leaving)


def gone_page() -> HTMLResponse:
    """For a link that nobody was sent, or whose message is gone."""
    return PAGES.page("gone.html", 404)
