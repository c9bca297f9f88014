"""What became of the periods that past forecasts spoke of."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np

from domain.forecasting.periods import Period, Span, begins_at, ends_at, spans
from models_ml.forecast.weeks import Looked


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
