"""Past forecasts made again from what was known on their day, and judged by what was really won."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import polars as pl

from domain.forecasting.coverage import Judged
from domain.forecasting.periods import Part, Period, Span, ends_at
from models_ml.forecast.forecast import DRAWS, Forecast, forecast
from models_ml.forecast.outcomes import over, won_minor
from models_ml.forecast.weeks import known_at


def judge(one: Forecast, period: Period, span: Span, actual_minor: int) -> Judged | None:
    """None where nothing was forecast."""
    estimate = one.estimates.get((period, Part.TOTAL))
    if estimate is None:
        return None
    ends = estimate.quantiles
    return Judged(
        span.starts_on,
        span.ends_on,
        is_held_80=ends["low_80"] <= actual_minor <= ends["high_80"],
        is_held_95=ends["low_95"] <= actual_minor <= ends["high_95"],
    )


def backtest(
    entries: pl.DataFrame, states: pl.DataFrame, days: Iterable[date], now: datetime, time_zone: str, *, seed: int,
    draws: int = DRAWS,
) -> dict[Period, list[Judged]]:  # fmt: skip
    """Forecasts of the ends of these days, from rows known by then alone, judged by what is known now."""
    truth = known_at(entries, states, now)
    judged: dict[Period, list[Judged]] = {period: [] for period in Period}
    for day in days:
        finished = over(day, now, time_zone)
        if finished:
            one, _ = forecast(entries, states, ends_at(day, time_zone), day, time_zone, seed=seed, draws=draws)
            for period, span in finished.items():
                found = judge(one, period, span, won_minor(truth, span, now, time_zone))
                judged[period] += [found] if found else []
    return judged
