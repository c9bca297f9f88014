"""Jobs: claimed in batches under a lease, retried with back-off, and kept as dead letters when they keep failing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, UTCDateTime, json_type


class Job(Tenanted, Stamped, Base):
    """One piece of work. `status`: `ready`, `running`, `done` or `dead`; a running job past its lease is ready again."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_due", "status", "priority", "run_at", "job_id"),
        UniqueConstraint("unique_key"),
    )

    job_id: Mapped[str] = primary_key()
    kind: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    status: Mapped[str] = mapped_column(String(10), default="ready")
    unique_key: Mapped[str | None] = mapped_column(String(200))
    """While a job with this key waits, another is not queued. Cleared when it is claimed, so that what happens during the
    run queues a run of its own."""
    priority: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    leased_by: Mapped[str | None] = mapped_column(String(80))
    last_error: Mapped[str] = mapped_column(Text, default="")
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class QuarantineReplay(Tenanted, Stamped, Base):
    """An operator asked that quarantined rows be tried again; landing answers it, for only it may write the lake."""

    __tablename__ = "quarantine_replays"

    quarantine_replay_id: Mapped[str] = primary_key()
    source: Mapped[str] = mapped_column(String(40))
    quarantine_ids: Mapped[list[str]] = mapped_column(json_type(), default=list)
    """Empty means all of the source."""
    status: Mapped[str] = mapped_column(String(10), default="asked")
    """`asked` or `done`."""
    replayed_count: Mapped[int] = mapped_column(default=0)
    requested_by: Mapped[str] = mapped_column(String(80), default="")
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    target_id: Mapped[str | None] = mapped_column(ID)


class IdempotencyKey(Tenanted, Base):
    """An unsafe request that may be sent again under the same key: first reserved, then done, then answered.

    `is_done` is set in the transaction that the request commits, so that a crash before the answer was kept is told
    apart from one before the work was saved.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        UniqueConstraint("organization_id", "actor", "key"),
        Index("ix_idempotency_keys_created_at", "created_at"),
    )

    idempotency_key_id: Mapped[str] = primary_key()
    actor: Mapped[str] = mapped_column(String(80))
    """Kind and id of who asked: two people may use one key."""
    key: Mapped[str] = mapped_column(String(255))
    request_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of method, path, query and body."""
    is_done: Mapped[bool] = mapped_column(default=False)
    leased_until: Mapped[datetime] = mapped_column(UTCDateTime)
    status: Mapped[int | None] = mapped_column()
    sealed_answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Headers and body of the answer, encrypted: they may hold personal data, or a key that is shown once."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
