"""Forecasts, as the pipeline left them in the lake, with the names that deals have today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from domain.deals import DealStage
from domain.errors import NotFound
from domain.forecasting.coverage import Judged, coverage
from domain.forecasting.enough import missing
from domain.forecasting.periods import Part, Period, spans
from domain.forecasting.slippage import slippage
from domain.forecasting.waterfall import Cause
from serving.forecast.schemas import (
    BacktestOut,
    ChangeOut,
    ChangesOut,
    CoverageOut,
    DealOddsOut,
    EstimateOut,
    ForecastOut,
    MissingOut,
    PastOut,
    PeriodOut,
    SlippageOut,
    StageOddsOut,
)
from serving.marts import Marts
from storage.lake import Lake
from storage.ops.repositories.deals import Deals
from storage.ops.store import Work

Row = Mapping[str, Any]
LEVELS = (0.8, 0.95)
DAYS = "select distinct as_of_on from lake.ml.forecast__revenue where organization_id = ? order by as_of_on desc"
REVENUE = "select * exclude (facts) from lake.ml.forecast__revenue where organization_id = ? and as_of_on = ?"
STAGES = "select * from lake.ml.forecast__stages where organization_id = ? and as_of_on = ?"
DEALS = """
    select * from lake.ml.forecast__deals where organization_id = ? and as_of_on = ?
    order by twelve_months * coalesce(amount_minor, 0) desc, deal_id
"""
CHANGES = """
    select cause, sum(change_minor)::bigint as change_minor, count(deal_id) as deal_count
    from lake.ml.forecast__changes where organization_id = ? and as_of_on = ? group by cause
"""
PAST = """
    select
        total.as_of_on, total.period, total.starts_on, total.ends_on, won.expected_minor as won_minor,
        total.expected_minor, total.low_80_minor, total.high_80_minor, total.low_95_minor, total.high_95_minor,
        total.currency, outcomes.actual_minor
    from lake.ml.forecast__revenue as total
    inner join lake.ml.forecast__revenue as won
        on total.organization_id = won.organization_id and total.as_of_on = won.as_of_on and total.period = won.period
    left join lake.ml.forecast__outcomes as outcomes
        on
            total.organization_id = outcomes.organization_id
            and total.as_of_on = outcomes.as_of_on
            and total.period = outcomes.period
    where total.organization_id = ? and total.part = 'total' and won.part = 'won'
    order by total.as_of_on, total.starts_on, total.ends_on
"""

# What was said before the deal was won: a history that was brought along afterwards says nothing.
SAID = """
    with known as (
        select * from lake.marts.deal_history where organization_id = ? and known_at <= ?
    )

    select
        standing.stage, standing.expected_close_on, cast(standing.stage_entered_at as date) as entered_on,
        (
            select arg_min(known.expected_close_on, known.known_at) from known
            where known.deal_id = standing.deal_id and known.known_at < standing.stage_entered_at
        ) as said_on
    from known as standing
    where (known_until is null or known_until > ?) and not is_deleted
