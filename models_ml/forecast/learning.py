"""What the history known at one moment says of deals that are open, and of those to come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from domain.forecasting.periods import Period
from models_ml.forecast import luck
from models_ml.forecast.futures import OLDEST, Chances, chances, weeks_to_win
from models_ml.forecast.rates import (
    BLOCK,
    NEWEST_WEEKS,
    Steps,
    came_by_block,
    draw_rates,
    own_rates,
    steps,
    wins_by_block,
)
from models_ml.forecast.weeks import WON, Floats, Looked, Mask

FEWEST_OF_PIPELINE = 20
"""Closed deals from which on a pipeline has rates of its own; below, those of all."""


@dataclass(frozen=True, slots=True)
class Odds:
    """Of the deals of one pipeline, or of all that have none of their own; `pipeline` is empty then."""

    pipeline: str
    deals: Mask
    chances: Chances
    best: Floats
    """`[period, stage, age]`: that a deal is won by the period's end, the mean of all draws."""
    won_in_weeks: Floats
    """`[stage, age]`: until half of the deals that will be won are."""


@dataclass(frozen=True, slots=True)
class Learned:
    """Enough to weigh any deal, also as it stood before."""

    looked: Looked
    odds: Sequence[Odds]
    weights: Floats
    """Draws × deals."""
    win_spread: float
    arrival_spread: float
    new_a_week: float

    def of(self, pipeline: str) -> Odds:
        """The rest comes last: it stands for pipelines without odds of their own."""
        return next((odds for odds in self.odds if odds.pipeline == pipeline), self.odds[-1])

    def best_chance(self, pipeline: str, stage: int, age: int, period: Period) -> float:
        """That a deal of the stage, as many weeks old in it, is won by the period's end."""
        return float(self.of(pipeline).best[list(Period).index(period), stage, min(age, OLDEST)])


def learn(looked: Looked, horizons: Floats, draws: int, chance: np.random.Generator) -> Learned:
    """`horizons`: weeks until the end of each period."""
    found = steps(looked)
    of_all = draw_rates(found, draws, chance)
    groups = [
        (pipeline, deals, own, own_rates(own, of_all) if pipeline else of_all)
        for pipeline, deals, own in _groups(looked, found)
    ]
    blocks = int(np.ceil(horizons[-1] / BLOCK))
    of_wins = luck.of_wins(*np.sum([wins_by_block(own, rates.rates[0]) for _, _, own, rates in groups], axis=0))
    win_luck, win_spread = luck.drawn(of_wins, draws, blocks, chance)
    come_luck, come_spread = luck.drawn(luck.of_arrivals(came_by_block(found)), draws, blocks, chance)
    newest = min(NEWEST_WEEKS, found.week_count)
    # What the newest weeks owe to their quarters' luck, which may not be that of the next.
    of_newest = come_spread / np.sqrt(newest / BLOCK)
    by_luck = _times(of_newest * chance.standard_normal(draws), of_newest)
    come_luck = _times(come_luck, come_spread[:, None])
    odds = []
    for pipeline, deals, own, rates in groups:
        rate = chance.gamma(_newest(own, newest) + 0.5, size=draws) / newest * by_luck
        ahead = chances(rates, horizons, np.exp(win_luck), rate[:, None] * come_luck)
        odds.append(Odds(pipeline, deals, ahead, ahead.of_open.mean(1), weeks_to_win(rates)))
    return Learned(
        looked, odds, of_all.weights, float(win_spread.mean()), float(come_spread.mean()),
        _newest(found, newest) / newest,
    )  # fmt: skip


def _groups(looked: Looked, found: Steps) -> Iterator[tuple[str, Mask, Steps]]:
    """Pipelines with a history of their own, then all that is left; one alone is all there is."""
    names = np.array(looked.pipelines, dtype=object)
    closed = looked.states[:, -1] >= WON
    rest = np.ones(len(names), dtype=np.bool_)
    if len(set(looked.pipelines)) > 1:
        for pipeline in sorted(set(looked.pipelines) - {""}):
            own = np.asarray(names == pipeline, dtype=np.bool_)
            if (own & closed).sum() >= FEWEST_OF_PIPELINE:
                rest &= ~own
                yield pipeline, own, found.of(own)
    yield "", rest, found.of(rest)


def _newest(found: Steps, weeks: int) -> int:
    return int((found.came_in >= found.week_count - weeks).sum())


def _times(logarithm: Floats, spread: Floats) -> Floats:
    """A factor with mean 1."""
    return np.asarray(np.exp(logarithm - spread**2 / 2))
