"""What past forecasts were worth: each made again from what was known on its day, beside what was really won."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import numpy as np
import polars as pl

from domain.forecasting.coverage import Judged
from domain.forecasting.periods import Part, Period, Span, begins_at, ends_at, spans
from models_ml.forecast.forecast import DRAWS, Forecast, forecast
from models_ml.forecast.weeks import Looked, known_at


def won_minor(looked: Looked, span: Span, moment: datetime, time_zone: str) -> int:
    """What deals that are known to be won brought in the span; `looked` is what is known at the moment."""
    begins, ends = (
        (edge - moment).total_seconds()
        for edge in (begins_at(span.starts_on, time_zone), ends_at(span.ends_on, time_zone))
    )
    won = ~np.isnan(looked.won_at) & ~np.isnan(looked.amounts)
    within = won & (looked.won_at >= begins) & (looked.won_at < ends)
    return int(looked.amounts[within].sum())


def over(day: date, now: datetime, time_zone: str) -> dict[Period, Span]:
    """The periods that a forecast of the day spoke of and that are over."""
    return {period: span for period, span in spans(day).items() if ends_at(span.ends_on, time_zone) <= now}


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
