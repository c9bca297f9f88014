"""Providers that are connected, workflows, their runs row by row, every call with its price, and where values came from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, SHORT, UTCDateTime, json_type


class EnrichmentConnection(Tenanted, Stamped, Base):
    """A provider as an organization uses it: its account, price and limits. `status`: `connected`, `paused`, or `refused`
    (its key is wrong)."""

    __tablename__ = "enrichment_connections"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    enrichment_connection_id: Mapped[str] = primary_key()
    name: Mapped[str] = mapped_column(String(40))
    """What workflows call it."""
    provider: Mapped[str] = mapped_column(String(40))
    """Name of a folder in `serving/enrichment/providers`."""
    status: Mapped[str] = mapped_column(String(10), default="connected")
    status_reason: Mapped[str] = mapped_column(SHORT, default="")
    options: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    sealed_secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    """{name: secret}, encrypted."""
    per_unit: Mapped[int] = mapped_column(BigInteger, default=0)
    """Micros of the organization's currency for one credit."""
    per_minute: Mapped[int] = mapped_column(default=300)
    concurrent: Mapped[int] = mapped_column(default=5)
    failures: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Nothing is asked before (`domain.enrichment.breaker`)."""
    next_slot_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class EnrichmentLookupRow(Tenanted, Base):
    """A line of a table that was uploaded to be looked up: its key, and what it says."""

    __tablename__ = "enrichment_lookup_rows"
    __table_args__ = (
        UniqueConstraint(
            "organization_id", "enrichment_connection_id", "lookup_key", name="uq_enrichment_lookup_rows_once"
        ),
    )

    enrichment_lookup_row_id: Mapped[str] = primary_key()
    enrichment_connection_id: Mapped[str] = mapped_column(
        ID, ForeignKey("enrichment_connections.enrichment_connection_id"), index=True
    )
    lookup_key: Mapped[str] = mapped_column(String(320))
    told: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)


class EnrichmentWorkflow(Tenanted, Stamped, Base):
    """A workflow. `status`: `draft`, `active` or `paused`; leads that come in are enriched by active ones."""

    __tablename__ = "enrichment_workflows"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    enrichment_workflow_id: Mapped[str] = primary_key()
    name: Mapped[str] = mapped_column(SHORT)
    status: Mapped[str] = mapped_column(String(10), default="draft")
    version: Mapped[int] = mapped_column(default=1)
    on_capture: Mapped[bool] = mapped_column(default=False)


class EnrichmentWorkflowVersion(Tenanted, Base):
    """One version of a workflow, never changed: a run keeps the one it began with."""

    __tablename__ = "enrichment_workflow_versions"
    __table_args__ = (
        UniqueConstraint(
            "organization_id", "enrichment_workflow_id", "version", name="uq_enrichment_workflow_versions"
        ),
    )

    enrichment_workflow_version_id: Mapped[str] = primary_key()
    enrichment_workflow_id: Mapped[str] = mapped_column(
        ID, ForeignKey("enrichment_workflows.enrichment_workflow_id"), index=True
    )
    version: Mapped[int] = mapped_column()
    definition: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    source: Mapped[str] = mapped_column(Text, default="")
    """The YAML as somebody wrote it, comments and all."""
    created_by: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class EnrichmentRun(Tenanted, Stamped, Base):
    """A workflow over rows. `status`: `filling` (rows are being listed) → `running` → `finished`; `paused` (`reason` says
    why); `stopped`."""

    __tablename__ = "enrichment_runs"
    __table_args__ = (Index("ix_enrichment_runs_newest", "organization_id", "created_at", "enrichment_run_id"),)

    enrichment_run_id: Mapped[str] = primary_key()
    enrichment_workflow_id: Mapped[str] = mapped_column(
        ID, ForeignKey("enrichment_workflows.enrichment_workflow_id"), index=True
    )
    version: Mapped[int] = mapped_column()
    trigger: Mapped[str] = mapped_column(String(10))
    """`all`, `sample` or `lead`."""
    status: Mapped[str] = mapped_column(String(10), default="filling")
    reason: Mapped[str] = mapped_column(String(60), default="")
    most_rows: Mapped[int | None] = mapped_column()
    filled_after: Mapped[str] = mapped_column(String(1000), default="")
    """How far the list of rows was written down."""
    row_count: Mapped[int] = mapped_column(default=0)
    resumes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Of one that waits for tomorrow's limit."""
    started_by: Mapped[str] = mapped_column(String(80), default="")
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class EnrichmentRow(Tenanted, Stamped, Base):
    """One contact or company of a run. `status`: `waiting` → `running` (a worker has it) → `done`, `skipped` (there was
    nothing to look for), or `failed` (a dead letter: somebody who was asked did not answer)."""

    __tablename__ = "enrichment_rows"
    __table_args__ = (
        UniqueConstraint("organization_id", "enrichment_run_id", "subject_id", name="uq_enrichment_rows_once"),
        Index("ix_enrichment_rows_due", "enrichment_run_id", "status", "due_at", "enrichment_row_id"),
        Index("ix_enrichment_rows_contact", "contact_id"),
        Index("ix_enrichment_rows_company", "company_id"),
    )

    enrichment_row_id: Mapped[str] = primary_key()
    enrichment_run_id: Mapped[str] = mapped_column(ID, ForeignKey("enrichment_runs.enrichment_run_id"))
    subject_id: Mapped[str] = mapped_column(ID)
    contact_id: Mapped[str | None] = mapped_column(ID, ForeignKey("contacts.contact_id"))
    company_id: Mapped[str | None] = mapped_column(ID, ForeignKey("companies.company_id"))
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    walk: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """`domain.enrichment.walking.Walk`; empty before its first step."""
    problem: Mapped[str] = mapped_column(String(300), default="")
    spent: Mapped[int] = mapped_column(BigInteger, default=0)
    filled_count: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    leased_by: Mapped[str | None] = mapped_column(String(80))
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)


