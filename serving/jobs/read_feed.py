"""Reads one feed of news: `read_feed {"signal_feed_id": …}`. What was kept is known again if it is read twice."""

from __future__ import annotations

from functools import cache
from typing import Any

from domain.clock import Clock
from domain.tenancy import SystemScope
from serving.jobs.base import JobContext
from serving.outside import Outside
from serving.signal_feeds.reading import ACTOR, MOST_BYTES, READ_FEED, queue_reading, read_feed
from storage.ops.repositories.signal_feeds import SignalFeeds
from storage.ops.store import Store

KIND = READ_FEED
LANE = "outside"
_SCOPE = SystemScope("feeds of signals")


def run(context: JobContext, payload: dict[str, Any]) -> None:
    outside = _outside(context.settings.enrichment.local_origins)
    read_feed(context.store, context.scope, str(payload["signal_feed_id"]), outside)


def queue_feeds(store: Store, clock: Clock) -> int:
    """Queues a reading of every feed whose time is up; answers how many."""
    with store.read(_SCOPE) as work:
        due = SignalFeeds(work).due(clock())
    if due:
        with store.write(_SCOPE, ACTOR) as work:
            for organization_id, signal_feed_id in due:
                queue_reading(work, organization_id, signal_feed_id)
    return len(due)


@cache
def _outside(local_origins: frozenset[str]) -> Outside:
    return Outside(local_origins, setting="LEADHOUSE_ENRICHMENT__LOCAL_ORIGINS", seconds=15, most_bytes=MOST_BYTES)
