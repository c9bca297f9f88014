"""From the history of deals to the forecasts in the lake: for the end of each week, for today, and what became of them.

A forecast that was made stays, unless what was known on its day is no longer what it was made of: rows that were brought
along with moments of their own, another currency, another version of the model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow as pa
from polars import selectors

from domain.clock import Clock
from domain.forecasting.periods import Period, ends_at, spans, sundays
from domain.forecasting.waterfall import DealState, Standing, Waterfall, explain
from models_ml.forecast.forecast import DRAWS, VERSION, Forecast, forecast
from models_ml.forecast.learning import Learned
from models_ml.forecast.outcomes import over, won_minor
from models_ml.forecast.weeks import NONE, OPEN, WON, Looked, known_at
from storage.lake import Lake

WEEKS_KEPT = 104
"""Week ends that are forecast as they were known."""
WEIGHED = Period.TWELVE_MONTHS
"""A deal weighs its amount times the chance that it is won by the end of this."""
ORGANIZATIONS = """
    select organization_id, time_zone, currency from lake.intermediate.int_organizations_with_rules
    where organization_id in (select organization_id from lake.marts.deal_history) order by organization_id
"""
ENTRIES = """
    select deal_id, stage, entered_at, known_at, seq from lake.intermediate.int_deal_entries
    where organization_id = $organization_id order by seq
"""
STATES = """
    select deal_id, pipeline, is_deleted, amount_minor, known_at, known_until from lake.marts.deal_history
    where organization_id = $organization_id order by deal_id, known_at
"""
MADE = "select distinct as_of_on, facts from lake.ml.forecast__revenue where organization_id = $organization_id"
TABLES = ("forecast__revenue", "forecast__deals", "forecast__stages", "forecast__changes")


@dataclass(frozen=True, slots=True)
class ForecastReport:
    """Organizations with deals, and the days that were forecast anew."""

    organization_count: int
    day_count: int


@dataclass(frozen=True, slots=True)
class History:
    """An organization's deals and where its days begin."""

    organization_id: str
    time_zone: str
    currency: str
    entries: pl.DataFrame
    states: pl.DataFrame

    def facts(self, moment: datetime) -> str:
        """What a forecast of the moment is made of, in a line."""
        known = self.states.filter(pl.col("known_at") <= moment)
        entered = self.entries.filter(pl.col("known_at") <= moment).height
        return f"{VERSION}:{self.currency}:{self.time_zone}:{entered}:{known.height}:{known['amount_minor'].sum()}"


@dataclass(slots=True)
class Rows:
    """What is written of one organization, by table."""

    days: list[date] = field(default_factory=list)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in TABLES})


def forecast_everyone(lake: Lake, *, clock: Clock, draws: int = DRAWS) -> ForecastReport:
    """Each organization in a transaction of its own."""
    organizations = lake.arrow(ORGANIZATIONS).to_pylist()
    day_count = 0
    for organization in organizations:
        asked = {"organization_id": organization["organization_id"]}
        entries, states = (_in_utc(pl.DataFrame(lake.arrow(question, asked))) for question in (ENTRIES, STATES))
        history = History(**organization, entries=entries, states=states)
        day_count += forecast_organization(lake, history, now=clock(), draws=draws)
    return ForecastReport(len(organizations), day_count)


def forecast_organization(lake: Lake, history: History, *, now: datetime, draws: int = DRAWS) -> int:
    """Writes what is missing, and what became of all that was forecast; answers how many days were made."""
    asked = {"organization_id": history.organization_id}
    made = {row["as_of_on"]: row["facts"] for row in lake.arrow(MADE, asked).to_pylist()}
    rows = forecast_days(history, made, now=now, draws=draws)
    _write(lake, history, rows, _outcomes(history, [*made, *rows.days], now=now))
    return len(rows.days)


def _in_utc(frame: pl.DataFrame) -> pl.DataFrame:
    """Under one name of it: moments of two names of a zone are not compared."""
    return frame.with_columns(selectors.datetime(time_zone="*").dt.convert_time_zone("UTC"))


def forecast_days(history: History, made: dict[date, str], *, now: datetime, draws: int = DRAWS) -> Rows:
    """Every week end that is not made yet, or of other facts, and today."""
    rows = Rows()
    for as_of_on, moment in _moments(history, now):
        facts = history.facts(moment)
        if made.get(as_of_on) != facts:
            seed = int.from_bytes(sha256(f"{history.organization_id}\x1f{as_of_on}".encode()).digest()[:8])
            one, learned = forecast(
                history.entries, history.states, moment, as_of_on, history.time_zone, seed=seed, draws=draws
            )
            rows.days.append(as_of_on)
            own = {"organization_id": history.organization_id, "as_of_on": as_of_on}
            rows.tables["forecast__revenue"] += _revenue(own, history, moment, facts, one)
            rows.tables["forecast__deals"] += _deals(own, one)
            rows.tables["forecast__stages"] += _stages(own, one)
            if learned:
                before = known_at(history.entries, history.states, moment - timedelta(days=7))
                rows.tables["forecast__changes"] += _changes(own, _fall(learned, before))
    return rows


