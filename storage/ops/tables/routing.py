"""Who gets leads and how soon they are touched: pools' turns, people's duty, running clocks, and what people are told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, SHORT, UTCDateTime, json_type


class RoutingTurn(Tenanted, Base):
    """Where the dealing of one rule's pool stands (`domain.routing.Routed.turns`)."""

    __tablename__ = "routing_turns"
    __table_args__ = (UniqueConstraint("organization_id", "rule"),)

    routing_turn_id: Mapped[str] = primary_key()
    rule: Mapped[str] = mapped_column(String(80))
    turns: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)


class RepDuty(Tenanted, Stamped, Base):
    """When and how much one person works for an organization (`domain.routing.parse_person`)."""

    __tablename__ = "rep_duties"
    __table_args__ = (UniqueConstraint("organization_id", "user_id"),)

    rep_duty_id: Mapped[str] = primary_key()
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.user_id"), index=True)
    duty: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)


class ServiceClock(Tenanted, Stamped, Base):
    """One clock of one lead. Its terms are those of the day it began: a promise is not rewritten."""

    __tablename__ = "service_clocks"
    __table_args__ = (
        Index("ix_service_clocks_due", "is_closed", "next_look_at", "service_clock_id"),
        Index("ix_service_clocks_contact", "contact_id", "is_closed"),
        Index("ix_service_clocks_open", "organization_id", "is_closed", "next_look_at", "service_clock_id"),
    )

    service_clock_id: Mapped[str] = primary_key()
    contact_id: Mapped[str] = mapped_column(ID, ForeignKey("contacts.contact_id"))
    clock: Mapped[str] = mapped_column(String(20))
    """`speed_to_lead` or `rep`."""
    policy: Mapped[str] = mapped_column(String(80))
    terms: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """The policy as its setting said it."""
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    touched_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    paused: Mapped[list[Any]] = mapped_column(json_type(), default=list)
    """[since, to or null, why], as ISO 8601 and `domain.service_levels.Pause`."""
    done_acts: Mapped[list[str]] = mapped_column(json_type(), default=list)
    owner_user_id: Mapped[str | None] = mapped_column(ID)
    is_closed: Mapped[bool] = mapped_column(default=False)
    next_look_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When an act may next be due; None where none will be."""


class Notification(Tenanted, Base):
    """Something one person is told. `kind`: `lead_assigned`, `lead_taken`, `sla_warn`, `sla_breach`, `sla_escalate`…"""

    __tablename__ = "notifications"
    __table_args__ = (Index("ix_notifications_person", "organization_id", "user_id", "created_at", "notification_id"),)

    notification_id: Mapped[str] = primary_key()
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.user_id"), index=True)
    contact_id: Mapped[str | None] = mapped_column(ID, ForeignKey("contacts.contact_id"), index=True)
    """Whom it is about: it is forgotten with them."""
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(SHORT)
    body: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(SHORT, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
