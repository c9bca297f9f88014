"""A real Chromium for tests marked `browser`, and a server for it to visit.

Tests ask for the fixtures `chromium` and `page`, which tests/conftest.py takes in once for all. Without Chromium such tests skip and say
so; where CI=true they fail.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 20_000
"""How long a page may take to show what is expected: a busy machine is no wrong answer."""
MISSING = "Chromium is not installed; `apt-get install chromium` brings it"


def find_chromium() -> str | None:
    """The path of a Chromium or Chrome, or none."""
    return next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for a file of tests; every test opens contexts of its own.

    Not for the whole run: as long as Playwright runs, its thread has an event loop, and `asyncio.run` is refused there.
    """
    path = find_chromium()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A fresh page in a fresh context: no cookie, no storage. `page.problems` gathers what it complained of."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.problems = []
    opened.on("pageerror", lambda error: opened.problems.append(str(error)))
    yield opened
    context.close()


@contextmanager
def serve(app: Any) -> Iterator[str]:
    """Serves an ASGI app on a free port of loopback, in a thread, with its lifespan; yields its address."""
    import uvicorn

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    give_up_at = time.monotonic() + 30
    while not server.started:
        if not thread.is_alive() or time.monotonic() > give_up_at:
            raise RuntimeError("the server did not start")
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
