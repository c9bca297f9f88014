"""What campaigns cost and bring in: campaigns, spend, revenue, client costs, exchange rates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import and_, func, literal, or_, select, tuple_

from domain.errors import Conflict, InvalidInput
from domain.filters import FieldType, read_value
from domain.paging import decode_cursor, encode_cursor
from storage.ops.repositories.base import Repository
from storage.ops.tables import Campaign, ClientCost, Contact, Deal, FxRate, RevenueEntry, Spend

RATES_SORT = "-rate_on"
REVENUE_KINDS = frozenset({"one_off", "recurring"})


class Campaigns(Repository):
    def create(
        self,
        name: str,
        *,
        channel: str | None = None,
        utm_source: str | None = None,
        utm_medium: str | None = None,
        utm_campaign: str | None = None,
        organization_id: str | None = None,
    ) -> Campaign:
        """Raises Conflict where the name is taken."""
        target = self.target(organization_id)
        if self.session.scalars(
            select(Campaign).where(Campaign.organization_id == target, Campaign.name == name)
        ).first():
            raise Conflict("a campaign of this name exists")
        made = Campaign(
            organization_id=target,
            name=name,
            channel=channel,
            utm_source=utm_source,
            utm_medium=utm_medium,
            utm_campaign=utm_campaign,
        )
        self.session.add(made)
        self.session.flush()
        return made

    def find_by_utm(self, utm_campaign: str, organization_id: str | None = None) -> Campaign | None:
        """The campaign of a utm_campaign, whatever its case."""
        return self.session.scalars(
            select(Campaign)
            .where(
                Campaign.organization_id == self.target(organization_id),
                func.lower(Campaign.utm_campaign) == utm_campaign.lower(),
            )
            .order_by(Campaign.created_at, Campaign.campaign_id)
            .limit(1)
        ).first()

    def all(self) -> list[Campaign]:
        return list(
            self.session.scalars(
                select(Campaign)
                .where(self.readable(Campaign.organization_id))
                .order_by(Campaign.name, Campaign.campaign_id)
            )
        )


class SpendEntries(Repository):
    """Entered by hand; files go through the ad_spend source."""

    def add(
        self,
        *,
        spend_on: date,
        channel: str,
        amount_minor: int,
        currency: str,
        campaign_id: str | None = None,
        source: str | None = None,
        organization_id: str | None = None,
    ) -> Spend:
        target = self.target(organization_id)
        made = Spend(
            organization_id=target,
            spend_on=spend_on,
            channel=channel,
            amount_minor=amount_minor,
            currency=checked_currency(currency),
            campaign_id=self.own(Campaign, campaign_id, target),
            source=source,
        )
        self.session.add(made)
        self.session.flush()
        return made

    def between(self, first: date, last: date) -> list[Spend]:
        """Both days included, in order."""
        return list(
            self.session.scalars(
                select(Spend)
                .where(self.readable(Spend.organization_id), Spend.spend_on.between(first, last))
                .order_by(Spend.spend_on, Spend.spend_id)
            )
        )


class RevenueEntries(Repository):
    def add(
        self,
        *,
        kind: str,
        amount_minor: int,
        currency: str,
        starts_on: date,
        ends_on: date | None = None,
        deal_id: str | None = None,
        contact_id: str | None = None,
        organization_id: str | None = None,
    ) -> RevenueEntry:
        """`one_off`, or `recurring` (an amount a month from `starts_on` until `ends_on`)."""
        if kind not in REVENUE_KINDS:
            raise InvalidInput(f"revenue is one_off or recurring, not {kind!r}")
        target = self.target(organization_id)
        made = RevenueEntry(
            organization_id=target,
            kind=kind,
            amount_minor=amount_minor,
            currency=checked_currency(currency),
            starts_on=starts_on,
            ends_on=ends_on,
            deal_id=self.own(Deal, deal_id, target),
            contact_id=self.own(Contact, contact_id, target),
        )
        self.session.add(made)
        self.session.flush()
        return made

    def insert_many(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """In bulk, as mappings of column to value; answers them as written."""
        return self.insert_rows(RevenueEntry, rows)

    def all(self) -> list[RevenueEntry]:
        return list(
            self.session.scalars(
                select(RevenueEntry)
                .where(self.readable(RevenueEntry.organization_id))
                .order_by(RevenueEntry.starts_on, RevenueEntry.revenue_entry_id)
            )
        )


class ClientCosts(Repository):
    def add(
        self,
        *,
        cost_on: date,
        kind: str,
        amount_minor: int,
        currency: str,
        note: str = "",
        organization_id: str | None = None,
    ) -> ClientCost:
        """What serving a client cost on a day."""
        made = ClientCost(
            organization_id=self.target(organization_id),
            cost_on=cost_on,
            kind=kind,
            amount_minor=amount_minor,
            currency=checked_currency(currency),
            note=note,
        )
        self.session.add(made)
        self.session.flush()
        return made

    def between(self, first: date, last: date) -> list[ClientCost]:
        """Both days included, in order."""
        return list(
            self.session.scalars(
                select(ClientCost)
                .where(self.readable(ClientCost.organization_id), ClientCost.cost_on.between(first, last))
                .order_by(ClientCost.cost_on, ClientCost.client_cost_id)
            )
        )


class FxRates(Repository):
    """Shared by all organizations, so only SystemScope writes them. A missing rate is missing, never 1."""

    def put(self, rate_on: date, from_currency: str, to_currency: str, rate: float) -> FxRate:
        """The rate of a day; a second import corrects the first."""
        self.require_system()
        if rate <= 0:
            raise InvalidInput("an exchange rate is above zero")
        found = self.on(rate_on, from_currency, to_currency)
        if found is None:
            found = FxRate(
                rate_on=rate_on,
                from_currency=checked_currency(from_currency),
                to_currency=checked_currency(to_currency),
                rate=rate,
                imported_at=self.work.now(),
            )
            self.session.add(found)
        elif found.rate != rate:
            found.rate, found.imported_at = rate, self.work.now()
        self.session.flush()
        return found

    def on(self, rate_on: date, from_currency: str, to_currency: str) -> FxRate | None:
        """The rate of that very day."""
        return self.session.get(FxRate, (rate_on, from_currency, to_currency))

    def page(
        self,
        *,
        from_currency: str | None = None,
        to_currency: str | None = None,
        since: date | None = None,
        until: date | None = None,
        limit: int,
        cursor: str | None = None,
    ) -> tuple[list[FxRate], str | None]:
        """Newest first, then by currency; with the cursor of the page after. Raises InvalidInput for a made-up cursor."""
        asked = select(FxRate)
        if from_currency:
            asked = asked.where(FxRate.from_currency == from_currency)
        if to_currency:
            asked = asked.where(FxRate.to_currency == to_currency)
        if since:
            asked = asked.where(FxRate.rate_on >= since)
        if until:
            asked = asked.where(FxRate.rate_on <= until)
        if cursor:
            day, *pair = decode_cursor(cursor, RATES_SORT, 3)
            last = read_value("cursor", FieldType.DATE, str(day))
            later = tuple_(FxRate.from_currency, FxRate.to_currency) > tuple_(*(literal(str(code)) for code in pair))
            asked = asked.where(or_(FxRate.rate_on < last, and_(FxRate.rate_on == last, later)))
        order = (FxRate.rate_on.desc(), FxRate.from_currency, FxRate.to_currency)
        found = list(self.session.scalars(asked.order_by(*order).limit(limit + 1)))
        if len(found) <= limit:
            return found, None
        end = found[limit - 1]
        key = [end.rate_on.isoformat(), end.from_currency, end.to_currency]
        return found[:limit], encode_cursor(RATES_SORT, key)


def checked_currency(code: str) -> str:
    """An ISO 4217 code in capitals; raises InvalidInput for what cannot be one."""
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise InvalidInput(f"not an ISO 4217 currency: {code!r}")
    return code
