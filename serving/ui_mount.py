"""The operator UI in the web process: Streamlit at /app, its static files compressed once."""

from __future__ import annotations

import asyncio
import gzip
import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import NotConfigured
from domain.settings import Settings

UI_SCRIPT = Path(__file__).resolve().parent.parent / "app" / "main.py"
BASE_PATH = "/app"
"""The same as `baseUrlPath` in app/.streamlit/config.toml."""
WARM_UP = (
    "pandas",
    "pyarrow.pandas_compat",
    "streamlit.dataframe_util",
    "streamlit.elements.arrow",
    "streamlit.elements.echarts_chart",
    "streamlit.elements.metric",
    "streamlit.elements.vega_charts",
)
"""What a first page would load: imported before the freeze, so that Streamlit's collections stay cheap (120 → 23 ms)."""
COMPRESSED = {".js", ".css", ".html", ".json", ".svg", ".map", ".wasm"}


def mount(app: FastAPI) -> None:
    """Mounts the UI last, when there is one: the page at /app, its websocket, and / as the way to it."""
    if not UI_SCRIPT.is_file():
        return
    if app.state.settings.web.role == "ui" and app.state.settings.web.api_url is None:
        raise NotConfigured(
            "the UI alone has no API to ask", hint="Set LEADHOUSE_WEB__API_URL to the address that serves the role api."
        )
    import streamlit

    ui = streamlit.App(UI_SCRIPT, secrets={"leadhouse": configuration(app.state.settings)})
    ui_lifespan = ui.lifespan()

    @asynccontextmanager
    async def lifespan(parent: FastAPI) -> AsyncIterator[None]:
        async with ui_lifespan(parent):
            await asyncio.to_thread(_warm_up)
            yield

    app.state.lifespans.append(lifespan)
    app.router.routes.append(Route("/", _to_ui))
    app.router.routes.append(Route(f"{BASE_PATH}/static/{{name:path}}", _static_file))
    app.mount(BASE_PATH, _AtItsOwnBasePath(ui))


def configuration(settings: Settings) -> dict[str, Any]:
    """What the UI needs to know: where the API is (by default this process, on loopback), and how to read the lake. No
    secrets."""
    host = "127.0.0.1" if settings.web.host in {"0.0.0.0", "::", ""} else settings.web.host  # noqa: S104  compared only
    lake = settings.model_dump_json(include={"data", "lake"})
    own = f"http://{f'[{host}]' if ':' in host else host}:{settings.web.port}"
    return {"api": (settings.web.api_url or own).rstrip("/"), "settings": lake}


class _AtItsOwnBasePath:
    """Hands the whole path on: Streamlit knows its base path and would not find itself under a mount's root path."""

    def __init__(self, ui: ASGIApp) -> None:
        self.ui = ui

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.ui({**scope, "root_path": scope.get("app_root_path", "")}, receive, send)


def _warm_up() -> None:
    for name in WARM_UP:
        if find_spec(name.partition(".")[0]) is not None:
            import_module(name)


async def _to_ui(_request: Request) -> Response:
    return RedirectResponse(f"{BASE_PATH}/", 307)


@lru_cache(maxsize=1)
def _static_root() -> Path:
    import streamlit

    return (Path(streamlit.__file__).parent / "static" / "static").resolve()  # a linked environment is no way out


@lru_cache(maxsize=1024)
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 6)


def _static_file(request: Request) -> Response:
    """One of Streamlit's own hashed files, gzip once and kept: it never compresses its JavaScript itself."""
    root = _static_root()
    path = (root / request.path_params["name"]).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        return Response(status_code=404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if path.suffix in COMPRESSED and "gzip" in request.headers.get("accept-encoding", ""):
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return Response(_compressed(path), headers=headers | {"Content-Encoding": "gzip"}, media_type=media_type)
    return FileResponse(path, headers=headers)
