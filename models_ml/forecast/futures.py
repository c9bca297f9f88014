"""Futures of open deals and of those to come, by horizon.

Whether a deal is won by a horizon follows backwards from it in closed form, draw by draw: W(t, s, a), of a deal that is
a weeks old in stage s with t weeks to go, is

    W(t, s, a) = Σ_u r(s, a, u) · W(t - 1, u, 0) + r(s, a, won) + (1 - Σ_u r(s, a, u)) · W(t - 1, s, a + 1)

where r are the weekly chances to move (the last sum also over won and lost): the cumulative incidence of "won" beside
its rival "lost" (Aalen and Johansen 1978), in discrete time. Only the outcome itself and the amounts are left to chance.
Draws differ in their rates and in their luck, which all deals of a draw share: that is the correlation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models_ml.forecast.rates import AGES, BLOCK, Draws, age_class
from models_ml.forecast.weeks import LOST, OPEN, WON, Floats, Ints

OLDEST = AGES[-1]
_DEALS_AT_ONCE = 200


WEEKS_AHEAD = 52
"""A deal that would be won later has no date."""
_ENOUGH = 1e-6


@dataclass(frozen=True, slots=True)
class Chances:
    """`of_open[horizon, draw, stage, age]`: won by then; `to_come[horizon, draw]`: how many of those to come are."""

    of_open: Floats
    to_come: Floats


def chances(draws: Draws, horizons: Floats, win_luck: Floats, arrivals: Floats) -> Chances:
    """`horizons` in weeks, in rising order, may end within a week; `win_luck`, draws × quarters, times
    the odds that a deal which ends is won; `arrivals` new deals a week,
    draws × quarters."""
    count, last = len(draws.rates), int(np.ceil(horizons[-1]))
    won = np.zeros((len(horizons), count, len(OPEN), OLDEST + 1))
    to_come = np.zeros((len(horizons), count))
    of_age = age_class(np.arange(OLDEST + 1))
    for week in range(last - 1, -1, -1):
        # Horizons that lie behind are done with; of the others, what of the week lies before them.
        ahead = slice(int(np.searchsorted(horizons, week, side="right")), None)
        part = np.minimum(horizons[ahead] - week, 1.0)
        block = min(week // BLOCK, win_luck.shape[1] - 1)
        rates = draws.rates.copy()
        # Luck decides whether a deal that ends is won, not when it ends.
        ends = rates[..., WON] + rates[..., LOST]
        lifted = rates[..., WON] * win_luck[:, block, None, None]
        rates[..., WON] = ends * lifted / np.maximum(lifted + rates[..., LOST], 1e-12)
        rates[..., LOST] = ends - rates[..., WON]
        still = won[ahead]
        fresh = still[..., 0]
        in_first_week = draws.entry[:, WON] + (draws.entry[:, None, : len(OPEN)] * fresh.swapaxes(0, 1)).sum(-1).T
        to_come[ahead] += part[:, None] * arrivals[:, block] * in_first_week
        # Moved on (to another stage at age 0, or won), by class of age.
        moved = np.einsum("bsat,hbt->hbsa", rates[..., : len(OPEN)], fresh) + rates[..., WON]
        stayed = np.concatenate([still[..., 1:], still[..., -1:]], axis=-1)
        leaves = rates.sum(-1)[..., of_age]
        scale = part[:, None, None, None]
        won[ahead] = scale * moved[..., of_age] + (1 - scale * leaves) * stayed
    return Chances(won, to_come)


def weeks_to_win(draws: Draws) -> Floats:
    """`[stage, age]`: weeks in which half of the deals that will be won are won, at the best single guess of the rates; NaN
    where none is. Linear within a week."""
    best = Draws(draws.rates[:1], draws.entry[:1], draws.weights[:1])
    weeks = np.arange(1.0, WEEKS_AHEAD + 1)
    won = chances(best, weeks, np.ones((1, 1)), np.zeros((1, 1))).of_open[:, 0]
    half = won[-1] / 2
    at = (won < half).sum(0)
    after = np.take_along_axis(won, at[None], 0)[0]
    before = np.where(at > 0, np.take_along_axis(won, np.maximum(at - 1, 0)[None], 0)[0], 0.0)
    within = np.divide(half - before, after - before, out=np.ones_like(half), where=after > before)
    return np.where(won[-1] > _ENOUGH, at + within, np.nan)


def won_of_open(
    found: Chances, stage: Ints, age: Ints, amounts: Floats, ratios: Floats, unknown: Floats,
    chance: np.random.Generator,
) -> Floats:  # fmt: skip
    """Draws × spans between horizons: what open deals bring in each. A won deal brings its amount times one of `ratios`,
    and one without an amount one of `unknown`."""
    spans, draws = found.of_open.shape[:2]
    total = np.zeros((draws, spans))
    for at in range(0, len(stage), _DEALS_AT_ONCE):
        here = slice(at, at + _DEALS_AT_ONCE)
        limits = found.of_open[:, :, stage[here], np.minimum(age[here], OLDEST)]
        luck = chance.random(limits.shape[1:])
        span = (luck >= limits).sum(0)
        worth = amounts[here] * chance.choice(ratios, size=luck.shape)
        if np.isnan(amounts[here]).any():
            worth = np.where(np.isnan(amounts[here]), chance.choice(unknown, size=luck.shape), worth)
        for number in range(spans):
            total[:, number] += np.where(span == number, worth, 0.0).sum(1)
    return total


def won_of_new(found: Chances, amounts: Floats, weights: Floats, chance: np.random.Generator) -> Floats:
    """Draws × spans: what deals to come bring. `weights`: draws × amounts, how likely each is."""
    spans, draws = found.to_come.shape
    expected = np.diff(found.to_come, axis=0, prepend=0.0)
    counts = chance.poisson(np.maximum(expected, 0.0)).T
    total = np.zeros((draws, spans))
    ends = np.cumsum(weights / weights.sum(1, keepdims=True), axis=1)
    for draw in range(draws):
        size = int(counts[draw].sum())
        if size:
            took = np.minimum(np.searchsorted(ends[draw], chance.random(size)), len(amounts) - 1)
            span = np.repeat(np.arange(spans), counts[draw])
            total[draw] = np.bincount(span, amounts[took], minlength=spans)
    return total
