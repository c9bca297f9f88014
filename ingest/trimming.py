"""Taking landed rows out of the store, in transactions so small that capture does not feel them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from domain.clock import Clock
from domain.tenancy import Actor, SystemScope
from ingest.base import Door, Feed, Source
from storage.ops.repositories.landing_queues import ChangeQueue, EventQueue, LandingQueue, Mark
from storage.ops.store import Store, Work

ROWS = 500
"""Of one transaction; SQLite has one writer, and capture must get in between (≤ 25 ms, DESIGN §4)."""
SCOPE = SystemScope("landing trims what is in the lake")
ACTOR = Actor.system("landing")


def trim(store: Store, source: Source, feed: Feed, upto: Mark, clock: Clock) -> Iterator[int]:
    """Removes everything landed, yielding the count of each transaction. Ids of events are remembered with it."""
    yield from _in_small_steps(store, lambda work: queue_of(work, source, feed).trim(upto, ROWS, clock()))


def forget_keys(store: Store, keep_days: int, clock: Clock) -> int:
    """Drops ids of events that landed more than `keep_days` ago; an older retry is refused as too late anyway."""
    before = clock() - timedelta(days=keep_days)
    return sum(_in_small_steps(store, lambda work: EventQueue(work, "").forget_keys(before, ROWS)))


def queue_of(work: Work, source: Source, feed: Feed) -> LandingQueue:
    """The store's queue behind a feed's door."""
    return ChangeQueue(work) if feed.door is Door.CHANGES else EventQueue(work, source.name)


def _in_small_steps(store: Store, step: Callable[[Work], int]) -> Iterator[int]:
    """Repeats `step` until it finds nothing, and rests as long as it worked: SQLite's waiting writers are not queued,
    so one that comes back at once would starve them."""
    while True:
        started = time.perf_counter()
        with store.write(SCOPE, ACTOR) as work:
            count = step(work)
        if not count:
            return
        yield count
        if store.dialect == "sqlite":
            time.sleep(time.perf_counter() - started)
