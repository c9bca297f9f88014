"""Rows that broke a rule, tried again: operators ask for it in the store, and landing, which may write the lake, answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from domain.clock import Clock
from domain.tenancy import Actor, Scope, SystemScope
from ingest import parsing, registry, staging
from ingest.base import Door, Feed, FileContext
from ingest.batches import context_of
from storage.lake import Lake
from storage.lake.schemas import QUARANTINE
from storage.ops.repositories.quarantine_replays import QuarantineReplays
from storage.ops.store import Store
from storage.ops.tables import QuarantineReplay

ACTOR = Actor.system("landing")
BATCH_ID = "quarantine"


def answer_replays(store: Store, lake: Lake, *, clock: Clock, wait_seconds: float = 30.0) -> int:
    """Tries every row that was asked for; the count of those that land now. The others stay, with their present reason.

    Killed between lake and store, the request is answered again, and finds its rows landed.
    """
    total = 0
    for asked in _asked(store):
        replayed = _replay(store, lake, asked, clock, wait_seconds)
        with store.write(Scope.of(asked.organization_id), ACTOR) as work:
            QuarantineReplays(work).answer(asked.quarantine_replay_id, replayed)
        total += replayed
    return total


def _asked(store: Store) -> list[QuarantineReplay]:
    with store.read(SystemScope("landing answers every organization's replays")) as work:
        return QuarantineReplays(work).asked()


def _replay(store: Store, lake: Lake, asked: QuarantineReplay, clock: Clock, wait_seconds: float) -> int:
    source = registry.source(asked.source)
    replayed = 0
    for feed in source.feeds:
        with lake.staging(wait_seconds) as cursor:
            rows = _rows(cursor, asked, feed)
            if not rows:
                continue
            context = context_of(
                store,
                asked.organization_id,
                file_name=BATCH_ID,
                batch_id=BATCH_ID,
                received_at=clock(),
                facts={},
            )
            incoming = _incoming(feed, (row for _, row in rows), context)
            staged = staging.stage(cursor, source.name, feed, incoming, batch_id=BATCH_ID, loaded_at=clock())
            ids = [quarantine_id for quarantine_id, _ in rows]
            still = "select quarantine_id from temp.failed" if staged.failed_count else "select null where false"
            with lake.commit(cursor, wait_seconds):
                staged.insert(check_known=True)
                done = cursor.execute(
                    f"update {QUARANTINE.full_name} set replayed_at = ? "
                    f"where replayed_at is null and quarantine_id in (select unnest(?)) and quarantine_id not in ({still})",
                    [clock(), ids],
                ).fetchone()
            replayed += int(done[0]) if done else 0
    return replayed


def _rows(cursor: Any, asked: QuarantineReplay, feed: Feed) -> list[tuple[str, str]]:
    chosen = " and quarantine_id in (select unnest(?))" if asked.quarantine_ids else ""
    found = cursor.execute(
        f"select quarantine_id, row from {QUARANTINE.full_name} where organization_id = ? and source = ? "
        f"and table_name = ? and replayed_at is null{chosen} order by first_seen_at, quarantine_id",
        [asked.organization_id, asked.source, feed.table.name, *([asked.quarantine_ids] if chosen else [])],
    ).fetchall()
    return [(str(quarantine_id), str(row)) for quarantine_id, row in found]


def _incoming(feed: Feed, rows: Iterable[str], context: FileContext) -> Iterator[pa.Table]:
    """What came in then, as it would come in now."""
    records = [json.loads(row) for row in rows]
    if feed.door is Door.CHANGES:
        yield pa.Table.from_pylist(records)
    else:
        yield from parsing.chunks(feed, records, context)
