"""People, companies, deals, and everything that happened to them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Float, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, SHORT, UTCDateTime, json_type


class Company(Tenanted, Stamped, Base):
    """A company, known by its domain where it has one."""

    __tablename__ = "companies"
    __entity__ = "company"
    __table_args__ = (
        UniqueConstraint("organization_id", "domain"),
        Index(
            "ix_companies_merged",
            "merged_into_id",
            sqlite_where=text("merged_into_id is not null"),
            postgresql_where=text("merged_into_id is not null"),
        ),
    )

    company_id: Mapped[str] = primary_key()
    name: Mapped[str] = mapped_column(SHORT)
    domain: Mapped[str | None] = mapped_column(String(253))
    industry: Mapped[str | None] = mapped_column(SHORT)
    employee_count: Mapped[int | None] = mapped_column()
    country: Mapped[str | None] = mapped_column(String(2))
    import_id: Mapped[str | None] = mapped_column(ID, index=True)
    """The import that made the company, if one did."""
    attributes: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    merged_into_id: Mapped[str | None] = mapped_column(ID)
    """The company that this record was merged into, never one that is merged itself. It stays, for the undo, and so that
    its domain leads to the survivor."""


def _shown(name: str, *columns: str) -> Index:
    """An index over the contacts that lists show, in one of their orders: pages walk it, and counts read nothing else."""
    there = text("deleted_at is null")
    return Index(f"ix_contacts_{name}", "organization_id", *columns, sqlite_where=there, postgresql_where=there)


class Contact(Tenanted, Stamped, Base):
    """A person. Without an e-mail address the `external_id` tells them apart."""

    __tablename__ = "contacts"
    __entity__ = "contact"
    __table_args__ = (
        UniqueConstraint("organization_id", "email"),
        UniqueConstraint("organization_id", "external_id"),
        _shown("newest", "created_at", "contact_id"),
        _shown("name", "last_name", "first_name", "contact_id"),
        _shown("stage", "lifecycle_stage", "created_at", "contact_id"),
        _shown("source", "source", "created_at", "contact_id"),
        _shown("owner", "owner_user_id", "created_at", "contact_id"),
        Index("ix_contacts_company", "company_id", "organization_id", "created_at", "contact_id", "deleted_at"),
        Index(
            "ix_contacts_merged",
            "merged_into_id",
            sqlite_where=text("merged_into_id is not null"),
            postgresql_where=text("merged_into_id is not null"),
        ),
    )

    contact_id: Mapped[str] = primary_key()
    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.organization_id"))
    company_id: Mapped[str | None] = mapped_column(ID, ForeignKey("companies.company_id"))
    email: Mapped[str | None] = mapped_column(String(320))
    email_hash: Mapped[str | None] = mapped_column(String(64))
    """HMAC-SHA256 of the address under the organization's key: what events carry."""
    external_id: Mapped[str | None] = mapped_column(String(200))
    first_name: Mapped[str] = mapped_column(SHORT, default="")
    last_name: Mapped[str] = mapped_column(SHORT, default="")
    title: Mapped[str] = mapped_column(SHORT, default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    country: Mapped[str | None] = mapped_column(String(2))
    lifecycle_stage: Mapped[str] = mapped_column(String(20), default="lead")
    owner_user_id: Mapped[str | None] = mapped_column(ID)
    source: Mapped[str] = mapped_column(String(80), default="")
    """Where the record came from: `form`, `identify`, `import`, `api`, `history`."""
    import_id: Mapped[str | None] = mapped_column(ID, index=True)
    attributes: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """Custom attributes by key; their types are in `attribute_definitions`."""
    known_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """When we could first have known this person."""
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    merged_into_id: Mapped[str | None] = mapped_column(ID)
    """The contact that this record was merged into, never one that is merged itself. The record stays as it was, for the
    undo, and so that its address and ids lead to the survivor; `deleted_at` keeps it off every list."""


class AttributeDefinition(Tenanted, Stamped, Base):
    """A custom attribute of contacts: its type, what lists may do with it, and whether a model may see it.

    `role`: `feature`; `outcome` (what a model learns to predict); `post_outcome` (known only after the outcome: shown,
    never learned from); `ignored`.
    """

    __tablename__ = "attribute_definitions"
    __entity__ = "attribute_definition"
    __table_args__ = (UniqueConstraint("organization_id", "entity", "key"),)

    attribute_definition_id: Mapped[str] = primary_key()
    entity: Mapped[str] = mapped_column(String(20), default="contact")
    key: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(SHORT)
    data_type: Mapped[str] = mapped_column(String(20))
    """`text`, `choice`, `integer`, `number`, `boolean`, `date` or `datetime` (`domain.custom_attributes`)."""
    options: Mapped[list[str]] = mapped_column(json_type(), default=list)
    """Of a choice, in their order."""
    is_filterable: Mapped[bool] = mapped_column(Boolean, default=True)
    """Whether its values stand in `contact_values`, by which lists are filtered and sorted."""
    is_searchable: Mapped[bool] = mapped_column(Boolean, default=True)
    """Whether its words stand in `contact_words`; only texts and choices have any."""
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    role: Mapped[str] = mapped_column(String(20), default="feature")
    positive_value: Mapped[str | None] = mapped_column(SHORT)
    """For an outcome: the value, as text, that counts as success."""


class LifecycleChange(Tenanted, Base):
    """A contact entered a funnel stage. History: never updated."""

    __tablename__ = "lifecycle_changes"
    __entity__ = "lifecycle_change"
    __table_args__ = (Index("ix_lifecycle_changes_contact", "contact_id", "occurred_at"),)

    lifecycle_change_id: Mapped[str] = primary_key()
    contact_id: Mapped[str] = mapped_column(ID, ForeignKey("contacts.contact_id"))
    from_stage: Mapped[str | None] = mapped_column(String(20))
    to_stage: Mapped[str] = mapped_column(String(20))
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)
    known_at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_kind: Mapped[str] = mapped_column(String(20), default="system")
    actor_id: Mapped[str] = mapped_column(String(80), default="")
    reason: Mapped[str] = mapped_column(String(80), default="")


