"""The inbox on SQLite: one immediate transaction, `synchronous=FULL`, a handful of statements for a crowd.

Each statement gives up Python's lock and must win it back from the event loop, which costs more than the row. So the
events of all requests go in by 64, 32, 16 … rows a statement; only where one of them turns out to be known is the
transaction begun anew, row by row, to learn which.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from storage.ops.inbox.base import Entry, EventRow
from storage.ops.turns import Turns

PATIENCE_SECONDS = 5.0
"""How long a commit waits for the write lock before it fails (and the answer is 503)."""
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # the commit gates an answer: it must outlive a power cut, not only the process
    "foreign_keys=ON",
    "temp_store=MEMORY",  # what a statement of many rows keeps in case it fails: else a file, two more writes an event
    f"busy_timeout={PATIENCE_SECONDS * 1000:.0f}",
    "cache_size=-65536",  # 64 MiB: the ids of 30 days are looked up on every insert
    "wal_autocheckpoint=4000",  # 16 MiB: hot index pages are copied back once, not once a megabyte
)
MOST_AT_ONCE = 64
"""Events of one statement, a power of two; with six values each they keep below the 999 of the oldest SQLite."""


def _insert_events(count: int) -> str:
    places = iter(range(1, 6 * count + 1))
    rows = ", ".join("(" + ", ".join(f"?{next(places)}" for _ in range(6)) + ")" for _ in range(count))
    return f"""
insert into event_inbox (organization_id, event_id, source, received_at, body, context)
select column1, column2, column3, column4, column5, column6 from (values {rows})
where not exists (select 1 from event_keys where organization_id = column1 and event_id = column2)
on conflict do nothing
"""


INSERT_EVENTS = {2**power: _insert_events(2**power) for power in range(MOST_AT_ONCE.bit_length())}
"""The statement for each number of events that goes in at once."""
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

Execute = Callable[..., Any]
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
            is_crowd_new = self._all_new(execute, [row for entry in entries for row in entry.events])
            if not is_crowd_new:
                execute("ROLLBACK")
                self._begin()
            for entry in entries:
                entry.duplicates = () if is_crowd_new else _insert_singly(execute, entry.events)
                self._write_others(execute, entry)
            execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            raise

    def _all_new(self, execute: Execute, rows: Sequence[EventRow]) -> bool:
        """Inserts the events; False as soon as a statement met one that is known already."""
        begin = 0
        while begin < len(rows):
            count = min(MOST_AT_ONCE, 1 << (len(rows) - begin).bit_length() - 1)
            if _insert(execute, rows[begin : begin + count]) != count:
                return False
            begin += count
        return True

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

    def _write_others(self, execute: Execute, entry: Entry) -> None:
        for refused in entry.rejected:
            execute(INSERT_REJECTED, refused)
        for place, job in entry.jobs.items():
            if place not in entry.duplicates:
                execute(INSERT_JOB, job)


def _insert_singly(execute: Execute, rows: Sequence[EventRow]) -> list[int]:
    """The places of the rows that were known already."""
    return [place for place, row in enumerate(rows) if not _insert(execute, [row])]


def _insert(execute: Execute, rows: Sequence[EventRow]) -> int:
    """How many of the rows were new."""
    return int(execute(INSERT_EVENTS[len(rows)], list(chain.from_iterable(rows))).rowcount)
