"""Where an organization is told by webhook of what happens, and every message with how its sending went."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, SHORT, UTCDateTime, json_type


class WebhookEndpoint(Tenanted, Stamped, Base):
    """An address and what it is told of. Its secret is sealed: it is shown when it is made, and never again."""

    __tablename__ = "webhook_endpoints"

    webhook_endpoint_id: Mapped[str] = primary_key()
    name: Mapped[str] = mapped_column(SHORT, default="")
    url: Mapped[str] = mapped_column(String(2000))
    events: Mapped[list[str]] = mapped_column(json_type(), default=list)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_former_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    former_ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Until then messages are signed with the former secret too."""
    is_enabled: Mapped[bool] = mapped_column(default=True)
    disabled_reason: Mapped[str] = mapped_column(SHORT, default="")
    """Why we switched it off; empty where a person did."""
    failure_count: Mapped[int] = mapped_column(default=0)
    """Attempts that failed in a row."""
    failing_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    rests_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Its log is kept for as long as every log, and then forgotten with it."""


class WebhookDelivery(Tenanted, Stamped, Base):
    """One message to one endpoint. Bodies hold ids and numbers, no personal data: whoever gets one asks the API."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("ix_webhook_deliveries_newest", "organization_id", "webhook_endpoint_id", "webhook_delivery_id"),
        Index("ix_webhook_deliveries_created_at", "created_at"),
    )

    webhook_delivery_id: Mapped[str] = primary_key()
    webhook_endpoint_id: Mapped[str] = mapped_column(
        ID, ForeignKey("webhook_endpoints.webhook_endpoint_id"), index=True
    )
    message_id: Mapped[str] = mapped_column(ID)
    """`webhook-id`: the same on every attempt, and at every endpoint that is told of the same event."""
    event: Mapped[str] = mapped_column(String(60))
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    attempt_count: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[list[Any]] = mapped_column(json_type(), default=list)
    """The last ones: {at, status_code, error, milliseconds}."""
