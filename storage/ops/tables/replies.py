"""What came into mailboxes, and how far each was read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, SHORT, UTCDateTime, json_type


class InboxReading(Tenanted, Stamped, Base):
    """How far the inbox of a mailbox was read: UIDs grow under one `uid_validity` (RFC 9051 §2.3.1.1)."""

    __tablename__ = "inbox_readings"
    __table_args__ = (UniqueConstraint("organization_id", "mailbox_id"), Index("ix_inbox_readings_due", "next_at"))

    inbox_reading_id: Mapped[str] = primary_key()
    mailbox_id: Mapped[str] = mapped_column(ID, ForeignKey("mailboxes.mailbox_id"))
    uid_validity: Mapped[int | None] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    next_at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    problem: Mapped[str] = mapped_column(SHORT, default="")
    """Why it could not be read the last time; empty where it could."""


class InboundMessage(Tenanted, Stamped, Base):
    """A message that came in, read once and left as it was. Of one that answers nothing of ours, only that it was seen."""

    __tablename__ = "inbound_messages"
    __table_args__ = (
        UniqueConstraint("organization_id", "mailbox_id", "message_key"),
        Index("ix_inbound_messages_list", "organization_id", "is_answer", "received_at", "inbound_message_id"),
        Index("ix_inbound_messages_contact", "contact_id"),
    )

    inbound_message_id: Mapped[str] = primary_key()
    mailbox_id: Mapped[str] = mapped_column(ID, ForeignKey("mailboxes.mailbox_id"))
    message_key: Mapped[str] = mapped_column(String(64))
    """Hash of its Message-ID, or of its bytes without one: under another UID it is the same message."""
    is_answer: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether it belongs to a message of ours."""
    outbox_message_id: Mapped[str | None] = mapped_column(
        ID, ForeignKey("outbox_messages.outbox_message_id"), index=True
    )
    sequence_id: Mapped[str | None] = mapped_column(ID)
    contact_id: Mapped[str | None] = mapped_column(ID, ForeignKey("contacts.contact_id"))
    kind: Mapped[str] = mapped_column(String(20))
    """`domain.replies.verdicts.MessageKind`."""
    rule: Mapped[str] = mapped_column(String(40), default="")
    matched_by: Mapped[str] = mapped_column(String(20), default="")
    match_confidence: Mapped[float] = mapped_column(default=0.0)
    intent: Mapped[str] = mapped_column(String(30), default="")
    """`domain.replies.intents.Intent`, of people's answers."""
    confidence: Mapped[float] = mapped_column(default=0.0)
    classified_by: Mapped[str] = mapped_column(String(80), default="")
    likeliest: Mapped[list[Any]] = mapped_column(json_type(), default=list)
    """[[intent, probability], …], the first three."""
    corrected_intent: Mapped[str] = mapped_column(String(30), default="")
    """What a person says it is; kept beside what was read."""
    corrected_by: Mapped[str] = mapped_column(String(80), default="")
    corrected_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    again_on: Mapped[date | None] = mapped_column(Date)
    """The day that an absence or a `not_now` names."""
    sealed_content: Mapped[bytes | None] = mapped_column(LargeBinary)
    """{sender, subject, written, named, diagnostic}, under the key of `sealed_for`."""
    sealed_for: Mapped[str | None] = mapped_column(ID)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
