"""What an organization may still win, as known at one moment: expected, with intervals, by period and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import polars as pl

from domain.forecasting.enough import FEWEST_WON, missing
from domain.forecasting.periods import Part, Period, begins_at, ends_at, spans
from domain.forecasting.quantiles import QUANTILES
from models_ml.forecast.futures import OLDEST, won_of_new, won_of_open
from models_ml.forecast.learning import Learned, learn
from models_ml.forecast.weeks import WEEK, WON, Floats, Looked, Mask, known_at

VERSION = "2"
"""Of everything that numbers depend on; older forecasts are made again."""
DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Estimate:
    """In minor units. `quantiles` by the names of QUANTILES."""

    expected: float
    quantiles: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """A deal that is open, as many whole weeks in its stage, and how likely it is won by the end of each period."""

    deal_id: str
    pipeline: str
    stage: int
    age: int
    amount: float
    chances: Mapping[Period, float]
    won_in_weeks: float
    """If it is won, it is by then in one of two futures; NaN where it cannot be."""


@dataclass(frozen=True, slots=True)
class StageOdds:
    """What becomes of deals that enter a stage of a pipeline: `chance` to be won within twelve months, `won_in_weeks` as of
    a deal, and of how many deals that is known."""

    pipeline: str
    stage: int
    reached_count: int
    chance: float
    won_in_weeks: float


@dataclass(frozen=True, slots=True)
class Counts:
    """Deals and weeks of the history; `won` has an amount."""

    closed: int
    won: int
    weeks: int
    is_open: int

    def allow(self, period: Period) -> bool:
        return not missing(period, closed=self.closed, won=self.won, weeks=self.weeks)


@dataclass(frozen=True, slots=True)
class Forecast:
    """`estimates` lack a period for which the history is too short; the counts say how short."""

    counts: Counts
    estimates: Mapping[tuple[Period, Part], Estimate]
    deals: list[OpenDeal]
    stages: list[StageOdds]
    win_spread: float
    """Expected standard deviation of the luck that a quarter's deals share."""
    arrival_spread: float
    new_a_week: float

    @property
    def is_known(self) -> bool:
        return bool(self.estimates)


def forecast(
    entries: pl.DataFrame, states: pl.DataFrame, moment: datetime, as_of_on: date, time_zone: str, *, seed: int,
    draws: int = DRAWS,
) -> tuple[Forecast, Learned | None]:  # fmt: skip
    """As known at `moment`, which lies on the day `as_of_on`; the same rows and seed give the same forecast."""
    looked = known_at(entries, states, moment)
    now = looked.states[:, -1]
    is_open, is_priced = (now >= 0) & (now < WON), (now == WON) & ~np.isnan(looked.amounts)
    counts = Counts(
        closed=int((now >= WON).sum()), won=int(is_priced.sum()), weeks=looked.states.shape[1] - 1,
        is_open=int(is_open.sum()),
    )  # fmt: skip
    if not any(counts.allow(period) for period in Period):
        return Forecast(counts, {}, [], [], 0.0, 0.0, 0.0), None
    chance = np.random.default_rng(seed)
    of_day = spans(as_of_on)
    horizons = np.array([
        (ends_at(of_day[period].ends_on, time_zone) - moment).total_seconds() / WEEK for period in Period
    ])  # fmt: skip
    learned = learn(looked, horizons, draws, chance)
    opened, new = _sums(learned, is_open, is_priced, _ratios(states, looked), chance)
    quarter_began = (begins_at(of_day[Period.THIS_QUARTER].starts_on, time_zone) - moment).total_seconds()
    already = float(looked.amounts[is_priced & (looked.won_at >= quarter_began)].sum())
    return (
        Forecast(
            counts, _estimates(opened, new, already, counts), _deals(learned, is_open), _stages(learned),
            learned.win_spread, learned.arrival_spread, learned.new_a_week,
        ),
        learned,
    )  # fmt: skip


