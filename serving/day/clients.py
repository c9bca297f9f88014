"""How each client of an agency does today, by the counts that the client's own day shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pydantic import BaseModel

from domain.service_levels import Standing
from domain.tenancy import Scope
from serving.service_levels.service import standing_counts
from storage.ops.repositories.days import Days
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.overviews import Overviews
from storage.ops.store import Store, Work
from storage.ops.tables import Organization

WEEK = timedelta(days=7)


class ClientDayOut(BaseModel):
    """One client. Leads and replies are counted since midnight where the client is, and over the last seven days."""

    organization_id: str
    name: str
    lead_count: int
    lead_count_week: int
    reply_count: int
    reply_count_week: int
    late_count: int
    """Promises of a first touch or an answer that are broken and not made good."""
    at_risk_count: int
    open_deal_count: int


class ClientDaysOut(BaseModel):
    """Those that need somebody most stand first: the late ones, then those at risk, then by new leads."""

    as_of_at: datetime
    items: list[ClientDayOut]


def days_of_clients(store: Store, agency: Scope, now: datetime) -> ClientDaysOut:
    """The clients that the scope may read; none where the organization is a client itself."""
    with store.read(agency) as work:
        found = [
            client
            for client in Organizations(work).with_clients(agency.organization_id)
            if client.organization_id != agency.organization_id
        ]
    items = sorted(_days(store, found, now), key=_need)
    return ClientDaysOut(as_of_at=now, items=items)


def _days(store: Store, clients: list[Organization], now: datetime) -> Iterator[ClientDayOut]:
    for client in clients:
        with store.read(Scope.of(client.organization_id)) as work:
            yield _day(work, client, now)


def _day(work: Work, client: Organization, now: datetime) -> ClientDayOut:
    overview, days = Overviews(work), Days(work)
    midnight, standings = overview.midnight(now), standing_counts(work, now)
    return ClientDayOut(
        organization_id=client.organization_id,
        name=client.name,
        lead_count=overview.leads_since(midnight),
        lead_count_week=overview.leads_since(now - WEEK),
        reply_count=days.reply_count(midnight),
        reply_count_week=days.reply_count(now - WEEK),
        late_count=standings[Standing.BREACHED],
        at_risk_count=standings[Standing.AT_RISK],
        open_deal_count=overview.open_deal_count(),
    )


def _need(client: ClientDayOut) -> tuple[int, int, int, str]:
    return (-client.late_count, -client.at_risk_count, -client.lead_count_week, client.name)