class Deal(Tenanted, Stamped, Base):
    """Money that may come: an amount in minor units, and where it stands."""

    __tablename__ = "deals"
    __entity__ = "deal"
    __table_args__ = (
        UniqueConstraint("organization_id", "external_id"),
        Index("ix_deals_board", "organization_id", "pipeline", "stage", "updated_at"),
        Index("ix_deals_owner", "organization_id", "owner_user_id"),
    )

    deal_id: Mapped[str] = primary_key()
    contact_id: Mapped[str | None] = mapped_column(ID, ForeignKey("contacts.contact_id"), index=True)
    company_id: Mapped[str | None] = mapped_column(ID, ForeignKey("companies.company_id"), index=True)
    external_id: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(SHORT)
    pipeline: Mapped[str] = mapped_column(String(80), default="default")
    """Key of a pipeline (`domain.pipelines`)."""
    stage: Mapped[str] = mapped_column(String(40), default="lead")
    """What the stage counts as: `lead`, `mql`, `sql`, `opportunity`, `proposal`, `negotiation`, `won` or `lost`."""
    stage_key: Mapped[str | None] = mapped_column(String(40))
    """Key of the pipeline's own stage; None where an import or history said only what it counts as."""
    stage_entered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """None where nobody moved it here; then it has stood since it was opened."""
    expected_close_on: Mapped[date | None] = mapped_column(Date)
    probability: Mapped[float | None] = mapped_column(Float)
    amount_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str] = mapped_column(String(3), default="USD")
    owner_user_id: Mapped[str | None] = mapped_column(ID)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lost_reason: Mapped[str | None] = mapped_column(SHORT)
    import_id: Mapped[str | None] = mapped_column(ID, index=True)
    attributes: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)


