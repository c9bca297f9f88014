"""Rows about rows: what changed (for the lake), what was decided and why, who is whom, and how an organization works."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, FetchedValue, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Tenanted, primary_key
from storage.ops.tables.capture import SEQUENCE
from storage.ops.types import ID, UTCDateTime, json_type


class ChangeLog(Base):
    """Every change of a landed table, in order; landing takes what is below the oldest running transaction, then trims."""

    __tablename__ = "change_log"
    __table_args__ = ({"sqlite_autoincrement": True},)

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    organization_id: Mapped[str] = mapped_column(ID)
    transaction_id: Mapped[int | None] = mapped_column(BigInteger, FetchedValue())
    """PostgreSQL's pg_current_xact_id (a default of the column there); empty on SQLite, whose sequence suffices."""
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[str] = mapped_column(String(80))
    op: Mapped[str] = mapped_column(String(10))
    """`insert`, `update` or `delete`."""
    row: Mapped[str] = mapped_column(Text)
    """The row after the change, as JSON (before it, for a delete)."""
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class DecisionLedger(Tenanted, Base):
    """An automated act and its reason: one row when a decision changes, one per run for batch work."""

    __tablename__ = "decision_ledger"
    __entity__ = "decision"
    __table_args__ = (
        Index("ix_decision_ledger_subject", "organization_id", "subject_kind", "subject_id", "decided_at"),
    )

    decision_id: Mapped[str] = primary_key()
    kind: Mapped[str] = mapped_column(String(20))
    subject_kind: Mapped[str] = mapped_column(String(40))
    """`contact`, `import`, `event`, `batch`, `model`, `form_submission`…"""
    subject_id: Mapped[str] = mapped_column(String(80))
    outcome: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(120))
    detail: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    rule_version: Mapped[str] = mapped_column(String(80), default="")
    actor_kind: Mapped[str] = mapped_column(String(20), default="system")
    actor_id: Mapped[str] = mapped_column(String(80), default="")
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)


class IdentityDecision(Tenanted, Base):
    """A person or rule said that two nodes are the same, or are not. dbt derives identities from these; never updated.

    A node is `kind:value`, e.g. `contact:0192…`, `anonymous:ab12…`, `email:<hash>`, `company:0192…`.
    """

    __tablename__ = "identity_decisions"
    __entity__ = "identity_decision"
    __table_args__ = (Index("ix_identity_decisions_nodes", "organization_id", "left_node", "right_node"),)

    identity_decision_id: Mapped[str] = primary_key()
    left_node: Mapped[str] = mapped_column(String(120))
    right_node: Mapped[str] = mapped_column(String(120))
    verdict: Mapped[str] = mapped_column(String(10))
    """`same` or `different`."""
    rule: Mapped[str] = mapped_column(String(60))
    evidence: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    confidence: Mapped[float] = mapped_column(default=1.0)
    decided_by: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class OrganizationSetting(Tenanted, Base):
    """One version of how an organization works: channel, scoring, session, routing rules. The newest `valid_from` wins."""

    __tablename__ = "organization_settings"
    __entity__ = "organization_setting"
    __table_args__ = (UniqueConstraint("organization_id", "name", "version"),)

    organization_setting_id: Mapped[str] = primary_key()
    name: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column()
    value: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    valid_from: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by: Mapped[str] = mapped_column(String(80), default="")
