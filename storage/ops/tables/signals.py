"""Signs that somebody may be about to buy, feeds that tell of them, what plays made of them, and what was sent as one and is
none."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, UTCDateTime, json_type


class BuyingSignal(Tenanted, Base):
    """One signal (`domain.signals`). A contact's is its company's too."""

    __tablename__ = "buying_signals"
    __entity__ = "buying_signal"
    __table_args__ = (
        UniqueConstraint("organization_id", "dedupe_key", name="uq_buying_signals_once"),
        Index("ix_buying_signals_newest", "organization_id", "observed_at", "buying_signal_id"),
        Index("ix_buying_signals_contact", "contact_id", "observed_at"),
        Index("ix_buying_signals_company", "company_id", "observed_at"),
    )

    buying_signal_id: Mapped[str] = primary_key()
    kind: Mapped[str] = mapped_column(String(30))
    contact_id: Mapped[str | None] = mapped_column(ID, ForeignKey("contacts.contact_id", ondelete="CASCADE"))
    company_id: Mapped[str | None] = mapped_column(ID, ForeignKey("companies.company_id"))
    source: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(300), default="")
    url: Mapped[str] = mapped_column(String(1000), default="")
    strength: Mapped[float] = mapped_column(Float)
    half_life_days: Mapped[float] = mapped_column(Float)
    dedupe_key: Mapped[str] = mapped_column(String(64))
    observed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """When it happened; `created_at` is when we could have known it."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class RejectedSignal(Tenanted, Base):
    """What was sent as a signal and was refused, as it came; `replayed_at` once it got through."""

    __tablename__ = "rejected_signals"
    __table_args__ = (Index("ix_rejected_signals_open", "organization_id", "replayed_at", "received_at"),)

    rejected_signal_id: Mapped[str] = primary_key()
    source: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(60))
    message: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    replayed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)


class SignalFeed(Tenanted, Stamped, Base):
    """A feed of news that is read from time to time, and how the last reading went."""

    __tablename__ = "signal_feeds"
    __table_args__ = (
        UniqueConstraint("organization_id", "url", name="uq_signal_feeds_url"),
        Index("ix_signal_feeds_due", "next_at"),
    )

    signal_feed_id: Mapped[str] = primary_key()
    name: Mapped[str] = mapped_column(String(80))
    url: Mapped[str] = mapped_column(String(1000))
    about: Mapped[str] = mapped_column(String(253), default="")
    """Domain of the one company it is about; empty where titles name companies."""
    kind: Mapped[str] = mapped_column(String(30))
    """Of an entry that no rule names."""
    rules: Mapped[list[dict[str, Any]]] = mapped_column(json_type(), default=list)
    etag: Mapped[str] = mapped_column(String(200), default="")
    last_modified: Mapped[str] = mapped_column(String(100), default="")
    next_at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When it last gave something to read."""
    problem: Mapped[str] = mapped_column(String(300), default="")
    failures: Mapped[int] = mapped_column(default=0)
    """In a row."""
    entry_count: Mapped[int] = mapped_column(default=0)
    matched_count: Mapped[int] = mapped_column(default=0)
    """Of the last reading: entries, and those about somebody here."""
    kept_count: Mapped[int] = mapped_column(default=0)
    """Signals of all readings."""


class PlayRun(Tenanted, Base):
    """What a play made of a signal: `fired` or `skipped`, and why (`domain.plays`). Whom it was about, the signal says."""

    __tablename__ = "play_runs"
    __table_args__ = (
        UniqueConstraint("organization_id", "play_key", "buying_signal_id", name="uq_play_runs_once"),
        Index("ix_play_runs_newest", "organization_id", "decided_at", "play_run_id"),
        Index("ix_play_runs_signal", "buying_signal_id"),
    )

    play_run_id: Mapped[str] = primary_key()
    play_key: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column()
    """Of the setting that said so."""
    buying_signal_id: Mapped[str] = mapped_column(ID, ForeignKey("buying_signals.buying_signal_id", ondelete="CASCADE"))
    outcome: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(40))
    detail: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
