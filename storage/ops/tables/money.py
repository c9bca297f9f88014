"""Campaigns, what they cost, and what came of them. Money is an integer of minor units and an ISO 4217 code."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Numeric, PrimaryKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, SHORT, UTCDateTime


class Campaign(Tenanted, Stamped, Base):
    """What ties a utm campaign, its spend and its sequence together."""

    __tablename__ = "campaigns"
    __entity__ = "campaign"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    campaign_id: Mapped[str] = primary_key()
    name: Mapped[str] = mapped_column(SHORT)
    channel: Mapped[str | None] = mapped_column(String(40))
    utm_source: Mapped[str | None] = mapped_column(SHORT)
    utm_medium: Mapped[str | None] = mapped_column(SHORT)
    utm_campaign: Mapped[str | None] = mapped_column(SHORT)
    sequence_id: Mapped[str | None] = mapped_column(ID)


class Spend(Tenanted, Stamped, Base):
    """Money spent on one day for a channel and campaign, entered by hand (files go through the ad_spend source)."""

    __tablename__ = "spend"
    __entity__ = "spend"
    __table_args__ = (Index("ix_spend_day", "organization_id", "spend_on"),)

    spend_id: Mapped[str] = primary_key()
    campaign_id: Mapped[str | None] = mapped_column(ID, ForeignKey("campaigns.campaign_id"))
    spend_on: Mapped[date] = mapped_column(Date)
    channel: Mapped[str] = mapped_column(String(40))
    source: Mapped[str | None] = mapped_column(SHORT)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))


class RevenueEntry(Tenanted, Stamped, Base):
    """Revenue of a won deal: one-off, or recurring by the month."""

    __tablename__ = "revenue_entries"
    __entity__ = "revenue_entry"

    revenue_entry_id: Mapped[str] = primary_key()
    deal_id: Mapped[str | None] = mapped_column(ID, ForeignKey("deals.deal_id"), index=True)
    contact_id: Mapped[str | None] = mapped_column(ID, index=True)
    kind: Mapped[str] = mapped_column(String(10))
    """`one_off` or `recurring`."""
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)


class ClientCost(Tenanted, Stamped, Base):
    """What serving a client cost the agency on a day: people, tools, data."""

    __tablename__ = "client_costs"
    __entity__ = "client_cost"

    client_cost_id: Mapped[str] = primary_key()
    cost_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(40))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    note: Mapped[str] = mapped_column(SHORT, default="")


class FxRate(Base):
    """A rate of one day; a missing one is listed, never taken as 1. Shared by all organizations."""

    __tablename__ = "fx_rates"
    __entity__ = "fx_rate"
    __table_args__ = (PrimaryKeyConstraint("rate_on", "from_currency", "to_currency"),)

    rate_on: Mapped[date] = mapped_column(Date)
    from_currency: Mapped[str] = mapped_column(String(3))
    to_currency: Mapped[str] = mapped_column(String(3))
    rate: Mapped[float] = mapped_column(Numeric(18, 8, asdecimal=False))
    imported_at: Mapped[datetime] = mapped_column(UTCDateTime)