class EnrichmentAnswer(Tenanted, Base):
    """The one answer to one question: written before it is asked (`asking`), so that nobody asks it twice at a time, and
    kept until it has grown old."""

    __tablename__ = "enrichment_answers"
    __table_args__ = (
        UniqueConstraint(
            "organization_id",
            "enrichment_connection_id",
            "operation",
            "question_hash",
            name="uq_enrichment_answers_once",
        ),
        Index("ix_enrichment_answers_contact", "contact_id"),
    )

    enrichment_answer_id: Mapped[str] = primary_key()
    enrichment_connection_id: Mapped[str] = mapped_column(
        ID, ForeignKey("enrichment_connections.enrichment_connection_id")
    )
    operation: Mapped[str] = mapped_column(String(40))
    question_hash: Mapped[str] = mapped_column(String(64))
    """HMAC-SHA256 of the question under the organization's key."""
    contact_id: Mapped[str | None] = mapped_column(ID)
    """Of a question about a person: it goes with them."""
    outcome: Mapped[str] = mapped_column(String(20))
    told: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """{field: [value, confidence]}"""
    raw: Mapped[Any] = mapped_column(json_type(), nullable=True)
    """As it was received."""
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class EnrichmentCall(Tenanted, Base):
    """One call, written before it is made. `outcome`: `asking`, then what came of it (`domain.enrichment.answers`)."""

    __tablename__ = "enrichment_calls"
    __table_args__ = (
        Index("ix_enrichment_calls_run", "enrichment_run_id", "outcome"),
        Index("ix_enrichment_calls_newest", "organization_id", "asked_at", "enrichment_call_id"),
        Index("ix_enrichment_calls_row", "enrichment_row_id"),
        Index("ix_enrichment_calls_contact", "contact_id"),
        Index("ix_enrichment_calls_company", "company_id"),
    )

    enrichment_call_id: Mapped[str] = primary_key()
    enrichment_run_id: Mapped[str] = mapped_column(ID)
    enrichment_row_id: Mapped[str] = mapped_column(ID)
    enrichment_connection_id: Mapped[str] = mapped_column(ID)
    enrichment_answer_id: Mapped[str] = mapped_column(ID)
    connection: Mapped[str] = mapped_column(String(40))
    provider: Mapped[str] = mapped_column(String(40))
    operation: Mapped[str] = mapped_column(String(40))
    contact_id: Mapped[str | None] = mapped_column(ID)
    company_id: Mapped[str | None] = mapped_column(ID)
    segment: Mapped[str] = mapped_column(String(40), default="")
    """What the scoreboard groups by: the country, where it is known."""
    fields: Mapped[str] = mapped_column(String(1000), default="")
    """Names of what was asked, with commas between them."""
    outcome: Mapped[str] = mapped_column(String(20), default="asking")
    reserved: Mapped[int] = mapped_column(BigInteger, default=0)
    """Micros that were set aside for it."""
    cost: Mapped[int] = mapped_column(BigInteger, default=0)
    """Micros that it is taken to have cost."""
    currency: Mapped[str] = mapped_column(String(3), default="")
    day: Mapped[str] = mapped_column(String(10), default="")
    """Of the organization, whose limits it counts against."""
    http_status: Mapped[int | None] = mapped_column()
    problem: Mapped[str] = mapped_column(String(300), default="")
    milliseconds: Mapped[int | None] = mapped_column()
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class EnrichmentValue(Tenanted, Base):
    """What a provider offered for a field, and what became of it. `verdict`: `written`, `kept` (the value that was there
    stayed; `reason` says why), `invalid` or `low_confidence`."""

    __tablename__ = "enrichment_values"
    __table_args__ = (
        Index("ix_enrichment_values_contact", "contact_id", "field", "observed_at"),
        Index("ix_enrichment_values_company", "company_id", "field", "observed_at"),
        Index("ix_enrichment_values_newest", "organization_id", "observed_at", "enrichment_value_id"),
    )

    enrichment_value_id: Mapped[str] = primary_key()
    enrichment_run_id: Mapped[str] = mapped_column(ID)
    enrichment_answer_id: Mapped[str] = mapped_column(ID)
    connection: Mapped[str] = mapped_column(String(40))
    provider: Mapped[str] = mapped_column(String(40))
    contact_id: Mapped[str | None] = mapped_column(ID, ForeignKey("contacts.contact_id"))
    company_id: Mapped[str | None] = mapped_column(ID, ForeignKey("companies.company_id"))
    segment: Mapped[str] = mapped_column(String(40), default="")
    field: Mapped[str] = mapped_column(String(40))
    value: Mapped[Any] = mapped_column(json_type(), nullable=True)
    former: Mapped[Any] = mapped_column(json_type(), nullable=True)
    """What stood there before."""
    verdict: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(120), default="")
    confidence: Mapped[float | None] = mapped_column()
    cost: Mapped[int] = mapped_column(BigInteger, default=0)
    """Its share of the call, in micros; 0 where the answer was known already."""
    observed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """When the provider answered, which may be long before it was written."""
    written_at: Mapped[datetime] = mapped_column(UTCDateTime)


class EnrichmentBudget(Tenanted, Base):
    """What one limit has seen: `run:<id>`, `workflow:<id>:<day>`, `day:<day>` or `month:<month>`."""

    __tablename__ = "enrichment_budgets"
    __table_args__ = (UniqueConstraint("organization_id", "scope"),)

    enrichment_budget_id: Mapped[str] = primary_key()
    scope: Mapped[str] = mapped_column(String(80))
    reserved: Mapped[int] = mapped_column(BigInteger, default=0)
    spent: Mapped[int] = mapped_column(BigInteger, default=0)
