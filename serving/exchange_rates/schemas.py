"""What /v1/exchange-rates answers."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel


class ExchangeRateOut(BaseModel):
    """On `rate_on`, one unit of `from_currency` was worth `rate` units of `to_currency`."""

    rate_on: date
    from_currency: str
    to_currency: str
    rate: float
    imported_at: datetime


class ExchangeRateListOut(BaseModel):
    items: list[ExchangeRateOut]
    next_cursor: str | None
