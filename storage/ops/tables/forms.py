"""Forms, what was answered, what was agreed to, and who must be left alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, SHORT, UTCDateTime, json_type


class Form(Tenanted, Stamped, Base):
    """A form: its fields (list of {key, label, type, required, options, maps_to}) and its consent wording."""

    __tablename__ = "forms"
    __entity__ = "form"

    form_id: Mapped[str] = primary_key()
    name: Mapped[str] = mapped_column(SHORT)
    fields: Mapped[list[dict[str, Any]]] = mapped_column(json_type(), default=list)
    consent_text: Mapped[str] = mapped_column(Text, default="")
    consent_version: Mapped[str] = mapped_column(String(40), default="1")
    settings: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """How it looks and ends: {submit_label, thank_you, redirect_url, purpose}."""
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)


class FormSubmission(Tenanted, Base):
    """One submission. `submission_id` is made by the client: sent twice, it is stored once."""

    __tablename__ = "form_submissions"
    __entity__ = "form_submission"
    __table_args__ = (
        UniqueConstraint("organization_id", "submission_id"),
        Index("ix_form_submissions_form", "organization_id", "form_id", "submitted_at"),
    )

    form_submission_id: Mapped[str] = primary_key()
    submission_id: Mapped[str] = mapped_column(String(64))
    form_id: Mapped[str] = mapped_column(ID, ForeignKey("forms.form_id"))
    contact_id: Mapped[str | None] = mapped_column(ID, ForeignKey("contacts.contact_id"), index=True)
    anonymous_id: Mapped[str | None] = mapped_column(String(64))
    answers: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    page_url: Mapped[str] = mapped_column(Text, default="")
    utm: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    status: Mapped[str] = mapped_column(String(20), default="accepted")
    """`accepted` or `held` (spam signals: kept, can be released)."""
    held_reason: Mapped[str] = mapped_column(String(80), default="")
    context: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """What a release of a held one needs to go on: {consent, is_consent_given, network, user_agent}."""
    submitted_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Consent(Tenanted, Base):
    """A consent given or withdrawn: for a purpose and a channel, with its wording and proof. Append-only."""

    __tablename__ = "consents"
    __entity__ = "consent"
    __table_args__ = (Index("ix_consents_contact", "contact_id", "purpose", "occurred_at"),)

    consent_id: Mapped[str] = primary_key()
    contact_id: Mapped[str] = mapped_column(ID, ForeignKey("contacts.contact_id"))
    purpose: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(20), default="email")
    is_granted: Mapped[bool] = mapped_column(Boolean)
    lawful_basis: Mapped[str] = mapped_column(String(40), default="consent")
    wording: Mapped[str] = mapped_column(Text, default="")
    wording_version: Mapped[str] = mapped_column(String(40), default="")
    source: Mapped[str] = mapped_column(String(80))
    proof: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Suppression(Tenanted, Stamped, Base):
    """Somebody who must not be contacted: by e-mail, domain, company or phone. Only a person lifts one, or the day until
    which whoever asked for a pause wanted it."""

    __tablename__ = "suppressions"
    __entity__ = "suppression"
    __table_args__ = (UniqueConstraint("organization_id", "kind", "value_hash", "campaign_id"),)

    suppression_id: Mapped[str] = primary_key()
    kind: Mapped[str] = mapped_column(String(20))
    """`email`, `domain`, `company` or `phone`."""
    value_hash: Mapped[str] = mapped_column(String(64))
    contact_id: Mapped[str | None] = mapped_column(ID)
    campaign_id: Mapped[str] = mapped_column(ID, default="")
    reason: Mapped[str] = mapped_column(String(40))
    """`unsubscribed`, `complained`, `hard_bounce`, `legal`, `competitor`, `customer`, `manual`, `asked_for_a_pause`,
    `soft_bounces`."""
    source: Mapped[str] = mapped_column(String(80), default="")
    lifted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """From when on it does not hold any more: it may be ahead."""
    lifted_by: Mapped[str | None] = mapped_column(String(80))
