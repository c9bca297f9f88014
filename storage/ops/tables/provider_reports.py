"""Where providers report what became of messages, and every report with what was made of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, SHORT, UTCDateTime


class ProviderWebhook(Tenanted, Stamped, Base):
    """An address that one provider reports to. Without a secret nothing that comes is believed."""

    __tablename__ = "provider_webhooks"

    provider_webhook_id: Mapped[str] = primary_key()
    provider: Mapped[str] = mapped_column(String(40))
    """Name of a folder in `serving/provider_reports/providers`."""
    name: Mapped[str] = mapped_column(SHORT, default="")
    sealed_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_former_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    former_ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Until then the former secret is believed too."""
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ProviderReport(Tenanted, Base):
    """One report. `status`: `taken`, `ignored` (of no message of ours, or nothing that we keep) or `rejected`, with its
    reason and its bytes, so that it can be read again."""

    __tablename__ = "provider_reports"
    __table_args__ = (
        UniqueConstraint("organization_id", "provider_webhook_id", "event_key", name="uq_provider_reports_once"),
        Index("ix_provider_reports_list", "provider_webhook_id", "status", "received_at"),
        Index("ix_provider_reports_received_at", "received_at"),
    )

    provider_report_id: Mapped[str] = primary_key()
    provider_webhook_id: Mapped[str] = mapped_column(ID, ForeignKey("provider_webhooks.provider_webhook_id"))
    event_key: Mapped[str] = mapped_column(String(64))
    """Hash of the provider's own id: a second report of it changes nothing."""
    status: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(40), default="")
    kind: Mapped[str] = mapped_column(String(20), default="")
    outbox_message_id: Mapped[str | None] = mapped_column(ID)
    sealed_request: Mapped[bytes | None] = mapped_column(LargeBinary)
    """{id, timestamp, signatures, body} of a rejected one, encrypted."""
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
