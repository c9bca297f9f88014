"""Landing: what waits in the store goes to the lake exactly once, then leaves the store.

The protocol, a chunk at a time: read what lies beyond the mark; shape and check it outside any lock; commit its rows and
the new mark in one lake transaction; and only when all chunks are in, trim the store up to the mark. Killed at any step,
the next run finds either the old mark (and lands again what never landed) or the new one (and only trims).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from domain.clock import Clock
from domain.errors import StoreBusy
from domain.tenancy import SystemScope
from ingest import quarantine, registry, staging, trimming
from ingest.base import Feed, Source
from storage.lake import Lake
from storage.ops.repositories.landing_queues import Mark
from storage.ops.store import Store

CHUNK_ROWS = 50_000
"""Rows of one lake transaction: about 100 MB in memory while it is shaped."""
LANDING = SystemScope("landing reads every organization's events and changes")

Progress = Callable[[str, int, int], None]
"""Called with source, rows landed so far and rows expected."""
Reached = Callable[[str], None]
"""Called when a named step of the protocol is reached; tests end the process there."""


@dataclass(slots=True)
class FeedLanding:
    """What became of one queue in one landing; seconds are wall time."""

    source: str
    landed_count: int = 0
    quarantined_count: int = 0
    duplicate_count: int = 0
    trimmed_count: int = 0
    landing_seconds: float = 0.0
    trimming_seconds: float = 0.0


@dataclass(slots=True)
class LandingReport:
    """One landing. `skipped_reason` says why it gave way (a build held the lake); it is tried again."""

    feeds: list[FeedLanding] = field(default_factory=list)
    replayed_count: int = 0
    skipped_reason: str | None = None

    @property
    def landed_count(self) -> int:
        return sum(feed.landed_count for feed in self.feeds)


class MarkMoved(Exception):
    """Another landing committed first; nothing was written, and the chunk is read anew."""


def land(
    store: Store,
    lake: Lake,
    *,
    clock: Clock,
    progress: Progress | None = None,
    sources: Iterable[str] | None = None,
    chunk_rows: int = CHUNK_ROWS,
    wait_seconds: float = 30.0,
    reached: Reached = lambda _step: None,
) -> LandingReport:
    """Lands every queue (or those of `sources`) until it is empty. Gives way with a reason when the lake stays locked."""
    report = LandingReport()
    try:
        for source, feed in _queued(sources):
            landing = FeedLanding(source.name)
            report.feeds.append(landing)
            run = _Run(store, lake, source, feed, clock, progress, chunk_rows, wait_seconds, reached, landing)
            run.land()
            run.trim()
        report.replayed_count = quarantine.answer_replays(store, lake, clock=clock, wait_seconds=wait_seconds)
    except StoreBusy as busy:
        report.skipped_reason = busy.message
    return report


def pending(store: Store) -> dict[str, int]:
    """Rows waiting to be landed, by source."""
    with store.read(LANDING) as work:
        return {source.name: trimming.queue_of(work, source, feed).count() for source, feed in _queued(None)}


def _queued(names: Iterable[str] | None) -> Iterator[tuple[Source, Feed]]:
    wanted = None if names is None else set(names)
    for source in registry.all_sources().values():
        for feed in source.feeds:
            if feed.door is not None and (wanted is None or source.name in wanted):
                yield source, feed


@dataclass(frozen=True, slots=True)
class _Chunk:
    rows: pa.Table
    after: Mark
    last: Mark
    duplicate_count: int


@dataclass(frozen=True, slots=True)
class _Run:
    """One queue in one landing."""

    store: Store
    lake: Lake
    source: Source
    feed: Feed
    clock: Clock
    progress: Progress | None
    chunk_rows: int
    wait_seconds: float
    reached: Reached
    landing: FeedLanding

    def land(self) -> None:
        started = time.perf_counter()
        expected = self._expected()
        while expected and not self._land_from(self._mark(), expected):
            pass
        self.landing.landing_seconds = time.perf_counter() - started

    def trim(self) -> None:
        """Takes out of the store everything up to the mark, also what an earlier run landed and could not trim."""
        started = time.perf_counter()
        mark = self._mark()
        for count in trimming.trim(self.store, self.source, self.feed, mark, self.clock):
            self.landing.trimmed_count += count
            self.reached("trimmed_some")
        self.landing.trimming_seconds = time.perf_counter() - started

    def _land_from(self, mark: Mark, expected: int) -> bool:
        """Chunk after chunk; reading the next one while this one is shaped. False when another landing got ahead."""
        with ThreadPoolExecutor(1, thread_name_prefix="landing-read") as reader:
            coming = reader.submit(self._read, mark)
            while (chunk := coming.result()) is not None:
                coming = reader.submit(self._read, chunk.last)
                self.reached("read")
                try:
                    self._commit(chunk)
                except MarkMoved:
                    return False
                if self.progress is not None:
                    done = self.landing.landed_count + self.landing.quarantined_count + self.landing.duplicate_count
                    self.progress(self.source.name, done, max(done, expected))
        return True

    def _expected(self) -> int:
        with self.store.read(LANDING) as work:
            return trimming.queue_of(work, self.source, self.feed).count()

    def _mark(self) -> Mark:
        with self.lake.staging(self.wait_seconds) as cursor:
            return read_mark(cursor, self.source.name)

    def _read(self, after: Mark) -> _Chunk | None:
        with self.store.read(LANDING) as work:
            queue = trimming.queue_of(work, self.source, self.feed)
            rows = queue.read(after, self.chunk_rows)
        if not rows:
            return None
        last = Mark(int(rows[-1][0]), int(rows[-1][1]))
        table = staging.table_of(queue.columns, rows)
        duplicates = 0
        if "is_known" in queue.columns:
            known = [bool(row[-1]) for row in rows]
            duplicates = sum(known)
            if duplicates:
                table = table.filter(pa.array([not one for one in known]))
        return _Chunk(table, after, last, duplicates)

    def _commit(self, chunk: _Chunk) -> None:
        batch_id = f"{chunk.after}..{chunk.last}"
        with self.lake.staging(self.wait_seconds) as cursor:
            staged = staging.stage(
                cursor,
                self.source.name,
                self.feed,
                [chunk.rows],
                batch_id=batch_id,
                loaded_at=self.clock(),
                is_unique=True,
            )
            self.reached("staged")
            with self.lake.commit(cursor, self.wait_seconds):
                if read_mark(cursor, self.source.name) != chunk.after:
                    raise MarkMoved
                staged.insert(check_known=False)
                self.reached("rows_written")
                write_mark(cursor, self.source.name, chunk.last, self.clock())
                self.reached("mark_written")
        self.reached("committed")
        self.landing.landed_count += staged.passed_count
        self.landing.quarantined_count += staged.failed_count
        self.landing.duplicate_count += chunk.duplicate_count


def read_mark(cursor: Any, source: str) -> Mark:
    """How far a source has been landed, as the cursor's transaction sees it."""
    row = cursor.execute("select mark from meta.landing_marks where source = ?", [source]).fetchone()
    return Mark() if row is None else Mark.parse(row[0])


def write_mark(cursor: Any, source: str, mark: Mark, now: datetime) -> None:
    """Inside the transaction that holds the rows up to the mark."""
    moved = cursor.execute(
        "update meta.landing_marks set mark = ?, updated_at = ? where source = ?", [str(mark), now, source]
    ).fetchone()
    if not moved[0]:
        cursor.execute("insert into meta.landing_marks values (?, ?, ?)", [source, str(mark), now])
