"""What the hot path hands over to be committed, and what it hears back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

MOST_ROWS = 500
"""Rows of one transaction, so that no other writer waits longer than about 25 ms for SQLite's lock."""


class EventRow(NamedTuple):
    """One accepted event; the order is that of the insert."""

    organization_id: str
    event_id: str
    source: str
    received_at: Any
    """As `Inbox.stamp` gave it."""
    body: str
    context: str


class RejectedRow(NamedTuple):
    """One event that was refused, as it came."""

    rejected_event_id: str
    organization_id: str
    event_id: str | None
    source: str
    reason: str
    message: str
    body: str
    context: str
    received_at: Any


class JobRow(NamedTuple):
    """One job of an event."""

    job_id: str
    organization_id: str
    kind: str
    payload: str
    """JSON."""
    run_at: Any


class Entry:
    """The rows of one request. After the commit `duplicates` holds the places in `events` that were known already."""

    __slots__ = ("duplicates", "events", "jobs", "rejected")

    def __init__(self, events: Sequence[EventRow] = ()) -> None:
        self.events = events
        self.rejected: list[RejectedRow] = []
        self.jobs: dict[int, JobRow] = {}
        """By the place of their event: a duplicate queues nothing."""
        self.duplicates: Collection[int] = ()

    @property
    def size(self) -> int:
        """Rows it writes."""
        return len(self.events) + len(self.rejected) + len(self.jobs)


class Inbox(Protocol):
    """One connection, used by one thread. When `commit` returns, the entries are on the disk; when it raises, none is."""

    def stamp(self, at: datetime) -> Any:
        """A moment as this database's rows carry it."""
        ...

    def commit(self, entries: Sequence[Entry]) -> None:
        """Writes all entries in one transaction and fills in their duplicates."""
        ...

    def blames_a_row(self, error: Exception) -> bool:
        """Whether a commit failed for what one of its rows holds, so that the others may succeed without it."""
        ...

    def close(self) -> None:
        """Ends the connection."""
        ...
