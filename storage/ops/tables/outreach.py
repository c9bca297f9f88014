"""Sequences and who is in them, mailboxes, what was decided to be sent, and what came of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, SHORT, UTCDateTime, json_type


class Mailbox(Tenanted, Stamped, Base):
    """An account that carries messages out by SMTP and is read by IMAP. `status`: `connected`, `paused`, `broken`, or
    `removed`: without its passwords, kept for the threads that hang on it."""

    __tablename__ = "mailboxes"
    __table_args__ = (UniqueConstraint("organization_id", "address"),)

    mailbox_id: Mapped[str] = primary_key()
    address: Mapped[str] = mapped_column(String(320))
    display_name: Mapped[str] = mapped_column(SHORT, default="")
    domain: Mapped[str] = mapped_column(String(253))
    transport: Mapped[str] = mapped_column(String(40), default="smtp")
    """Name of a folder in `serving/mail/transports`."""
    status: Mapped[str] = mapped_column(String(10), default="connected")
    status_reason: Mapped[str] = mapped_column(SHORT, default="")
    health_band: Mapped[str] = mapped_column(String(12), default="unknown")
    """`domain.outreach.health.Band`, as the last look found it."""
    health: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """{reason, readings}: the numbers behind the band."""
    health_looked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    health_from: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Messages before this moment count no more: somebody let it go on after it was paused for them."""
    smtp: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """{host, port, security, username}"""
    imap: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """The same; empty where replies are not read."""
    sealed_secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    """{smtp, imap}: passwords, encrypted."""
    terms: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """Limits, ramp, gap and window (`domain.outreach.mailboxes.Terms`)."""
    signature: Mapped[str] = mapped_column(Text, default="")
    reply_to: Mapped[str] = mapped_column(String(320), default="")
    """Where answers are asked for; empty: to the address itself."""
    ramp_began_on: Mapped[date] = mapped_column(Date)
    last_sent_on: Mapped[date | None] = mapped_column(Date)


class SendingDomain(Tenanted, Stamped, Base):
    """A domain that mailboxes send from: its own cap, and the key that signs for it."""

    __tablename__ = "sending_domains"
    __table_args__ = (UniqueConstraint("organization_id", "domain"),)

    sending_domain_id: Mapped[str] = primary_key()
    domain: Mapped[str] = mapped_column(String(253))
    per_day: Mapped[int | None] = mapped_column()
    dkim_selector: Mapped[str] = mapped_column(String(63), default="")
    sealed_dkim_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """PEM, encrypted; without one the provider signs."""
    next_dkim_selector: Mapped[str] = mapped_column(String(63), default="")
    sealed_next_dkim_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A key made here whose record was not seen in DNS yet: it signs nothing until then."""
    asked: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """What the domain doctor asks beyond the name: {selectors, spf_include, addresses, tracking_host}."""
    findings: Mapped[list[Any]] = mapped_column(json_type(), default=list)
    """What it found last, as `domain.deliverability.records.Finding`."""
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class OutreachSequence(Tenanted, Stamped, Base):
    """A sequence, which is also a campaign of reports. `status`: `draft`, `active`, `paused` or `ended`."""

    __tablename__ = "sequences"
    __table_args__ = (
        UniqueConstraint("organization_id", "name"),
        Index("ix_sequences_look", "status", "look_at", "sequence_id"),
    )

    sequence_id: Mapped[str] = primary_key()
    campaign_id: Mapped[str] = mapped_column(ID, ForeignKey("campaigns.campaign_id"), index=True)
    name: Mapped[str] = mapped_column(SHORT)
    status: Mapped[str] = mapped_column(String(10), default="draft")
    status_reason: Mapped[str] = mapped_column(SHORT, default="")
    version: Mapped[int] = mapped_column(default=1)
    look_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When somebody in it may next be due: a sequence that is held up is not looked at person by person."""
    waiting: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """Why all of it waits: {reason, detail, until}; empty where it does not."""


