"""The API behind the forecast: what may still be won, why it changed, and what past forecasts were worth."""

from __future__ import annotations

from datetime import date

from app.api_transport import Json, Transport

MOST_DEALS = 2_000


class ForecastApi(Transport):
    """What the Forecast page asks. `as_of`: as it was known at the end of that day; the newest one by default."""

    def forecast(self, as_of: date | None = None) -> Json:
        return self._object("GET", "/v1/forecast", params=_day(as_of))

    def forecast_deals(self, as_of: date | None = None) -> list[Json]:
        return self._list("GET", "/v1/forecast/deals", params={**_day(as_of), "limit": MOST_DEALS})

    def forecast_changes(self, as_of: date | None = None) -> Json:
        return self._object("GET", "/v1/forecast/changes", params=_day(as_of))

    def forecast_backtest(self) -> Json:
        return self._object("GET", "/v1/forecast/backtest")


def _day(as_of: date | None) -> Json:
    return {"as_of": as_of.isoformat()} if as_of else {}
