"""The event inbox and its shadows: what came in, which ids were seen, and what was refused with its reason."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, FetchedValue, Index, Integer, PrimaryKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Tenanted, primary_key
from storage.ops.types import ID, UTCDateTime

SEQUENCE = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite only counts an INTEGER PRIMARY KEY."""


class EventInbox(Base):
    """Accepted events on their way to the lake, in order of commit. No foreign key: this is the hot path."""

    __tablename__ = "event_inbox"
    __table_args__ = (
        UniqueConstraint("organization_id", "event_id"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    organization_id: Mapped[str] = mapped_column(ID)
    event_id: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(40), default="website_events")
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    transaction_id: Mapped[int | None] = mapped_column(BigInteger, FetchedValue())
    """PostgreSQL's pg_current_xact_id, so that landing takes only what is below the oldest running transaction."""
    body: Mapped[str] = mapped_column(Text)
    """The event as JSON: normalised names, personal query parameters removed, addresses replaced by their HMAC."""
    context: Mapped[str] = mapped_column(Text)
    """What the server saw, as JSON: user agent, network, bot flags with reasons."""


class EventKey(Base):
    """Ids of events that have landed, kept for `event_keep_days`, so that a retry after the trim is still a duplicate."""

    __tablename__ = "event_keys"
    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "event_id"),
        Index("ix_event_keys_landed_at", "landed_at"),
        {"sqlite_with_rowid": False},
    )

    organization_id: Mapped[str] = mapped_column(ID)
    event_id: Mapped[str] = mapped_column(String(64))
    landed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class RejectedEvent(Tenanted, Base):
    """An event that failed its contract, kept as it came, with the reason; `replayed_at` once it got through."""

    __tablename__ = "rejected_events"
    __table_args__ = (Index("ix_rejected_events_open", "organization_id", "replayed_at", "received_at"),)

    rejected_event_id: Mapped[str] = primary_key()
    event_id: Mapped[str | None] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(40), default="website_events")
    reason: Mapped[str] = mapped_column(String(60))
    message: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text)
    context: Mapped[str] = mapped_column(Text, default="{}")
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    replayed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
