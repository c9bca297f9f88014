"""Luck that deals of one quarter share: how much of it the history shows.

Luck adds to the log-odds that a deal which ends in the quarter is won, another one to the logarithm of how many come. Its
standard deviation σ shows in how far quarters' counts n lie from what the deals one by one explain, e with variance v,
where x is how much one unit of luck moves e (for wins the sum of chance times the share that is lost; for arrivals e):

    n - e ~ Normal(0, v + WITHIN · σ² · x²)        σ ~ Exponential with mean `prior`

The posterior of σ is on a grid, and every draw takes its own: with no history luck is as the prior states it, with little
some stays possible, with much and none to be seen, none.
"""

from __future__ import annotations

import numpy as np

from models_ml.forecast.rates import BLOCK, NEWEST_WEEKS
from models_ml.forecast.weeks import Floats

SPREADS = np.arange(0.0, 1.51, 0.02)
PRIOR_OF_WINS, PRIOR_OF_ARRIVALS = 1.0, 0.4
"""Means of the exponential priors of the standard deviation: in log-odds, and in logarithms."""
LASTS = 0.5
"""What is left of a quarter's luck in the next."""
FEWEST_EXPECTED = 1.0
WITHIN = 2 / 3
"""Luck that lasts a quarter begins on a day that we do not know: a quarter of ours takes a part a of one and 1 - a of the
next, and so shows a² + (1 - a)² of its variance, two thirds on average."""


def posterior(gap: Floats, variance: Floats, moved: Floats, prior: float) -> Floats:
    """Chances of each of SPREADS. `variance`: of a count without any luck; `moved`: how far luck of one moves it."""
    total = variance[:, None] + WITHIN * (SPREADS * moved[:, None]) ** 2
    told = -0.5 * (np.log(total) + gap[:, None] ** 2 / total).sum(0) - SPREADS / prior
    chances = np.exp(told - told.max())
    return np.asarray(chances / chances.sum())


def of_wins(won: Floats, expected: Floats, variance: Floats, moved: Floats) -> Floats:
    """The rates were learned from the same quarters, which takes out as much as one of them."""
    kept = expected >= FEWEST_EXPECTED
    of_others = 1 - 1 / (len(won) + 1)
    return posterior((won - expected)[kept], np.maximum(variance[kept], 1e-9) * of_others, moved[kept], PRIOR_OF_WINS)


def of_arrivals(came: Floats) -> Floats:
    """Each quarter beside the rate of those before it, as a forecast would have had it."""
    before = NEWEST_WEEKS // BLOCK
    known = np.array([came[at - before : at].mean() for at in range(before, len(came))])
    kept = known >= FEWEST_EXPECTED
    gap, known = (came[before:][: len(known)] - known)[kept], known[kept]
    return posterior(gap, known * (1 + 1 / before), known * np.sqrt(1 + 1 / before), PRIOR_OF_ARRIVALS)


def drawn(chances: Floats, draws: int, blocks: int, chance: np.random.Generator) -> tuple[Floats, Floats]:
    """Draws × quarters of luck around none, and each draw's standard deviation."""
    spread = chance.choice(SPREADS, size=draws, p=chances)
    walk = np.empty((draws, blocks))
    walk[:, 0] = chance.standard_normal(draws)
    for at in range(1, blocks):
        walk[:, at] = LASTS * walk[:, at - 1] + np.sqrt(1 - LASTS**2) * chance.standard_normal(draws)
    return spread[:, None] * walk, spread
