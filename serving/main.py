"""The web process: `create_app(settings)` builds it, `python -m serving.main` runs it.

A router is found, not registered: every `serving/<concern>/router.py` has `router` and, unless it only belongs to the
API, `ROLES` (of `capture`, `api`, `ui`). A hot path is found too: `serving/<concern>/hot_path.py` has `mount(app)`,
which may claim exact paths that are answered before FastAPI is asked. So is a `middleware.py` with `install(app)`.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

import serving
from domain.clock import Clock, utc_now
from domain.errors import LeadhouseError
from domain.settings import Settings
from serving import errors, headers, listening, openapi, ui_mount
from storage.ops.store import Store

API_ONLY = frozenset({"api"})
GC_THRESHOLDS = 20_000, 20, 50
"""A request makes hundreds of objects that die with it and no cycles: the default of 700 looks far too often."""


class Web(FastAPI):
    """FastAPI, and before it the exact paths that cannot afford it."""

    hot_paths: dict[str, ASGIApp]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (hot := self.hot_paths.get(scope["path"])) is not None:
            await hot(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(settings: Settings, *, store: Store | None = None, clock: Clock = utc_now) -> Web:
    """The web application for the role the settings name.

    A store that is given stays open at shutdown; otherwise the app opens its own at start.
    """
    role = settings.web.role
    app = Web(
        title="Leadhouse",
        version="1",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    app.hot_paths = {}
    app.state.settings = settings
    app.state.clock = clock
    app.state.own_store = store is None
    app.state.store = store or Store.open(settings, clock)
    app.state.lifespans = []
    """Parts of the process that start and stop with it: callables app → async context manager."""
    app.state.checks = {}
    """What must hold before the process is ready: name → callable that answers the problem, or ""."""
    errors.install(app)
    for module in found_modules("middleware"):
        module.install(app)
    app.add_middleware(headers.SecurityHeaders, secure=settings.web.secure_cookies)  # outermost: on every answer
    for module in found_modules("router"):
        if role == "all" or role in getattr(module, "ROLES", API_ONLY):
            app.include_router(module.router)
    for module in found_modules("hot_path"):
        if role == "all" or role in getattr(module, "ROLES", API_ONLY):
            module.mount(app)
    openapi.install(app)
    if role in {"all", "ui"}:
        ui_mount.mount(app)
    return app


def found_modules(name: str) -> Iterator[ModuleType]:
    """The modules `serving.<concern>.<name>`, in order of concern."""
    for concern in sorted(found.name for found in iter_modules(serving.__path__) if found.ispkg):
        full_name = f"serving.{concern}.{name}"
        if find_spec(full_name) is not None:
            yield import_module(full_name)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        if app.state.own_store:
            stack.callback(app.state.store.close)
        for part in app.state.lifespans:
            await stack.enter_async_context(part(app))
        gc.collect()
        gc.freeze()  # what is loaded now stays: collections after it look at requests only
        gc.set_threshold(*GC_THRESHOLDS)
        yield


def serve(settings: Settings, build: Callable[[Settings], ASGIApp] = create_app) -> None:
    """Serves until a signal; the address that was taken is printed in one line.

    `build` is given the settings with the port that was really taken.
    """
    import uvicorn

    listener = listening.bind(settings.web.host, settings.web.port)
    port = listener.getsockname()[1]
    settings = settings.model_copy(update={"web": settings.web.model_copy(update={"port": port})})
    config = uvicorn.Config(
        build(settings),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        proxy_headers=False,  # serving.client_address decides whom to believe
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
    )
    print(f"Leadhouse web ({settings.web.role}) at http://{settings.web.host}:{port}", flush=True)
    uvicorn.Server(config).run(sockets=[listener])


def main() -> int:
    """The entry point: reads the environment and `.env`, then serves."""
    try:
        serve(Settings.load(os.environ, Path(".env")))
    except LeadhouseError as error:
        print(f"{error.code}: {error.message}" + (f"\n{error.hint}" if error.hint else ""), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
