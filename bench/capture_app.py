"""The server under measurement: the product's own app, and beside it the routes it is compared with.

/bench/noop            FastAPI, async, 204: the floor of the framework, first in the list of routes
/bench/bare            raw ASGI, msgspec, group commit: the hot path without the rules of the product
/bench/naive           what a competitor in Python would write: def, pydantic, one ORM commit a request
"""

from __future__ import annotations

import argparse
import os
from datetime import datetime
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from domain.settings import Settings
from domain.tenancy import Actor
from domain.tenancy import Scope as Tenancy
from serving.capture.schemas import Incoming
from serving.capture.writer import GroupCommit
from serving.main import Web, create_app, serve
from storage.ops.inbox.base import Entry, EventRow
from storage.ops.tables import EventInbox


class NaiveEvent(BaseModel):
    """The competitor's schema."""

    event_id: str
    type: str
    name: str | None = None
    anonymous_id: str | None = None
    session_id: str | None = None
    occurred_at: datetime
    sent_at: datetime | None = None
    consent: str | None = None
    signals: dict[str, Any] = {}
    page: dict[str, Any] = {}
    utm: dict[str, str] = {}
    click_ids: dict[str, str] = {}
    device: dict[str, Any] = {}
    properties: dict[str, Any] = {}


class Bare:
    """Decode, commit in a group, 204."""

    def __init__(self, writer: GroupCommit, organization_id: str) -> None:
        self._writer = writer
        self._organization_id = organization_id
        self._decode = msgspec.json.Decoder(Incoming).decode
        self._encode = msgspec.json.Encoder().encode

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI
        message = await receive()
        body = message.get("body", b"")
        while message.get("more_body"):
            message = await receive()
            body += message.get("body", b"")
        incoming = self._decode(body)
        stamp = self._writer.inbox.stamp(datetime.now().astimezone())
        if incoming.batch is None:
            rows = [EventRow(self._organization_id, incoming.event_id, "bench", stamp, body.decode(), "{}")]
        else:
            rows = [
                EventRow(self._organization_id, event.event_id, "bench", stamp, self._encode(event).decode(), "{}")
                for event in incoming.batch
            ]
        await self._writer.submit(Entry(rows))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def build(settings: Settings, organization_id: str) -> Web:
    """The product's app with the three routes."""
    app = create_app(settings)

    async def noop(request: Request) -> Response:  # noqa: ARG001  as small as FastAPI allows
        return Response(status_code=204)

    app.router.routes.insert(0, APIRoute("/bench/noop", noop, methods=["POST"]))
    _add_naive(app, organization_id)
    app.hot_paths["/bench/bare"] = Bare(app.state.capture_writer, organization_id)
    return app


def _add_naive(app: FastAPI, organization_id: str) -> None:
    def naive(event: NaiveEvent, request: Request) -> Response:
        with request.app.state.store.write(Tenancy.of(organization_id), Actor.system("bench")) as work:
            work.session.add(
                EventInbox(
                    organization_id=organization_id,
                    event_id=event.event_id,
                    source="bench",
                    received_at=datetime.now().astimezone(),
                    body=event.model_dump_json(),
                    context="{}",
                )
            )
        return Response(status_code=204)

    app.router.routes.insert(1, APIRoute("/bench/naive", naive, methods=["POST"]))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--organization", required=True)
    arguments = parser.parse_args()
    settings = Settings.load(os.environ)
    serve(settings, lambda bound: build(bound, arguments.organization))


if __name__ == "__main__":
    main()
