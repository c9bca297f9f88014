"""On a simulated agency, whose channels' true effects are known, the solved models see more than last touch does."""

from __future__ import annotations

import numpy as np
import pytest

from data.simulator.parameters import WorldParameters
from data.simulator.world import World
from models_ml.attribution.credits import Credits
from models_ml.attribution.markov import markov
from models_ml.attribution.paths import Paths
from models_ml.attribution.rules import rule
from models_ml.attribution.shapley import shapley
from tests.models_ml.attribution.worlds import counted_paths, distance, true_shares

FEWEST_CONVERSIONS = 50
"""With fewer, chance decides which model comes nearest."""


def models(paths: Paths) -> dict[str, Credits]:
    """Those of the reports, and last touch to compare with."""
    chains = {f"markov {order}": markov(paths, order, by_journey=True) for order in (1, 2, 3)}
    return {"last touch": rule(paths, "last_touch"), "shapley": shapley(paths), **chains}


@pytest.mark.parametrize("seed", [20261, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (5, 77, 123, 4711))])
def test_markov_and_shapley_lie_closer_to_the_truth_than_last_touch(seed):
    found = []
    for client in World(WorldParameters(seed=seed)).clients():
        paths, truth = counted_paths(client), true_shares(client)
        far = {name: distance(credit.shares(), truth) for name, credit in models(paths).items()}
        if paths.conversions.sum() >= FEWEST_CONVERSIONS:
            assert max(far, key=far.__getitem__) == "last touch", (client.plan.name, far)
        found.append(far)
    means = {name: np.mean([far[name] for far in found]) for name in found[0]}
    assert max(means, key=means.__getitem__) == "last touch", means


@pytest.mark.slow
@pytest.mark.parametrize("seed", [20261, 77])
def test_with_more_journeys_shapley_comes_near_the_truth(seed):
    for client in World(WorldParameters(seed=seed, event_count=600_000)).clients():
        assert distance(shapley(counted_paths(client)).shares(), true_shares(client)) < 0.25, client.plan.name
