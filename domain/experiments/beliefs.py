"""What to believe of arms: chance to be the best, what choosing one would cost, and intervals, without a threshold.

Rates have Beta posteriors. With k independent arms of distributions F, P(arm i is best) is the integral of
Π_{j≠i} F_j over F_i, and the mean of the best is the integral of 1 - Π F_j: both are computed on a grid of the parts where the
posteriors lie, so that the same data always gives the same answer (no simulation).

Money per unit is rate times amount: the amount is Gamma distributed of unknown rate, with a Gamma prior of its own, as
far as amounts are skewed and never below zero; or normal, with the posterior of a flat prior. Draws come from a generator
that the caller seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincinv

from domain.errors import InvalidInput
from domain.experiments.rates import Prior, Tally

NODES = 4001
DRAWS = 40_000


@dataclass(frozen=True, slots=True)
class Belief:
    """Of one arm. `expected_loss`: by how much, on average, the best arm is better than this one; `low` and `high` hold
    95 % of what is believed."""

    mean: float
    low: float
    high: float
    chance_best: float
    expected_loss: float


def believe_rates(arms: Sequence[Tally], prior: Prior) -> list[Belief]:
    """One belief an arm."""
    if not arms:
        raise InvalidInput("there is no arm to believe anything of")
    shapes = [(prior.a + arm.successes, prior.b + arm.total - arm.successes) for arm in arms]
    grid = _grid(shapes)
    below = np.stack([betainc(a, b, grid) for a, b in shapes])
    best = float(grid[0] + np.trapezoid(1 - below.prod(axis=0), grid))
    others = np.stack([np.delete(below, place, axis=0).prod(axis=0) for place in range(len(arms))])
    # over the distribution itself: the density of a rare success has a pole at 0
    chances = (np.diff(below, axis=1) * (others[:, 1:] + others[:, :-1]) / 2).sum(axis=1)
    chances = chances / chances.sum()
    return [
        Belief(
            mean=a / (a + b),
            low=float(betaincinv(a, b, 0.025)),
            high=float(betaincinv(a, b, 0.975)),
            chance_best=float(chances[place]),
            expected_loss=max(best - a / (a + b), 0.0),
        )
        for place, (a, b) in enumerate(shapes)
    ]


def believe_money(
    amounts: Sequence[ArrayLike],
    totals: Sequence[int],
    prior: Prior,
    rng: np.random.Generator,
    *,
    model: Literal["gamma", "normal"] = "gamma",
) -> list[Belief]:
    """Money per unit of each arm. `amounts`: what those paid who paid, above zero; `totals`: all units of each arm, with
    those who paid nothing. The shape of amounts is taken from all arms together."""
    paid = [np.asarray(each, float) for each in amounts]
    everything = np.concatenate(paid) if paid else np.zeros(0)
    if len(paid) != len(totals) or any(len(each) > total for each, total in zip(paid, totals, strict=False)):
        raise InvalidInput("each arm needs its amounts, and at least as many units as amounts")
    if not len(everything) or not (np.isfinite(everything) & (everything > 0)).all():
        raise InvalidInput("amounts are numbers above zero, and there is at least one")
    draws = []
    for each, total in zip(paid, totals, strict=True):
        rates = rng.beta(prior.a + len(each), prior.b + total - len(each), DRAWS)
        draws.append(rates * _amount_draws(each, everything, rng, model))
    table = np.stack(draws)
    best = table.max(axis=0)
    return [
        Belief(
            mean=float(row.mean()),
            low=float(np.quantile(row, 0.025)),
            high=float(np.quantile(row, 0.975)),
            chance_best=float((row == best).mean()),
            expected_loss=float((best - row).mean()),
        )
        for row in table
    ]


def _amount_draws(
    amounts: NDArray[np.float64], everything: NDArray[np.float64], rng: np.random.Generator, model: str
) -> NDArray[np.float64]:
    centre = float(everything.mean())
    spread = float(everything.var(ddof=1)) if len(everything) > 1 else centre**2
    if model == "normal":
        if not len(amounts):
            return rng.normal(centre, np.sqrt(spread), DRAWS)
        return rng.normal(float(amounts.mean()), np.sqrt(spread / len(amounts)), DRAWS)
    shape = centre**2 / spread if spread > 0 else 1e6
    # one amount's worth of prior at the common mean: mean = shape / rate, rate ~ Gamma(shape·(1 + n), sum of amounts)
    rate = rng.gamma(shape * (1 + len(amounts)), 1 / (centre + float(amounts.sum())), DRAWS)
    return np.asarray(shape / rate)


def _grid(shapes: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """Points where some posterior lies, close together where it is steep: quantiles of each, and a net over all."""
    edges = [(float(betaincinv(a, b, 1e-12)), float(betaincinv(a, b, 1 - 1e-12))) for a, b in shapes]
    low, high = min(edge[0] for edge in edges), max(edge[1] for edge in edges)
    fine = [np.linspace(left, right, NODES) for left, right in edges]
    return np.unique(np.clip(np.concatenate([np.linspace(low, high, NODES), *fine]), 1e-12, 1 - 1e-12))
