"""`python -m bench.forecast [--deals 300] [--rounds 3]`: what open deals bring within a year, in closed form and walked through.

The odds are learned once from a drawn history of two years; then 1000 futures of the same open deals are made in turn by
the product (the chance to be won by each horizon in closed form, one die a deal) and by walking every deal of every
future through 52 weeks. Both must agree: the mean count of each horizon, to five standard errors.
"""

from __future__ import annotations

import argparse
import time
from statistics import median

import numpy as np

from models_ml.forecast.forecast import DRAWS, forecast
from models_ml.forecast.futures import chances, won_of_open
from models_ml.forecast.rates import draw_rates, steps
from models_ml.forecast.weeks import WON, known_at
from tests.models_ml.forecast.chains import walked
from tests.models_ml.forecast.worlds import AS_OF, MOMENT, Nature, draw_agency

HORIZONS = np.array([7.0, 20.0, 52.0])
ERRORS = 5.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.forecast", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--deals", type=int, default=300, help="open deals")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    chance = np.random.default_rng(7)
    agency = draw_agency(Nature(a_week=6.0), seed=7)
    looked = known_at(agency.entries, agency.states, MOMENT)
    draws = draw_rates(steps(looked), DRAWS, chance)
    win_luck = np.exp(0.4 * chance.standard_normal((DRAWS, 4)))
    now = looked.states[:, -1]
    is_open = np.flatnonzero((now >= 0) & (now < WON))
    rows = chance.choice(is_open, size=asked.deals)
    stage, age, one = now[rows], looked.ages[rows, -1], np.ones(asked.deals)
    times: dict[str, list[float]] = {"closed form": [], "walked through": []}
    for _ in range(asked.rounds):
        begins = time.process_time()
        found = chances(draws, HORIZONS, win_luck, np.zeros((DRAWS, 4)))
        ours = won_of_open(found, stage, age, one, np.ones(1), np.ones(1), chance).cumsum(1)
        times["closed form"].append(time.process_time() - begins)
        begins = time.process_time()
        weeks = walked(draws.rates, win_luck, stage, age, int(HORIZONS[-1]), chance)
        theirs = np.stack([(weeks <= horizon).sum(1) for horizon in HORIZONS], axis=1)
        times["walked through"].append(time.process_time() - begins)
        error = np.sqrt((ours.var(0) + theirs.var(0)) / DRAWS)
        if (np.abs(ours.mean(0) - theirs.mean(0)) > ERRORS * error).any():
            print(f"they differ: {ours.mean(0)} and {theirs.mean(0)}")
            return 1
    for name, taken in times.items():
        print(f"{name}: {median(taken):.2f} s of CPU")
    print(f"walked / closed: {median(times['walked through']) / median(times['closed form']):.1f} x")
    begins = time.process_time()
    forecast(agency.entries, agency.states, MOMENT, AS_OF, "UTC", seed=1)
    whole = time.process_time() - begins
    print(f"a whole forecast, {len(looked.deal_ids)} deals in {looked.states.shape[1] - 1} weeks: {whole:.2f} s of CPU")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
