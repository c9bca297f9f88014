"""How deals move in a week: chances by stage and age of the stay, and how surely they are known.

Risks compete: from a stage a deal moves to another one, or is won, or lost, or it is still there a week later. Every week
that a deal was open counts, also of those that are open today, so nothing is left out because it has not ended
(censoring). The chance to move from stage s at age class a to u is the number of moves over the deal-weeks spent there,
leaning on what is known of more deals:

    of_stage(s, u) = (moves(s, u) + K · all(u)) / (weeks(s) + K)
    rate(s, a, u) = (moves(s, a, u) + K · of_stage(s, u)) / (weeks(s, a) + K)

with all(u) the moves to u of all open deals over all their weeks, and K = PRIOR_WEEKS (the mean of a Dirichlet prior of
that weight). A cell with little history leans on its stage, a stage on all of them; with much, neither matters. A
pipeline's own cells lean on those of all pipelines in the same way.

Every draw weighs each deal by an exponential chance (the Bayesian bootstrap, Rubin 1981) and counts anew: draws differ
as much as the history leaves open, and what one deal did stays together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from models_ml.forecast.weeks import LOST, NONE, OPEN, WON, Floats, Ints, Looked, Mask

AGES = (1, 2, 4, 8, 13, 26)
"""Weeks at which the next class of age begins."""
CLASSES = len(AGES) + 1
TARGETS = len(OPEN) + 2
PRIOR_WEEKS = 12.0
"""A cell's own weeks count beside this many weeks at the rates of its stage."""
PRIOR_DEALS = 4.0
"""A pipeline's own arrivals count beside this many of all."""
BLOCK = 13
"""Weeks whose luck is looked at together: a quarter."""
NEWEST_WEEKS = 26
"""New deals of the future come at the rate of these."""
_DRAWS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Steps:
    """What deals did from one week to the next: of the open ones, and those that came."""

    deal: Ints
    week: Ints
    stage: Ints
    age: Ints
    """Class of age."""
    target: Ints
    """Where it stood a week later; the stage itself where it stayed."""
    came: Ints
    """The deal of each arrival."""
    came_in: Ints
    came_to: Ints
    """Where an arrival stood at the end of its first week."""
    deal_count: int
    week_count: int

    def of(self, deals: Mask) -> Steps:
        """Only of these deals; `deals` is true or false for each."""
        kept, came = deals[self.deal], deals[self.came]
        return Steps(
            self.deal[kept], self.week[kept], self.stage[kept], self.age[kept], self.target[kept],
            self.came[came], self.came_in[came], self.came_to[came], self.deal_count, self.week_count,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draws:
    """One row a draw: `rates[draw, stage, age, target]`, and `entry[draw, target]` of deals that come."""

    rates: Floats
    entry: Floats
    weights: Floats
    """Draws × deals."""


def age_class(weeks: Ints) -> Ints:
    return np.searchsorted(AGES, weeks, side="right")


def steps(looked: Looked) -> Steps:
    before, after = looked.states[:, :-1], looked.states[:, 1:]
    is_open = (before >= 0) & (before < WON)
    deal, week = np.nonzero(is_open)
    # Lost deals that are opened again come anew.
    comes = ((before == NONE) | (before == LOST)) & (after != NONE) & (after != before)
    came, came_in = np.nonzero(comes)
    return Steps(
        deal, week, before[is_open], age_class(looked.ages[:, :-1][is_open]), after[is_open],
        came, came_in, after[comes], *before.shape,
    )  # fmt: skip


def draw_rates(found: Steps, draws: int, chance: np.random.Generator) -> Draws:
    """Of all deals. The first draw weighs every deal once: the best single guess."""
    weights = chance.exponential(size=(draws, found.deal_count))
    weights[0] = 1.0
    exits, spent = _counts(found, weights)
    whole = exits.sum((1, 2)) / np.maximum(spent.sum((1, 2)), 1.0)[:, None]
    of_stage = (exits.sum(2) + PRIOR_WEEKS * whole[:, None]) / (spent.sum(2)[..., None] + PRIOR_WEEKS)
    entry = _entries(found, weights) + 1e-9
    return Draws(_leaning(exits, spent, of_stage[:, :, None]), entry / entry.sum(-1, keepdims=True), weights)


def own_rates(found: Steps, of_all: Draws) -> Draws:
    """Of the deals that `found` is limited to, leaning on `of_all`."""
    exits, spent = _counts(found, of_all.weights)
    entry = _entries(found, of_all.weights) + PRIOR_DEALS * of_all.entry
    return Draws(_leaning(exits, spent, of_all.rates), entry / entry.sum(-1, keepdims=True), of_all.weights)


def _counts(found: Steps, weights: Floats) -> tuple[Floats, Floats]:
    """Draws × stages × ages (× targets): weighed moves, and weighed deal-weeks."""
    cells = len(OPEN) * CLASSES
    cell = found.stage * CLASSES + found.age
    moves = found.target != found.stage
    exits = _counted(found.deal[moves], (cell * TARGETS + found.target)[moves], found.deal_count, cells * TARGETS)
    weeks = _counted(found.deal, cell, found.deal_count, cells)
    shape = (len(weights), len(OPEN), CLASSES)
    return _weighed(exits, weights).reshape(*shape, TARGETS), _weighed(weeks, weights).reshape(shape)


def _entries(found: Steps, weights: Floats) -> Floats:
    return _weighed(_counted(found.came, found.came_to, found.deal_count, TARGETS), weights)


def _leaning(exits: Floats, spent: Floats, on: Floats) -> Floats:
    rates = (exits + PRIOR_WEEKS * on) / (spent[..., None] + PRIOR_WEEKS)
    for stage in range(len(OPEN)):
        rates[:, stage, :, stage] = 0.0
    return np.asarray(rates / np.maximum(rates.sum(-1, keepdims=True), 1.0))


def wins_by_block(found: Steps, rates: Floats) -> Floats:
    """Four rows over the quarters of the history, newest last: deals won; those that the rates expect of the deals that were
    open week by week; the variance of that; and how far luck of one, in log-odds, moves it."""
    chance, lost = (rates[found.stage, found.age, target] for target in (WON, LOST))
    share = np.divide(chance, chance + lost, out=np.zeros_like(chance), where=chance > 0)
    block = _block(found.week, found.week_count)
    kept = block >= 0
    told = (found.target == WON, chance, chance * (1 - chance), chance * (1 - share))
    return np.array([np.bincount(block[kept], one[kept], minlength=found.week_count // BLOCK) for one in told])


def came_by_block(found: Steps) -> Floats:
    """New deals in each quarter of the history, newest last."""
    block = _block(found.came_in, found.week_count)
    return np.bincount(block[block >= 0], minlength=found.week_count // BLOCK).astype(np.float64)


def _block(week: Ints, week_count: int) -> Ints:
    """Whole quarters counted back from now; -1 for what is older."""
    blocks = week_count // BLOCK
    return np.maximum(blocks - 1 - (week_count - 1 - week) // BLOCK, -1)


def _counted(rows: Ints, columns: Ints, row_count: int, column_count: int) -> csr_array:
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=(row_count, column_count))


def _weighed(counts: csr_array, weights: Floats) -> Floats:
    parts = [weights[at : at + _DRAWS_AT_ONCE] @ counts for at in range(0, len(weights), _DRAWS_AT_ONCE)]
    return np.concatenate(parts)
