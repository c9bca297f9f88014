"""A site that sends events to a running app, on each database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select

from domain.settings import Settings
from serving.main import create_app
from storage.ops.repositories.api_keys import ApiKeys
from storage.ops.store import Store
from storage.ops.tables import EventInbox, Job, RejectedEvent
from tests.factories import SYSTEM, TESTER, make_organization
from tests.factories.events import CHROME


class Site:
    """A website with a write key, and what has been stored of what it sent."""

    def __init__(self, client: TestClient, store: Store, organization_id: str, key: str) -> None:
        self.client = client
        self.store = store
        self.organization_id = organization_id
        self.key = key

    def send(self, *events: dict[str, Any], headers: dict[str, str] | None = None, **more: Any) -> Response:
        """One event alone, several as a batch."""
        body = events[0] if len(events) == 1 and not more else {"batch": list(events), **more}
        return self.post(json.dumps(body), headers=headers)

    def post(self, body: str | bytes, *, headers: dict[str, str] | None = None, key: str | None = None) -> Response:
        sent = {"user-agent": CHROME, "content-type": "text/plain"} | (headers or {})
        return self.client.post("/v1/collect", params={"k": key or self.key}, content=body, headers=sent)

    def inbox(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Body and context of every stored event, in order."""
        with self.store.read(SYSTEM) as work:
            rows = work.session.scalars(select(EventInbox).order_by(EventInbox.seq)).all()
        return [(json.loads(row.body), json.loads(row.context)) for row in rows]

    def stored(self) -> dict[str, Any]:
        """The body of the one stored event."""
        ((body, _),) = self.inbox()
        return body

    def rejected(self) -> list[RejectedEvent]:
        with self.store.read(SYSTEM) as work:
            found = work.session.scalars(select(RejectedEvent).order_by(RejectedEvent.rejected_event_id))
            return list(found)

    def jobs(self) -> list[Job]:
        with self.store.read(SYSTEM) as work:
            return list(work.session.scalars(select(Job).order_by(Job.job_id)))


@contextmanager
def open_site(settings: Settings, store: Store, clock: Any, **of_key: Any) -> Iterator[Site]:
    organization_id = make_organization(store).organization_id
    with store.write(SYSTEM, TESTER) as work:
        key = ApiKeys(work).create_write_key("site", organization_id=organization_id, **of_key)
    with TestClient(create_app(settings, store=store, clock=clock)) as client:
        yield Site(client, store, organization_id, key)


@pytest.fixture
def capture_settings(settings) -> Settings:
    """Settings of a process that only captures, as a replica does; a test may change its limits before `site`."""
    return settings.model_copy(update={"web": settings.web.model_copy(update={"role": "capture"})})


@pytest.fixture
def site(capture_settings, store, clock) -> Iterator[Site]:
    """On SQLite and on PostgreSQL."""
    with open_site(capture_settings, store, clock) as opened:
        yield opened


@pytest.fixture
def sqlite_site(capture_settings, sqlite_store, clock) -> Iterator[Site]:
    """On SQLite only, where the database is not the subject."""
    with open_site(capture_settings, sqlite_store, clock) as opened:
        yield opened