"""


class Forecasts:
    """Of one organization."""

    def __init__(self, lake: Lake, organization_id: str) -> None:
        self._marts = Marts(lake, organization_id)

    def read(self, as_of_on: date | None) -> ForecastOut:
        """Of the day, else the newest. Raises NotFound where there is none."""
        days = self._days()
        day = self._chosen(days, as_of_on)
        rows = self._marts.ask(REVENUE, day)
        return ForecastOut(
            **{name: rows[0][name] for name in ForecastOut.model_fields if name in rows[0]},
            periods=[_period(day, period, rows) for period in Period],
            stages=[StageOddsOut(**row) for row in sorted(self._marts.ask(STAGES, day), key=_place)],
            slippage=self._slippage(day, rows[0]["known_at"]),
            days=days,
        )

    def deals(self, work: Work, as_of_on: date | None, *, limit: int) -> list[DealOddsOut]:
        """Those that weigh most, first."""
        rows = self._marts.ask(DEALS, self._chosen(self._days(), as_of_on))[:limit]
        here = Deals(work).of_ids([row["deal_id"] for row in rows])
        facts = ("name", "owner_user_id", "expected_close_on")
        return [
            DealOddsOut(**row, **{fact: getattr(here.get(row["deal_id"]), fact, None) for fact in facts})
            for row in rows
        ]

    def changes(self, as_of_on: date | None) -> ChangesOut:
        """Of the week that ends on the day. Raises NotFound where nothing was forecast."""
        day = self._chosen(self._days(), as_of_on)
        found = {row["cause"]: row for row in self._marts.ask(CHANGES, day)}
        if not found:
            raise NotFound("no forecast of this day", hint="The history was too short then.")
        return ChangesOut(
            as_of_on=day,
            currency=self._marts.ask(REVENUE, day)[0]["currency"],
            before_minor=found["before"]["change_minor"],
            after_minor=found["after"]["change_minor"],
            changes=[ChangeOut(**found[cause]) for cause in Cause if cause in found],
        )

    def backtest(self) -> BacktestOut:
        rows = self._marts.ask(PAST)
        past = [PastOut(**_whole(row)) for row in rows]
        return BacktestOut(
            currency=rows[-1]["currency"] if rows else None,
            coverage=[_coverage(past, period, level) for period in Period for level in LEVELS],
            past=past,
        )

    def _slippage(self, day: date, known_at: datetime) -> SlippageOut:
        rows = self._marts.ask(SAID, known_at, known_at)
        won = [(row["said_on"], row["entered_on"]) for row in rows if row["stage"] == DealStage.WON and row["said_on"]]
        still_open = [
            row["expected_close_on"]
            for row in rows
            if row["expected_close_on"] and row["stage"] not in {DealStage.WON, DealStage.LOST}
        ]
        return SlippageOut(**asdict(slippage(won, still_open, day)))

    def _days(self) -> list[date]:
        return [row["as_of_on"] for row in self._marts.ask(DAYS)]

    @staticmethod
    def _chosen(days: Sequence[date], as_of_on: date | None) -> date:
        if not days or (as_of_on and as_of_on not in days):
            raise NotFound(
                "no forecast of this day" if days else "no forecast yet",
                hint="`days` of GET /v1/forecast lists them." if days else "It is made with the marts, from deals.",
            )
        return as_of_on or days[0]


def _period(day: date, period: Period, rows: Sequence[Row]) -> PeriodOut:
    span, head = spans(day)[period], rows[0]
    own = {row["part"]: row for row in rows if row["period"] == period}
    lacks = missing(period, closed=head["closed_count"], won=head["won_count"], weeks=head["week_count"])
    return PeriodOut(
        period=period,
        starts_on=span.starts_on,
        ends_on=span.ends_on,
        estimates=[EstimateOut(**_whole(own[part])) for part in Part if part in own],
        missing=[MissingOut(what=one.what, has=one.has, needs=one.needs) for one in lacks],
    )


def _place(row: Row) -> tuple[bool, str, int]:
    """By pipeline, the rest last, then as deals go."""
    return not row["pipeline"], row["pipeline"], list(DealStage).index(DealStage(row["stage"]))


def _whole(row: Row) -> dict[str, Any]:
    """Money in whole minor units."""
    return {
        name: round(value) if name.endswith("_minor") and value is not None else value for name, value in row.items()
    }


def _coverage(past: Sequence[PastOut], period: Period, level: float) -> CoverageOut:
    judged = [
        Judged(
            one.starts_on,
            one.ends_on,
            is_held_80=one.low_80_minor <= one.actual_minor <= one.high_80_minor,
            is_held_95=one.low_95_minor <= one.actual_minor <= one.high_95_minor,
        )
        for one in past
        if one.period is period and one.actual_minor is not None
    ]
    found = coverage(judged, level)
    return CoverageOut(
        period=period, level=level, forecast_count=found.forecast_count, held_count=found.held_count,
        span_count=found.span_count, low=found.low, high=found.high, verdict=found.verdict,
    )  # fmt: skip
