"""/v1/forecast: what may still be won, why the pipeline changed, and what past forecasts were worth."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.crm.dependencies import LakeDep
from serving.deps import StoreDep
from serving.forecast.schemas import BacktestOut, ChangesOut, DealOddsOut, ForecastOut
from serving.forecast.service import Forecasts

router = APIRouter(prefix="/v1/forecast", tags=["forecast"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.ANALYTICS_READ)]
DealReader = Annotated[Principal, may(Permission.DEALS_READ)]
AsOf = Annotated[date | None, Query(description="As it was known at the end of this day; the newest one by default.")]


@router.get("")
def read_forecast(lake: LakeDep, principal: Reader, as_of: AsOf = None) -> ForecastOut:
    """This quarter, the next and twelve months, with intervals; what is missing where that cannot be known yet. 404 before
    the first pass of the pipeline over deals."""
    return Forecasts(lake, principal.scope.organization_id).read(as_of)


@router.get("/deals")
def list_forecast_deals(
    *,
    lake: LakeDep,
    store: StoreDep,
    principal: DealReader,
    as_of: AsOf = None,
    limit: Annotated[int, Query(ge=1, le=2_000)] = 500,
) -> list[DealOddsOut]:
    """Open deals with their chances, those that weigh most first."""
    with store.read(principal.scope) as work:
        return Forecasts(lake, principal.scope.organization_id).deals(work, as_of, limit=limit)


@router.get("/changes")
def read_forecast_changes(lake: LakeDep, principal: Reader, as_of: AsOf = None) -> ChangesOut:
    """Why the weighed pipeline is worth more or less than a week before."""
    return Forecasts(lake, principal.scope.organization_id).changes(as_of)


@router.get("/backtest")
def read_backtest(lake: LakeDep, principal: Reader) -> BacktestOut:
    """Past forecasts beside what was really won, and how often the intervals held."""
    return Forecasts(lake, principal.scope.organization_id).backtest()
