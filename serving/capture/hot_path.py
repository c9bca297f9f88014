"""Claims the collector's paths before FastAPI is asked, and runs the writer as long as the process lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from serving.capture.collector import Collector
from serving.capture.keys import WriteKeys
from serving.capture.no_script import NoScriptPixel
from serving.capture.visitors import Visitors
from serving.capture.writer import GroupCommit
from serving.network.resolver import NetworkResolver
from storage.ops.inbox.opening import open_inbox

if TYPE_CHECKING:
    from serving.main import Web

ROLES = frozenset({"capture", "api"})


def mount(app: Web) -> None:
    """Called once by `create_app`; the writer starts with the app."""
    settings, clock = app.state.settings, app.state.clock
    networks = NetworkResolver.of(settings)
    writer = GroupCommit(open_inbox(settings), most_waiting=settings.capture.queue_events)
    app.state.write_keys = WriteKeys(app.state.store)
    app.state.networks = networks
    app.state.capture_writer = writer
    visitors = Visitors(networks)
    collector = Collector(settings, clock, app.state.write_keys, visitors, writer)
    app.hot_paths["/v1/collect"] = collector
    app.hot_paths["/v1/p.gif"] = NoScriptPixel(collector, clock, settings.web.trusted_proxies)
    app.state.checks["capture"] = lambda: "the queue of events is full" if writer.is_full else ""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(visitors.warm_up)
        writer.start()
        try:
            yield
        finally:
            await writer.stop()
            networks.close()

    app.state.lifespans.append(lifespan)
