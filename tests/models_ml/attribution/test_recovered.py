"""The whole way on a simulated agency: files through the ordinary doors, landing, dbt, the solved models; and beside them
what each channel truly did."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from data.simulator.parameters import WorldParameters
from tests.models_ml.attribution.worlds import distance
from tests.simulated import SimulatedWorld, simulate

MODELS = ("last_touch", "markov", "shapley")
NO_CHANNEL = ("Unassigned", "Offline")
FEWEST_LEADS = 100
"""With fewer, chance decides which model comes nearest."""


def shares_of(world: SimulatedWorld) -> dict[str, dict[str, dict[str, float]]]:
    """By client, then model: each channel's share of the leads that any channel is credited with."""
    counts: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    slugs = {organization_id: slug for slug, organization_id in world.organizations.items()}
    for row in world.rows(
        "select organization_id, model, channel, conversion_count from lake.marts.channel_performance "
        "where conversion_kind = 'lead' and attribution_level = 'person' and conversion_count > 0"
    ):
        if row["model"] in MODELS and row["channel"] not in NO_CHANNEL:
            counts[slugs[row["organization_id"]]][row["model"]][row["channel"]] = row["conversion_count"]
    return counts


def distances(world: SimulatedWorld) -> dict[str, float]:
    """How far each model's shares lie from the true ones: the mean over clients, weighed by their leads."""
    truth: dict[str, dict[str, float]] = defaultdict(dict)
    for row in world.truth["channel_effects"].to_pylist():
        truth[row["organization"]][row["channel"]] = row["share"]
    far: dict[str, list[float]] = {model: [] for model in MODELS}
    leads = []
    for slug, counts in shares_of(world).items():
        leads.append(sum(counts["last_touch"].values()))
        for model in MODELS:
            total = sum(counts[model].values())
            found = defaultdict(float, {channel: count / total for channel, count in counts[model].items()})
            far[model].append(distance(found, dict.fromkeys(found, 0.0) | truth[slug]))
    assert sum(leads) >= FEWEST_LEADS
    return {model: float(np.average(found, weights=leads)) for model, found in far.items()}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 21, 4711])
def test_markov_and_shapley_of_the_marts_lie_closer_to_the_truth_than_last_touch(seed, tmp_path):
    world = simulate(WorldParameters(seed=seed, event_count=30_000), tmp_path)
    world.build()
    far = distances(world)
    world.built.close()
    assert far["markov"] < far["last_touch"], far
    assert far["shapley"] < far["last_touch"], far
