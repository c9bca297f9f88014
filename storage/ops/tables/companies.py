"""Companies as people browse them: what the lake made of them, and searches for more like some of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, Index, PrimaryKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Tenanted, primary_key
from storage.ops.types import SHORT, UTCDateTime, json_type


class CompanySummary(Tenanted, Base):
    """A company as of the last build: of the CRM, or one that only a visitor's business network told us of.

    Derived, so its changes are not logged. There is no foreign key: `network:<domain>` is in no other table.
    """

    __tablename__ = "company_summaries"
    __table_args__ = (
        PrimaryKeyConstraint("company_id", "organization_id"),
        Index("ix_company_summaries_seen", "organization_id", "last_seen_at", "company_id"),
        Index("ix_company_summaries_visits", "organization_id", "session_count", "company_id"),
        Index("ix_company_summaries_quality", "organization_id", "quality", "company_id"),
        Index("ix_company_summaries_name", "organization_id", "name", "company_id"),
        Index("ix_company_summaries_lookalike", "organization_id", "lookalike_rank", "company_id"),
    )

    company_id: Mapped[str] = mapped_column(String(300))
    """Of the CRM; `network:<domain>` where only a network told us."""
    name: Mapped[str] = mapped_column(SHORT)
    domain: Mapped[str | None] = mapped_column(String(253))
    industry: Mapped[str | None] = mapped_column(SHORT)
    employee_count: Mapped[int | None] = mapped_column()
    country: Mapped[str | None] = mapped_column(String(2))
    status: Mapped[str] = mapped_column(String(12), default="prospect")
    """`customer`, `open_deal`, `lost` or `prospect`."""
    contact_count: Mapped[int] = mapped_column(default=0)
    visitor_count: Mapped[int] = mapped_column(default=0)
    session_count: Mapped[int] = mapped_column(default=0)
    page_view_count: Mapped[int] = mapped_column(default=0)
    deal_count: Mapped[int] = mapped_column(default=0)
    first_seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    first_channel: Mapped[str | None] = mapped_column(String(60))
    network_type: Mapped[str | None] = mapped_column(String(20))
    """Of the network that gave the company away: business, education or government; none where contacts did."""
    network_confidence: Mapped[str | None] = mapped_column(String(10))
    page_paths: Mapped[list[str]] = mapped_column(json_type(), default=list)
    """The pages that most of its visitors viewed."""
    activity: Mapped[int] = mapped_column(default=1)
    richness: Mapped[int] = mapped_column(default=1)
    quality: Mapped[int] = mapped_column(default=2)
    """Activity and richness together, 2 to 10 (domain/companies.py)."""
    lookalike_rank: Mapped[int | None] = mapped_column()
    """Place in the organization's standing search, the best 1; none where it is not among its results."""
    lookalike_score: Mapped[float | None] = mapped_column(Float)
    lookalike_summary: Mapped[str] = mapped_column(Text, default="")
    lookalike_reasons: Mapped[list[str]] = mapped_column(json_type(), default=list)
    closest_company_id: Mapped[str | None] = mapped_column(String(300))
    refreshed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class LookalikeSearch(Tenanted, Base):
    """Somebody asked for companies like some and unlike others; the worker answers, for only it may open the vectors."""

    __tablename__ = "lookalike_searches"
    __table_args__ = (Index("ix_lookalike_searches_newest", "organization_id", "created_at"),)

    lookalike_search_id: Mapped[str] = primary_key()
    asked: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    """`waiting`, `done` or `failed`."""
    answer: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """{items, positive_count, negative_count, candidate_count, text_weight, embedder, notes}."""
    problem: Mapped[str] = mapped_column(Text, default="")
    """Why it failed and what to do, in words."""
    requested_by: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class LookalikeMark(Tenanted, Base):
    """What somebody said of a suggested company, or of a domain that is never to be suggested: the last word counts, and
    the audit log keeps the others.

    There is no foreign key to a company: `network:<domain>` is in no table of companies for good.
    """

    __tablename__ = "lookalike_marks"
    __table_args__ = (
        UniqueConstraint("organization_id", "company_id", name="uq_lookalike_marks_company"),
        UniqueConstraint("organization_id", "domain", name="uq_lookalike_marks_domain"),
        Index("ix_lookalike_marks_newest", "organization_id", "marked_at"),
    )

    lookalike_mark_id: Mapped[str] = primary_key()
    company_id: Mapped[str | None] = mapped_column(String(300))
    domain: Mapped[str | None] = mapped_column(String(253))
    """Of an exclusion without a company: whoever has it is left out. One of the two is there."""
    kind: Mapped[str] = mapped_column(String(10))
    """`domain.lookalikes.MarkKind`."""
    list_name: Mapped[str] = mapped_column(String(20), default="")
    """Of an exclusion: `domain.lookalikes.ExclusionList`."""
    note: Mapped[str] = mapped_column(SHORT, default="")
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[str] = mapped_column(String(80), default="")
    marked_at: Mapped[datetime] = mapped_column(UTCDateTime)