def _sums(
    learned: Learned, is_open: Mask, is_priced: Mask, ratios: Floats, chance: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draws × spans: what open deals bring, and new ones. New ones are worth what those of their pipeline were won for; all
    pipelines of a draw share its luck."""
    looked = learned.looked
    unknown = np.quantile(looked.amounts[is_priced], np.linspace(0.01, 0.99, 99))
    opened, new = np.zeros((2, len(learned.weights), len(Period)))
    for odds in learned.odds:
        here = is_open & odds.deals
        opened += won_of_open(
            odds.chances, looked.states[here, -1], looked.ages[here, -1], looked.amounts[here], ratios, unknown, chance
        )
        own = is_priced & odds.deals
        alike = np.flatnonzero(own if own.sum() >= FEWEST_WON else is_priced)
        new += won_of_new(odds.chances, looked.amounts[alike], learned.weights[:, alike], chance)
    return opened, new


def _ratios(states: pl.DataFrame, looked: Looked) -> Floats:
    """What deals were won for beside their first amount; only 1 where none was priced anew."""
    now = looked.states[:, -1]
    won = [deal_id for deal_id, state in zip(looked.deal_ids, now.tolist(), strict=True) if state == WON]
    first = (
        states.filter(pl.col("deal_id").is_in(won) & (pl.col("amount_minor") > 0))
        .sort("known_at")
        .group_by("deal_id")
        .agg(pl.col("amount_minor").first().alias("first_minor"))
    )
    final = pl.DataFrame({"deal_id": looked.deal_ids, "final_minor": looked.amounts})
    found = first.join(final, on="deal_id").filter(pl.col("final_minor").is_not_nan()).sort("deal_id")
    ratios = (found["final_minor"] / found["first_minor"]).to_numpy().astype(np.float64)
    return ratios if len(ratios) else np.ones(1)


def _estimates(
    open_sums: Floats, new_sums: Floats, already: float, counts: Counts
) -> dict[tuple[Period, Part], Estimate]:
    """Spans lie end to end; the twelve months hold all of them, a quarter only its own."""
    made: dict[tuple[Period, Part], Estimate] = {}
    for place, period in enumerate(Period):
        if not counts.allow(period):
            continue
        columns = slice(0, place + 1) if period is Period.TWELVE_MONTHS else slice(place, place + 1)
        opened, new = open_sums[:, columns].sum(1), new_sums[:, columns].sum(1)
        before = already if period is Period.THIS_QUARTER else 0.0
        parts = {Part.WON: np.full(len(opened), before), Part.OPEN: opened, Part.NEW: new, Part.TOTAL: before + opened + new}  # fmt: skip
        for part, sums in parts.items():
            ends = np.quantile(sums, list(QUANTILES.values()))
            made[period, part] = Estimate(float(sums.mean()), dict(zip(QUANTILES, ends.tolist(), strict=True)))
    return made


def _deals(learned: Learned, is_open: Mask) -> list[OpenDeal]:
    looked, found = learned.looked, []
    for row in np.flatnonzero(is_open).tolist():
        pipeline, stage, age = looked.pipelines[row], int(looked.states[row, -1]), int(looked.ages[row, -1])
        chances = {period: learned.best_chance(pipeline, stage, age, period) for period in Period}
        won_in_weeks = float(learned.of(pipeline).won_in_weeks[stage, min(age, OLDEST)])
        found.append(
            OpenDeal(looked.deal_ids[row], pipeline, stage, age, float(looked.amounts[row]), chances, won_in_weeks)
        )
    return found


def _stages(learned: Learned) -> list[StageOdds]:
    """Only those that deals of the pipeline, or of the rest, have reached."""
    found = []
    for odds in learned.odds:
        reached = [(learned.looked.states[odds.deals] == stage).any(axis=1).sum() for stage in range(WON)]
        found += [
            StageOdds(odds.pipeline, stage, int(count), float(odds.best[-1, stage, 0]), float(odds.won_in_weeks[stage, 0]))
            for stage, count in enumerate(reached) if count
        ]  # fmt: skip
    return found
