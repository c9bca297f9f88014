"""The pages that a link to a report opens: plain HTML in the organization's look, nothing else reachable from them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from starlette.responses import HTMLResponse

from serving.brand.looks import colours
from serving.brand.schemas import LookOut
from serving.plain_pages import PlainPages
from serving.reports.drawing import WIDTH, draw_bars, draw_lines, spark
from serving.reports.service import Opened
from storage.ops.repositories.brands import OURS, Look

PAGES = PlainPages(Path(__file__).parent / "templates", "report.css", has_pictures=True)
PAGES.environment.globals.update(draw_bars=draw_bars, draw_lines=draw_lines, spark=spark, width=WIDTH)
PRIVATE = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}


def report_page(opened: Opened, look: Look) -> HTMLResponse:
    built = opened.report.built_at
    fresh = f"Built {_moment(built, opened.zone)}." if built else "Not built yet."
    ending = f"This link shows this report and nothing else, until {_moment(opened.expires_at, opened.zone)}."
    short = f"Built {built.astimezone(opened.zone):%-d %b, %H:%M}" if built else "Not built yet"
    return _page(
        "report.html",
        200,
        look,
        heading=opened.name,
        report=opened.report,
        fresh=fresh,
        fresh_short=short,
        ending=ending,
    )


def passcode_page(look: Look, status: int = 200, problem: str = "") -> HTMLResponse:
    return _page("passcode.html", status, look, problem=problem)


def gone_page(look: Look = OURS, status: int = 404, problem: str = "") -> HTMLResponse:
    return _page("gone.html", status, look, problem=problem)


def _page(name: str, status: int, look: Look, **facts: object) -> HTMLResponse:
    made = PAGES.page(name, status, more_style="" if look is OURS else colours(look), look=LookOut.of(look), **facts)
    made.headers.update(PRIVATE)
    return made


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%-d %B %Y, %H:%M} ({zone.key})"
