"""A store with one organization, a migrated lake beside it, and events to land."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from domain.contacts import EmailAddress
from domain.settings import Settings
from domain.tenancy import Actor, SystemScope
from ingest.batches import BatchReport, land_file
from storage.lake import Lake
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store
from storage.ops.tables import EventInbox
from tests.factories import make_organization

SYSTEM = SystemScope("tests")


@pytest.fixture
def lake(settings: Settings) -> Iterator[Lake]:
    """A migrated, empty lake in the test's own folder."""
    opened = Lake.open(settings)
    opened.migrate()
    yield opened
    opened.close()


def make_event(n: int, **changes: Any) -> dict[str, Any]:
    """The body of a collected page view."""
    return {
        "event_id": f"event-{n}",
        "type": "page_view",
        "anonymous_id": "visitor-1",
        "session_id": "visit-1",
        "occurred_at": "2026-03-02T11:59:58.250Z",
        "sent_at": "2026-03-02T11:59:59Z",
        "consent": "full",
        "signals": {"gpc": False, "dnt": None},
        "page": {
            "url": "https://www.example.com/pricing?plan=pro",
            "title": "Pricing",
            "referrer": "https://google.com/",
        },
        "utm": {"source": "google", "medium": "cpc", "campaign": "spring"},
        "click_ids": {"gclid": "g-1"},
        "device": {"viewport": "1280x720", "language": "en-GB", "time_zone": "Europe/Berlin"},
        "properties": {"plan": "pro"},
        **changes,
    }


CONTEXT = {
    "user_agent": "Mozilla/5.0",
    "browser": "Firefox",
    "os": "Linux",
    "device_type": "desktop",
    "ip_network": "203.0.113.0/24",
    "asn": 64500,
    "network_owner": "Example Works",
    "network_type": "business",
    "company_domain": "example.org",
    "company_name": "Example Works",
    "company_confidence": "high",
    "country": "DE",
    "is_bot": False,
    "bot_reasons": [],
}


def fill_inbox(
    store: Store, now: datetime, bodies: list[dict[str, Any] | str], organization_id: str = "org-1", **columns: Any
) -> None:
    """Puts events into the inbox as capture does."""
    rows = [
        {
            "organization_id": organization_id,
            "event_id": body["event_id"] if isinstance(body, dict) else f"bad-{n}",
            "source": "website_events",
            "received_at": now,
            "body": json.dumps(body) if isinstance(body, dict) else body,
            "context": json.dumps(CONTEXT),
            **columns,
        }
        for n, body in enumerate(bodies)
    ]
    with store.write(SYSTEM, Actor.system("tests")) as work:
        work.session.execute(insert(EventInbox), rows)


def rows(lake: Lake, sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with lake.reader() as cursor:
        return cursor.execute(sql, list(params)).fetchall()


@pytest.fixture
def organization_id(sqlite_store: Store) -> str:
    """An agency of its own, whose key hashes addresses."""
    return make_organization(sqlite_store).organization_id


@pytest.fixture
def hashed(sqlite_store: Store, organization_id: str) -> Callable[[str], str]:
    """An address as events know it."""
    with sqlite_store.read(SYSTEM) as work:
        key = Organizations(work).hash_key(organization_id)
    return lambda address: EmailAddress.parse(address).hashed(key)


@pytest.fixture
def land(
    sqlite_store: Store, lake: Lake, clock: Any, organization_id: str, tmp_path: Path
) -> Callable[..., BatchReport]:
    """`land("ad_spend", "spend.csv", text)` writes the file and lands it."""

    def write_and_land(source: str, name: str, content: str | bytes, **options: Any) -> BatchReport:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        options = {"gate": False, **options}
        return land_file(lake, sqlite_store, source, organization_id, path, clock=clock, **options)

    return write_and_land
