"""How far chance alone moves a channel's credit: the journeys are drawn anew, and every model solved on the same draws.

Poisson bootstrap (Hanley and MacGibbon: Creating non-parametric bootstrap samples using Poisson frequencies, 2006): in each
of 200 replicates an account, with all that it converted, counts as often as a Poisson number of mean 1 says, and of the
journeys without a conversion as many take each path as a Poisson number of the count seen. Accounts are drawn and not
conversions, since colleagues convert together. All models see the same draws, so that their difference has an interval of
its own, narrower than the two of theirs would say. Intervals are the percentiles 2.5 and 97.5; with few conversions they are too narrow, which is
said where they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from models_ml.attribution.markov import markov
from models_ml.attribution.paths import Ints, Paths
from models_ml.attribution.resampling import Floats3, ManyChains, ManyGames
from models_ml.attribution.shapley import Floats2

REPLICATES = 200
BLOCK = 20
"""Replicates at once: a million conversions then take 160 MB of numbers."""
LEVELS = (2.5, 97.5)
MOST_STATES = 600
"""Chains of more states are solved one by one."""
BASELINE = "last_touch"


@dataclass(frozen=True, slots=True)
class Journeys:
    """The n conversions of a group, and the journeys without one.

    `paths`: P paths as counted; None where no conversion has a touch. `path_of`: the path of each conversion, -1 without
    a touch. `accounts`: whose each is, numbered from 0. `rules` and `channels`: K and C names; `shares`: n × (K times C),
    what each rule gives each channel of a conversion; of one without a touch, all to its channel.
    """

    paths: Paths | None
    path_of: Ints
    accounts: Ints
    rules: tuple[str, ...]
    channels: tuple[str, ...]
    shares: csr_array


@dataclass(frozen=True, slots=True)
class Drawn:
    """Conversions by model, channel and replicate: M × C × R."""

    models: tuple[str, ...]
    channels: tuple[str, ...]
    conversions: Floats3

    def intervals(self) -> list[Interval]:
        """One for each model and channel."""
        totals = self.conversions[self.models.index(BASELINE)].sum(axis=0)
        shares = np.divide(self.conversions, totals, out=np.zeros_like(self.conversions), where=totals > 0)
        beside = shares - shares[self.models.index(BASELINE)]
        ends = [np.percentile(numbers, LEVELS, axis=2) for numbers in (self.conversions, shares, beside)]
        return [
            Interval(model, channel, *((float(low[row, place]), float(high[row, place])) for low, high in ends))
            for row, model in enumerate(self.models)
            for place, channel in enumerate(self.channels)
        ]


@dataclass(frozen=True, slots=True)
class Interval:
    """95 % of what a model gives a channel: conversions, the share of all of them (0 to 1), and that share less the one by
    last touch."""

    model: str
    channel: str
    conversions: tuple[float, float]
    share: tuple[float, float]
    difference: tuple[float, float]


def drawn_anew(journeys: Journeys, order: int, *, seed: int, replicates: int = REPLICATES) -> Drawn:
    """Every rule, the Markov chain of `order` and Shapley values on the same draws; the same seed gives the same."""
    chance = np.random.default_rng(seed)
    solver = _Solver(journeys, order)
    count = int(journeys.accounts.max()) + 1
    parts = []
    for start in range(0, replicates, BLOCK):
        width = min(BLOCK, replicates - start)
        drawn = chance.poisson(1.0, (count, width))[journeys.accounts].astype(float)
        nulls = chance.poisson(solver.nulls[:, None], (len(solver.nulls), width)).astype(float)
        parts.append(solver.credits(drawn, nulls))
    return Drawn((*journeys.rules, "markov", "shapley"), solver.channels, np.concatenate(parts, axis=2))


class _Solver:
    """All models over one group of journeys."""

    def __init__(self, journeys: Journeys, order: int) -> None:
        self._journeys, self._order, paths = journeys, order, journeys.paths
        touched = np.flatnonzero(journeys.path_of >= 0)
        by_first_rule = journeys.shares[:, : len(journeys.channels)]
        self._untouched = csr_array(by_first_rule.multiply((journeys.path_of < 0)[:, None]))
        self.nulls = paths.nulls if paths is not None else np.zeros(0)
        shape = (len(self.nulls), len(journeys.path_of))
        self._paths = csr_array((np.ones(len(touched)), (journeys.path_of[touched], touched)), shape=shape)
        self._games = ManyGames(paths) if paths is not None else None
        self._chains = ManyChains(paths, order) if paths is not None else None
        names = {*journeys.channels, *(paths.channels if paths is not None else ())}
        self.channels = tuple(sorted(names | set(self._games.channels if self._games else ())))

    def credits(self, drawn: Floats2, nulls: Floats2) -> Floats3:
        """M × C × R conversions; `drawn`: n × R, how often each conversion counts; `nulls`: P × R."""
        rules, width = self._journeys.rules, drawn.shape[1]
        found = np.zeros((len(rules) + 2, len(self.channels), width))
        by_rule = (self._journeys.shares.T @ drawn).reshape(len(rules), -1, width)
        found[: len(rules), self._places(self._journeys.channels)] = by_rule
        found[len(rules) :, self._places(self._journeys.channels)] = self._untouched.T @ drawn
        if self._games is not None and self._journeys.paths is not None:
            conversions = self._paths @ drawn
            found[-2, self._places(self._journeys.paths.channels)] += self._markov(conversions, nulls)
            found[-1, self._places(self._games.channels)] += self._games.credits(conversions, nulls)
        return found

    def _markov(self, conversions: Floats2, nulls: Floats2) -> Floats2:
        if self._chains is not None and self._chains.size <= MOST_STATES:
            return self._chains.credits(conversions, nulls)
        assert self._journeys.paths is not None
        each = (
            replace(self._journeys.paths, conversions=conversions[:, one], nulls=nulls[:, one])
            for one in range(conversions.shape[1])
        )
        return np.stack([markov(paths, self._order, by_journey=True).conversions for paths in each], axis=1)

    def _places(self, names: tuple[str, ...]) -> Ints:
        return np.array([self.channels.index(name) for name in names], np.int64)
