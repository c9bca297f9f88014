"""What the routes of the forecast answer. All money is in minor units of `currency`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from domain.forecasting.coverage import CoverageVerdict
from domain.forecasting.periods import Part, Period
from domain.forecasting.quantiles import PROMISES
from domain.forecasting.waterfall import Cause


def _promise(name: str) -> Any:
    return Field(description=PROMISES[name])


class EstimateOut(BaseModel):
    """What a part of the future brings: `won` is there already, `open` may come of deals that are open, `new` of deals that
    are not there yet, `total` of all three."""

    part: Part
    expected_minor: int
    worst_minor: int = _promise("worst")
    commit_minor: int = _promise("commit")
    best_minor: int = _promise("best")
    low_80_minor: int
    high_80_minor: int
    low_95_minor: int
    high_95_minor: int


class MissingOut(BaseModel):
    """`what`: `closed` deals, `won` deals with an amount, or `weeks` of history."""

    what: str
    has: int
    needs: int


class PeriodOut(BaseModel):
    """Either its estimates, or what is missing to know them."""

    period: Period
    starts_on: date
    ends_on: date
    estimates: list[EstimateOut]
    missing: list[MissingOut]


class StageOddsOut(BaseModel):
    """What becomes of deals that enter a stage of a pipeline; an empty pipeline stands for those with little history."""

    pipeline: str
    stage: str
    reached_count: int
    chance: float = Field(description="To be won within twelve months.")
    won_in_weeks: float | None = Field(description="Until half of those that are won are.")


class SlippageOut(BaseModel):
    """What people said of when deals close, beside what came of it; it does not enter the forecast."""

    won_count: int = Field(description="Won deals of which a day was said before.")
    late_count: int = Field(description="Of these, won after the day that was said first.")
    median_days: int | None = Field(description="Days after it, of the middle one; empty where there are too few.")
    overdue_count: int = Field(description="Open deals that are past their day.")


class ForecastOut(BaseModel):
    """What was known at `known_at`, and nothing later."""

    as_of_on: date
    known_at: datetime
    currency: str
    closed_count: int
    won_count: int
    week_count: int
    open_count: int
    new_a_week: float
    win_spread: float = Field(description="Luck of winning that deals share, as standard deviation of log-odds.")
    arrival_spread: float = Field(
        description="The same of how many deals come, as standard deviation of its logarithm."
    )
    periods: list[PeriodOut]
    stages: list[StageOddsOut]
    slippage: SlippageOut
    days: list[date] = Field(description="Days there is a forecast of, newest first.")


class DealOddsOut(BaseModel):
    """An open deal; `name` and `owner_user_id` as they are today, empty where the deal is gone."""

    deal_id: str
    name: str | None
    owner_user_id: str | None
    pipeline: str
    stage: str
    weeks_in_stage: int
    amount_minor: int | None
    this_quarter: float = Field(description="Chance to be won by the end of the quarter.")
    next_quarter: float
    twelve_months: float
    won_by_on: date | None = Field(description="If it is won at all, it is by then in one of two futures.")
    expected_close_on: date | None = Field(description="What people say today.")


class ChangeOut(BaseModel):
    """What deals of one cause changed; `deals` are the largest."""

    cause: Cause
    change_minor: int
    deal_count: int


class ChangesOut(BaseModel):
    """The open pipeline, each deal times its chance within twelve months, a week before and on the day: before and the
    changes add up to after. Both are weighed by what was known on the day, so that only deals make a difference."""

    as_of_on: date
    currency: str
    before_minor: int
    after_minor: int
    changes: list[ChangeOut]


class CoverageOut(BaseModel):
    """Of `forecast_count` past intervals of a period that is over, `held_count` held what was won."""

    period: Period
    level: float
    forecast_count: int
    held_count: int
    span_count: int = Field(description="Separate stretches of time: forecasts of one quarter share its luck.")
    low: float
    high: float
    verdict: CoverageVerdict


class PastOut(BaseModel):
    """What was forecast of a period on a day, and what came of it; `actual_minor` is empty while it runs."""

    as_of_on: date
    period: Period
    starts_on: date
    ends_on: date
    won_minor: int
    expected_minor: int
    low_80_minor: int
    high_80_minor: int
    low_95_minor: int
    high_95_minor: int
    actual_minor: int | None


class BacktestOut(BaseModel):
    """Every forecast of the past, made from what was known on its day, beside what was really won."""

    currency: str | None
    coverage: list[CoverageOut]
    past: list[PastOut]
