"""/v1/exchange-rates: what amounts of other currencies are converted by.

The rates are the installation's, the same for everybody: its operator brings them in (`leadhouse import rates`), and no
organization can change what another one's amounts are worth.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.exchange_rates.schemas import ExchangeRateListOut, ExchangeRateOut
from serving.lists import Cursor, Limit
from storage.ops.repositories.money import FxRates

router = APIRouter(prefix="/v1/exchange-rates", tags=["exchange rates"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.ANALYTICS_READ)]
Currency = Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="ISO 4217, in capitals.")]


@router.get("")
def list_exchange_rates(
    *,
    principal: Reader,
    store: StoreDep,
    from_currency: Currency = None,
    to_currency: Currency = None,
    since: date | None = None,
    until: date | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ExchangeRateListOut:
    """Newest first. A day without a rate is missing here, and its amounts are listed as missing, never taken as one to one."""
    with store.read(principal.scope) as work:
        found, following = FxRates(work).page(
            from_currency=from_currency, to_currency=to_currency, since=since, until=until, limit=limit, cursor=cursor
        )
        items = [ExchangeRateOut.model_validate(rate, from_attributes=True) for rate in found]
    return ExchangeRateListOut(items=items, next_cursor=following)
