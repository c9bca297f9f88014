"""What waits in the store reaches the lake exactly once, in its own shape, and then leaves the store."""

from __future__ import annotations

import json

from sqlalchemy import func, select

from ingest.landing import land, pending
from storage.ops.tables import EventInbox, EventKey
from tests.ingest.conftest import SYSTEM, fill_inbox, make_event


def counted(store, table) -> int:
    with store.read(SYSTEM) as work:
        return work.session.scalar(select(func.count()).select_from(table))


def test_an_event_lands_with_every_column_in_its_type(store, lake, clock):
    fill_inbox(store, clock.now, [make_event(1)])
    assert pending(store)["website_events"] == 1
    report = land(store, lake, clock=clock, sources=["website_events"])
    assert report.landed_count == 1
    (found,) = lake.arrow("select * from raw.website_events__events").to_pylist()
    assert found["organization_id"] == "org-1"
    assert found["occurred_at"].isoformat() == "2026-03-02T11:59:58.250000+00:00"
    assert found["received_at"] == clock.now
    assert (found["page_host"], found["page_path"]) == ("www.example.com", "/pricing")
    assert (found["utm_source"], found["utm_term"], found["gclid"]) == ("google", None, "g-1")
    assert (found["is_gpc"], found["is_dnt"], found["is_bot"]) == (False, None, False)
    assert (found["network_asn"], found["network_company_domain"]) == (64500, "example.org")
    assert json.loads(found["properties"]) == {"plan": "pro"}
    assert found["_loaded_at"] == clock.now
    assert found["_batch_id"].endswith(f":{found['seq']}")


def test_the_inbox_is_trimmed_and_remembers_the_ids(store, lake, clock):
    fill_inbox(store, clock.now, [make_event(n) for n in range(1200)])
    report = land(store, lake, clock=clock)
    assert report.feeds[-1].trimmed_count == 1200
    assert counted(store, EventInbox) == 0
    assert counted(store, EventKey) == 1200
    assert pending(store) == {"operational": 0, "website_events": 0}
