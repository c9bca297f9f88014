"""The inbox on SQLite: one immediate transaction, `synchronous=FULL`, one statement a row.

A row of its own statement costs 1 µs more than executemany and says at once whether the event was new.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from storage.ops.inbox.base import Entry
from storage.ops.turns import Turns

PATIENCE_SECONDS = 5.0
"""How long a commit waits for the write lock before it fails (and the answer is 503)."""
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # the commit gates an answer: it must outlive a power cut, not only the process
    "foreign_keys=ON",
    f"busy_timeout={PATIENCE_SECONDS * 1000:.0f}",
    "cache_size=-65536",  # 64 MiB: the ids of 30 days are looked up on every insert
    "wal_autocheckpoint=4000",  # 16 MiB: hot index pages are copied back once, not once a megabyte
)
INSERT_EVENT = """
insert into event_inbox (organization_id, event_id, source, received_at, body, context)
select ?1, ?2, ?3, ?4, ?5, ?6
where not exists (select 1 from event_keys where organization_id = ?1 and event_id = ?2)
on conflict do nothing
"""
INSERT_REJECTED = """
insert into rejected_events
    (rejected_event_id, organization_id, event_id, source, reason, message, body, context, received_at, attempts)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
"""
INSERT_JOB = """
insert into jobs
    (job_id, organization_id, kind, payload, run_at, created_at, updated_at, status, priority, attempts, last_error)
values (?1, ?2, ?3, ?4, ?5, ?5, ?5, 'ready', 0, 0, '')
"""

Connect = Callable[[], Any]
"""Opens a connection in autocommit mode whose `execute` answers an object with `rowcount`."""


class SqliteInbox:
    """See `storage.ops.inbox.base.Inbox`."""

    def __init__(self, connect: Connect, turns: Turns | None = None) -> None:
        self._turns = turns
        self._connection = connect()
        for pragma in PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("PRAGMA busy_timeout=1")  # from here on `_begin` waits

    @classmethod
    def at(cls, path: str | Path) -> SqliteInbox:
        """The inbox of a store file, through Python's own SQLite: no other may open the file in this process."""
        connect = partial(sqlite3.connect, path, isolation_level=None, check_same_thread=False, cached_statements=32)
        return cls(connect, Turns(path))

    def stamp(self, at: datetime) -> str:
        utc = at if at.tzinfo is UTC else at.astimezone(UTC)
        return utc.isoformat(sep=" ", timespec="microseconds")[:26]

    def commit(self, entries: Sequence[Entry]) -> None:
        with self._turns.first() if self._turns is not None else nullcontext():
            self._commit(entries)

    def _commit(self, entries: Sequence[Entry]) -> None:
        execute = self._connection.execute
        self._begin()
        try:
            for entry in entries:
                self._write(execute, entry)
            execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            raise

    def _begin(self) -> None:
        """Looks for the lock every millisecond: SQLite's own waiting soon looks every 10 to 100 ms, so that a lock held
        for 12 costs 18, and the flag that keeps others back stays up for nothing."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            else:
                return

    def blames_a_row(self, error: Exception) -> bool:
        return not isinstance(error, sqlite3.OperationalError)

    def close(self) -> None:
        self._connection.close()
        if self._turns is not None:
            self._turns.close()

    def _write(self, execute: Callable[..., Any], entry: Entry) -> None:
        known = [place for place, row in enumerate(entry.events) if execute(INSERT_EVENT, row).rowcount != 1]
        entry.duplicates = known
        for refused in entry.rejected:
            execute(INSERT_REJECTED, refused)
        for place, job in entry.jobs.items():
            if place not in entry.duplicates:
                execute(INSERT_JOB, job)