class DealStageChange(Tenanted, Base):
    """A deal entered a stage. History: never updated."""

    __tablename__ = "deal_stage_changes"
    __entity__ = "deal_stage_change"
    __table_args__ = (Index("ix_deal_stage_changes_deal", "deal_id", "occurred_at"),)

    deal_stage_change_id: Mapped[str] = primary_key()
    deal_id: Mapped[str] = mapped_column(ID, ForeignKey("deals.deal_id"))
    from_stage: Mapped[str | None] = mapped_column(String(40))
    to_stage: Mapped[str] = mapped_column(String(40))
    from_key: Mapped[str | None] = mapped_column(String(40))
    to_key: Mapped[str | None] = mapped_column(String(40))
    """The pipeline's own stages, where they are known."""
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)
    known_at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_kind: Mapped[str] = mapped_column(String(20), default="system")
    actor_id: Mapped[str] = mapped_column(String(80), default="")


class Activity(Tenanted, Base):
    """One line of a timeline: what happened, to whom, and who did it."""

    __tablename__ = "activities"
    __entity__ = "activity"
    __table_args__ = (
        Index("ix_activities_timeline", "contact_id", "occurred_at"),
        Index("ix_activities_newest", "organization_id", "occurred_at", "activity_id"),
    )

    activity_id: Mapped[str] = primary_key()
    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.organization_id"))
    contact_id: Mapped[str | None] = mapped_column(ID, ForeignKey("contacts.contact_id"))
    company_id: Mapped[str | None] = mapped_column(ID)
    deal_id: Mapped[str | None] = mapped_column(ID)
    kind: Mapped[str] = mapped_column(String(40))
    """`form_submission`, `identified`, `imported`, `stage_change`, `score_change`, `note`, `call`, `meeting`, `email`…"""
    summary: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    actor_kind: Mapped[str] = mapped_column(String(20), default="system")
    """`human`, `contact`, `bot`, `ai` or `system`."""
    actor_id: Mapped[str] = mapped_column(String(80), default="")
    is_automated: Mapped[bool] = mapped_column(Boolean, default=False)
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)
    known_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Task(Tenanted, Stamped, Base):
    """Something for a person to do, about a contact, a company or a deal, or about none of them.

    `kind`: `todo`, `call`, `email`, `meeting`, `linkedin`, `sms` or `whatsapp`. `status`: `open`, `done` or `cancelled`.
    """

    __tablename__ = "tasks"
    __entity__ = "task"
    __table_args__ = (
        Index("ix_tasks_due", "organization_id", "assignee_user_id", "status", "due_at"),
        Index("ix_tasks_deal", "deal_id", "status"),
        Index("ix_tasks_contact", "contact_id", "status"),
    )

    task_id: Mapped[str] = primary_key()
    kind: Mapped[str] = mapped_column(String(20), default="todo")
    title: Mapped[str] = mapped_column(SHORT)
    body: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(10), default="open")
    priority: Mapped[int] = mapped_column(default=0)
    """-1 low, 0 normal, 1 high."""
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    assignee_user_id: Mapped[str | None] = mapped_column(ID)
    contact_id: Mapped[str | None] = mapped_column(ID, ForeignKey("contacts.contact_id"))
    company_id: Mapped[str | None] = mapped_column(ID, ForeignKey("companies.company_id"), index=True)
    deal_id: Mapped[str | None] = mapped_column(ID, ForeignKey("deals.deal_id"))
    source: Mapped[str] = mapped_column(String(40), default="user")
    """Who wanted it: `user`, `routing`, `sla`, `sequence`…"""
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    completed_by: Mapped[str | None] = mapped_column(ID)
    outcome: Mapped[str] = mapped_column(SHORT, default="")