def _moments(history: History, now: datetime) -> Iterator[tuple[date, datetime]]:
    """Days with the moment as which they are known, oldest first: the newest week ends, then now."""
    here = ZoneInfo(history.time_zone)
    today, first = now.astimezone(here).date(), history.states["known_at"].min()
    if isinstance(first, datetime):
        for day in list(sundays(first.astimezone(here).date(), today))[-WEEKS_KEPT:]:
            yield day, ends_at(day, history.time_zone)
    yield today, now


def _revenue(
    own: dict[str, Any], history: History, moment: datetime, facts: str, one: Forecast
) -> list[dict[str, Any]]:
    common = own | {
        "known_at": moment, "facts": facts, "closed_count": one.counts.closed, "won_count": one.counts.won,
        "week_count": one.counts.weeks, "open_count": one.counts.is_open, "win_spread": one.win_spread,
        "arrival_spread": one.arrival_spread, "new_a_week": one.new_a_week, "currency": history.currency,
    }  # fmt: skip
    of_day = spans(own["as_of_on"])
    return [
        common | {
            "period": period.value, "part": part.value, "starts_on": of_day[period].starts_on,
            "ends_on": of_day[period].ends_on, "expected_minor": estimate.expected,
            **{f"{name}_minor": value for name, value in estimate.quantiles.items()},
        }
        for (period, part), estimate in one.estimates.items()
    ] or [common]  # fmt: skip


def _deals(own: dict[str, Any], one: Forecast) -> list[dict[str, Any]]:
    return [
        own | {
            "deal_id": deal.deal_id, "pipeline": deal.pipeline, "stage": OPEN[deal.stage], "weeks_in_stage": deal.age,
            "amount_minor": None if np.isnan(deal.amount) else int(deal.amount),
            **{period.value: chance for period, chance in deal.chances.items()},
            "won_by_on": None if np.isnan(deal.won_in_weeks) else own["as_of_on"] + timedelta(weeks=deal.won_in_weeks),
        }
        for deal in one.deals
    ]  # fmt: skip


def _stages(own: dict[str, Any], one: Forecast) -> list[dict[str, Any]]:
    return [
        own | {
            "pipeline": odds.pipeline, "stage": OPEN[odds.stage], "reached_count": odds.reached_count,
            "chance": odds.chance, "won_in_weeks": None if np.isnan(odds.won_in_weeks) else odds.won_in_weeks,
        }
        for odds in one.stages
    ]  # fmt: skip


def _changes(own: dict[str, Any], fall: Waterfall) -> list[dict[str, Any]]:
    sums = (("before", fall.before_minor), ("after", fall.after_minor))
    return [
        *(own | {"deal_id": None, "cause": cause, "change_minor": minor} for cause, minor in sums),
        *(
            own | {"deal_id": one.deal_id, "cause": one.cause.value, "change_minor": one.change_minor}
            for one in fall.changes
        ),
    ]


def _fall(learned: Learned, before: Looked) -> Waterfall:
    """Both weeks weighed with what is known now, so that only deals make a difference."""
    return explain(_standing(learned, before), _standing(learned, learned.looked))


def _standing(learned: Learned, looked: Looked) -> dict[str, DealState]:
    found = {}
    amounts = np.nan_to_num(looked.amounts).astype(np.int64).tolist()
    states, ages = looked.states[:, -1].tolist(), looked.ages[:, -1].tolist()
    for deal_id, pipeline, state, age, amount in zip(
        looked.deal_ids, looked.pipelines, states, ages, amounts, strict=True
    ):
        if state != NONE:
            is_open = state < WON
            chance = learned.best_chance(pipeline, state, age, WEIGHED) if is_open else 0.0
            standing = Standing.OPEN if is_open else Standing.WON if state == WON else Standing.LOST
            found[deal_id] = DealState(amount, state, min(round(chance * 1_000_000), 1_000_000), standing)
    return found


def _outcomes(history: History, days: list[date], *, now: datetime) -> list[dict[str, Any]]:
    """Of each day, the periods that are over: what was won in them, as known now."""
    truth = known_at(history.entries, history.states, now)
    return [
        {
            "organization_id": history.organization_id, "as_of_on": day, "period": period.value,
            "actual_minor": won_minor(truth, span, now, history.time_zone), "known_at": now,
        }
        for day in sorted(set(days))
        for period, span in over(day, now, history.time_zone).items()
    ]  # fmt: skip


def _write(lake: Lake, history: History, rows: Rows, outcomes: list[dict[str, Any]]) -> None:
    """The days made anew, and all outcomes, at once."""
    organization_id = history.organization_id
    with lake.staging() as cursor, lake.commit(cursor):
        for name in TABLES:
            cursor.execute(
                f"delete from ml.{name} where organization_id = ? and as_of_on in (select unnest(?::date[]))",
                [organization_id, rows.days],
            )
        cursor.execute("delete from ml.forecast__outcomes where organization_id = ?", [organization_id])
        for name, found in {**rows.tables, "forecast__outcomes": outcomes}.items():
            if found:
                cursor.register("forecasting", pa.Table.from_pylist(_alike(found)))
                cursor.execute(f"insert into ml.{name} by name select * from forecasting")
                cursor.unregister("forecasting")


def _alike(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All with the same columns: a table takes those of its first row."""
    columns = {name: None for row in rows for name in row}
    return [columns | row for row in rows]
