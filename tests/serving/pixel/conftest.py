"""A small website of our own with the pixel on it, and a collector that remembers what it was sent."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from serving.pixel import build
from tests.browsers import serve

PAGE = """<!doctype html><title>{title}</title>
<script>window.lh=window.lh||function(){{(lh.q=lh.q||[]).push(arguments)}};{before}</script>
<script async src="/lh.js" data-key="lhw_test" {attributes} data-patience="20"></script>
<body style="margin:0"><h1>{title}</h1>
<a id="out" href="https://elsewhere.example/path?secret=1" target="_blank">out</a>
<a id="file" href="/files/brochure.pdf" download>brochure</a>
<a id="next" href="/second">next</a>
<a id="mail" href="mailto:ada@example.com">write</a>
<button id="named" data-lh-event="demo_opened">open</button>
<form id="quote" action="/thanks"><input name="email"><input name="budget"><button id="send">send</button></form>
<div style="height:4000px"></div>"""


@dataclass
class Site:
    """What the pages said and how the collector answered. `answers` are the statuses to come, 202 when empty."""

    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    answers: deque[int] = field(default_factory=deque)

    @property
    def events(self) -> list[dict[str, Any]]:
        """Each once: a page that is left may send a batch again whose answer it did not see."""
        accepted = [event for request in self.requests if request["status"] == 202 for event in request["batch"]]
        return list({event["event_id"]: event for event in accepted}.values())

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]

    def wait_for(self, holds: Callable[[], Any], pump: Callable[[int], None], seconds: float = 10) -> Any:
        """Lets the browser go on until something holds; fails with what arrived instead."""
        give_up_at = time.monotonic() + seconds
        while not (found := holds()):
            if time.monotonic() > give_up_at:
                raise AssertionError(f"did not come; came: {[(e['type'], e['page']['url']) for e in self.events]}")
            pump(20)
        return found


@pytest.fixture(scope="session", autouse=True)
def built_scripts() -> None:
    build.build(announce=lambda _line: None)


@pytest.fixture(scope="session")
def _served() -> Iterator[Site]:
    site = Site()

    async def show(request: Request) -> HTMLResponse:
        query = request.query_params
        return HTMLResponse(
            PAGE.format(title=request.url.path, attributes=query.get("attributes", ""), before=query.get("before", ""))
        )

    async def collect(request: Request) -> Response:
        status = site.answers.popleft() if site.answers else 202
        body = json.loads(await request.body())
        site.requests.append(
            {**body, "status": status, "key": request.query_params["k"], "type": request.headers.get("content-type")}
        )
        return Response(status_code=status, headers={"Access-Control-Allow-Origin": "*"})

    def script(_request: Request) -> Response:
        return Response((build.BUILD / "lh.js").read_bytes(), media_type="text/javascript")

    app = Starlette(
        routes=[
            Route("/lh.js", script),
            Route("/v1/collect", collect, methods=["POST"]),
            Route("/files/{name}", lambda _request: Response(b"%PDF", media_type="application/pdf")),
            Route("/{path:path}", show),
        ]
    )
    with serve(app) as url:
        site.url = url
        yield site


@pytest.fixture
def site(_served: Site) -> Iterator[Site]:
    _served.requests.clear()
    _served.answers.clear()
    return _served
