"""The inbox on PostgreSQL: one statement for all events of a commit, and an answer that says which were new."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import psycopg
from psycopg import errors

from storage.ops.inbox.base import Entry, EventRow, JobRow, RejectedRow
from storage.ops.repositories.jobs import WAKE_CHANNEL

TRIES = 3
"""Two processes that insert the same ids in different order may deadlock; one of them tries again."""
INSERT_EVENTS = """
insert into event_inbox (organization_id, event_id, source, received_at, body, context)
select organization_id, event_id, source, received_at, body, context
from unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::text[])
    with ordinality as sent (organization_id, event_id, source, received_at, body, context, place)
where not exists (
    select 1 from event_keys as known
    where known.organization_id = sent.organization_id and known.event_id = sent.event_id
)
order by place
on conflict do nothing
returning organization_id, event_id
"""
INSERT_REJECTED = """
insert into rejected_events
    (rejected_event_id, organization_id, event_id, source, reason, message, body, context, received_at, attempts)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0)
"""
INSERT_JOB = """
insert into jobs
    (job_id, organization_id, kind, payload, run_at, created_at, updated_at, status, priority, attempts, last_error)
values (%s, %s, %s, %s, %s, %s, %s, 'ready', 0, 0, '')
"""
FENCE = "select set_config('leadhouse.readable', '*', true), set_config('leadhouse.writable', '*', true)"
"""A commit carries the events of many organizations: their keys were checked one by one."""


class PostgresqlInbox:
    """See `storage.ops.inbox.base.Inbox`. A connection that was lost is opened again at the next commit."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: psycopg.Connection | None = None

    def stamp(self, at: datetime) -> datetime:
        return at

    def commit(self, entries: Sequence[Entry]) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                self._commit_once(entries)
            except (errors.DeadlockDetected, errors.SerializationFailure):
                if attempt == TRIES:
                    raise
            else:
                return

    def blames_a_row(self, error: Exception) -> bool:
        return not isinstance(error, psycopg.OperationalError)

    def close(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None

    def _open(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._conninfo)
            self._connection.execute("set synchronous_commit = on")
            self._connection.commit()
        return self._connection

    def _commit_once(self, entries: Sequence[Entry]) -> None:
        rows = [row for entry in entries for row in entry.events]
        connection = self._open()
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(FENCE)
            new = self._insert_events(cursor, rows)
            _find_duplicates(entries, new)
            refused: list[RejectedRow] = [row for entry in entries for row in entry.rejected]
            if refused:
                cursor.executemany(INSERT_REJECTED, refused)
            jobs = [job for entry in entries for place, job in entry.jobs.items() if place not in entry.duplicates]
            if jobs:
                cursor.executemany(INSERT_JOB, [_job_values(job) for job in jobs])
                cursor.execute("select pg_notify(%s, '')", [WAKE_CHANNEL])

    @staticmethod
    def _insert_events(cursor: psycopg.Cursor, rows: Sequence[EventRow]) -> set[tuple[str, str]]:
        if not rows:
            return set()
        cursor.execute(INSERT_EVENTS, [list(column) for column in zip(*rows, strict=True)])
        return {(organization_id, event_id) for organization_id, event_id in cursor.fetchall()}


def _find_duplicates(entries: Sequence[Entry], new: set[tuple[str, str]]) -> None:
    """The first of the rows with an id that was inserted is the accepted one; every other is a duplicate."""
    unclaimed = set(new)
    for entry in entries:
        known = []
        for place, row in enumerate(entry.events):
            identity = row.organization_id, row.event_id
            if identity in unclaimed:
                unclaimed.discard(identity)
            else:
                known.append(place)
        entry.duplicates = known


def _job_values(job: JobRow) -> tuple[object, ...]:
    return (*job, job.run_at, job.run_at)