class SequenceVersion(Tenanted, Base):
    """One version of a sequence, never changed: an enrolment keeps the one it began with."""

    __tablename__ = "sequence_versions"
    __table_args__ = (UniqueConstraint("organization_id", "sequence_id", "version"),)

    sequence_version_id: Mapped[str] = primary_key()
    sequence_id: Mapped[str] = mapped_column(ID, ForeignKey("sequences.sequence_id"), index=True)
    version: Mapped[int] = mapped_column()
    definition: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    source: Mapped[str] = mapped_column(Text, default="")
    """The YAML as somebody wrote it, comments and all; empty where it was not written as YAML."""
    note: Mapped[str] = mapped_column(String(300), default="")
    """What was changed, in the words of whoever did."""
    created_by: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Enrolment(Tenanted, Stamped, Base):
    """Somebody on their way through a sequence.

    `status`: `active`; `paused` (until `next_at`, or until a person says so); `held` (a message of theirs cannot be
    accounted for); `finished`; `stopped` (`reason` says why).
    """

    __tablename__ = "enrolments"
    __table_args__ = (
        Index("ix_enrolments_due", "sequence_id", "status", "priority", "next_at", "enrolment_id"),
        Index("ix_enrolments_contact", "contact_id", "status"),
        Index("ix_enrolments_company", "company_id", "sequence_id", "status"),
        Index("ix_enrolments_newest", "organization_id", "sequence_id", "created_at", "enrolment_id"),
        Index("ix_enrolments_paused", "status", "next_at"),
    )

    enrolment_id: Mapped[str] = primary_key()
    sequence_id: Mapped[str] = mapped_column(ID, ForeignKey("sequences.sequence_id"))
    version: Mapped[int] = mapped_column()
    contact_id: Mapped[str] = mapped_column(ID, ForeignKey("contacts.contact_id"))
    company_id: Mapped[str | None] = mapped_column(ID)
    """Where they worked when they were enrolled; not for free mail domains."""
    status: Mapped[str] = mapped_column(String(10), default="active")
    reason: Mapped[str] = mapped_column(String(60), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    step_id: Mapped[str] = mapped_column(String(40))
    arrived_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When to decide again; None while a message of theirs is on its way, or where nothing is to come."""
    priority: Mapped[int] = mapped_column(default=0)
    """0 for somebody new, 1 once something was sent."""
    arms: Mapped[dict[str, str]] = mapped_column(json_type(), default=dict)
    attempt: Mapped[int] = mapped_column(default=1)
    """Of the step: more than 1 only where a person had it sent again."""
    mailbox_id: Mapped[str | None] = mapped_column(ID, ForeignKey("mailboxes.mailbox_id"), index=True)
    """Carries the whole thread."""
    task_id: Mapped[str | None] = mapped_column(ID)
    """The task that the sequence waits for."""
    sent_count: Mapped[int] = mapped_column(default=0)
    left_seconds: Mapped[int] = mapped_column(default=0)
    """While paused: what was left of the wait."""
    enrolled_by: Mapped[str] = mapped_column(String(80), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class EnrolmentBatch(Tenanted, Stamped, Base):
    """Many people put into a sequence by one act. `status`: `running`, `finished`, or `stopped` by a person."""

    __tablename__ = "enrolment_batches"
    __table_args__ = (
        Index("ix_enrolment_batches_newest", "organization_id", "sequence_id", "created_at", "enrolment_batch_id"),
    )

    enrolment_batch_id: Mapped[str] = primary_key()
    sequence_id: Mapped[str] = mapped_column(ID, ForeignKey("sequences.sequence_id"))
    version: Mapped[int] = mapped_column()
    """Of the sequence when the batch began: all of it is put into this one."""
    status: Mapped[str] = mapped_column(String(10), default="running")
    contact_count: Mapped[int] = mapped_column(default=0)
    done_count: Mapped[int] = mapped_column(default=0)
    enrolled_count: Mapped[int] = mapped_column(default=0)
    refused: Mapped[dict[str, int]] = mapped_column(json_type(), default=dict)
    """How many were not put in, by reason."""
    started_by: Mapped[str] = mapped_column(String(80), default="")
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class EnrolmentBatchPart(Tenanted, Base):
    """Those of a batch who are put in by one transaction: it is done or it is not, however often somebody begins."""

    __tablename__ = "enrolment_batch_parts"
    __table_args__ = (
        UniqueConstraint("organization_id", "enrolment_batch_id", "number", name="uq_enrolment_batch_parts_once"),
    )

    enrolment_batch_part_id: Mapped[str] = primary_key()
    enrolment_batch_id: Mapped[str] = mapped_column(ID, ForeignKey("enrolment_batches.enrolment_batch_id"))
    number: Mapped[int] = mapped_column()
    contact_ids: Mapped[list[str]] = mapped_column(json_type(), default=list)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class OutboxMessage(Tenanted, Stamped, Base):
    """A message that was decided to be sent, once for each (enrolment, step, attempt).

    `status`: `queued` → `claimed` (a worker has it) → `sending` (its bytes may be on the wire) → `sent`. Or `retry` (the
    server said later), `refused`, `cancelled` before it left, `unknown` (it may have left: nobody can know).
    """

    __tablename__ = "outbox_messages"
    __table_args__ = (
        UniqueConstraint("organization_id", "enrolment_id", "step_id", "attempt", name="uq_outbox_messages_once"),
        UniqueConstraint("organization_id", "message_id"),
        Index("ix_outbox_messages_queue", "status", "decided_at", "outbox_message_id"),
        Index("ix_outbox_messages_mailbox", "mailbox_id", "counted_at", "organization_id"),
        Index("ix_outbox_messages_sequence", "sequence_id", "is_first", "counted_at", "organization_id"),
        Index("ix_outbox_messages_domain", "organization_id", "recipient_domain", "counted_at"),
        Index("ix_outbox_messages_contact", "contact_id"),
    )

    outbox_message_id: Mapped[str] = primary_key()
    enrolment_id: Mapped[str] = mapped_column(ID, ForeignKey("enrolments.enrolment_id"))
    sequence_id: Mapped[str] = mapped_column(ID, ForeignKey("sequences.sequence_id"))
    campaign_id: Mapped[str] = mapped_column(ID)
    step_id: Mapped[str] = mapped_column(String(40))
    attempt: Mapped[int] = mapped_column(default=1)
    is_first: Mapped[bool] = mapped_column(default=True)
    mailbox_id: Mapped[str] = mapped_column(ID, ForeignKey("mailboxes.mailbox_id"))
    contact_id: Mapped[str] = mapped_column(ID, ForeignKey("contacts.contact_id"))
    recipient_domain: Mapped[str] = mapped_column(String(253))
    message_id: Mapped[str] = mapped_column(String(255))
    """The Message-ID, made with the decision: what settles whether it left."""
    sealed_content: Mapped[bytes] = mapped_column(LargeBinary)
    """{to, subject, text, html, in_reply_to, references}, under the key of `sealed_for`."""
    sealed_for: Mapped[str] = mapped_column(ID)
    """The contact whose key it is: who is forgotten takes their messages along."""
    status: Mapped[str] = mapped_column(String(10), default="queued")
    tries: Mapped[int] = mapped_column(default=0)
    reply_code: Mapped[int | None] = mapped_column()
    reply_text: Mapped[str] = mapped_column(String(300), default="")
    reply_class: Mapped[str] = mapped_column(String(20), default="")
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
    counted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When it counts against caps: from the decision on, and not once it is sure that it did not leave."""
    first_tried_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    leased_by: Mapped[str | None] = mapped_column(String(80))
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)


class MessageEvent(Tenanted, Base):
    """Something that happened to a message: `sent`, `deferred`, `refused`, `unknown`, `bounced`, `replied`,
    `auto_replied`, `unsubscribed`, `complained`, `clicked` (by a person), and as its provider reports, `delivered` and
    `delayed`. History: never updated."""

    __tablename__ = "message_events"
    __entity__ = "message_event"
    __table_args__ = (
        UniqueConstraint("organization_id", "dedupe_key"),
        Index("ix_message_events_message", "outbox_message_id", "occurred_at"),
        Index("ix_message_events_sequence", "sequence_id", "kind", "occurred_at"),
        Index("ix_message_events_contact", "contact_id"),
        Index("ix_message_events_mailbox", "mailbox_id", "kind", "occurred_at"),
    )

    message_event_id: Mapped[str] = primary_key()
    outbox_message_id: Mapped[str] = mapped_column(ID, ForeignKey("outbox_messages.outbox_message_id"))
    sequence_id: Mapped[str] = mapped_column(ID)
    step_id: Mapped[str] = mapped_column(String(40))
    mailbox_id: Mapped[str] = mapped_column(ID)
    contact_id: Mapped[str] = mapped_column(ID, ForeignKey("contacts.contact_id"))
    kind: Mapped[str] = mapped_column(String(20))
    detail: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    dedupe_key: Mapped[str] = mapped_column(String(200))
    """What makes a second report of the same thing no second event."""
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)


class MessageHit(Tenanted, Base):
    """One request for the picture of a message (`opened`), one of its links (`clicked`), or the link that no person is
    shown (`trapped`). All are kept; those of programs are flagged."""

    __tablename__ = "message_hits"
    __entity__ = "message_hit"
    __table_args__ = (
        Index("ix_message_hits_message", "outbox_message_id", "occurred_at"),
        Index("ix_message_hits_sequence", "sequence_id", "kind", "is_machine"),
        Index("ix_message_hits_contact", "contact_id"),
    )

    message_hit_id: Mapped[str] = primary_key()
    outbox_message_id: Mapped[str] = mapped_column(ID, ForeignKey("outbox_messages.outbox_message_id"))
    sequence_id: Mapped[str] = mapped_column(ID)
    step_id: Mapped[str] = mapped_column(String(40))
    mailbox_id: Mapped[str] = mapped_column(ID)
    contact_id: Mapped[str] = mapped_column(ID, ForeignKey("contacts.contact_id"))
    kind: Mapped[str] = mapped_column(String(10))
    link_number: Mapped[int] = mapped_column()
    link_url: Mapped[str] = mapped_column(Text, default="")
    """Where it leads, without what says who was led (`domain.page_urls.clean_url`)."""
    method: Mapped[str] = mapped_column(String(10), default="GET")
    user_agent: Mapped[str] = mapped_column(String(1000), default="")
    ip_network: Mapped[str] = mapped_column(String(50), default="")
    """Truncated: /24 of IPv4, /48 of IPv6."""
    network_type: Mapped[str] = mapped_column(String(20), default="")
    network_owner: Mapped[str] = mapped_column(SHORT, default="")
    bot_reasons: Mapped[list[str]] = mapped_column(json_type(), default=list)
    """What user agent and network say by themselves."""
    is_machine: Mapped[bool] = mapped_column(default=False)
    reasons: Mapped[list[str]] = mapped_column(json_type(), default=list)
    """Why it is taken for a program's (`domain.outreach.hits`)."""
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)
