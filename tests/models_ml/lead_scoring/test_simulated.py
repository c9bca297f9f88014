"""How near the champion comes to the true probabilities of the simulator, through the doors, the lake and dbt."""

from __future__ import annotations

import numpy as np
import pytest

from data.simulator.parameters import DEFAULT_CLIENTS, WorldParameters
from models_ml.lead_scoring.dataset import read_training_set
from models_ml.lead_scoring.evaluate import area, windows
from models_ml.lead_scoring.features import encode
from models_ml.lead_scoring.model import load_model
from models_ml.lead_scoring.train import train_organization
from tests.simulated import simulate

pytestmark = pytest.mark.slow
SHARE = 0.94
"""Of the truth's area under the curve; more than 0.95 at seed 7 and 0.945 at seed 21 were measured before visits ahead of being
known, industry and size were columns. Trees fitted to the true log-odds, from the columns of then, reached 0.958 and 0.952."""


@pytest.mark.parametrize("seed", [7, 21])
def test_with_enough_leads_the_champion_ranks_nearly_as_well_as_the_truth(seed, tmp_path):
    parameters = WorldParameters(seed=seed, event_count=500_000, clients=DEFAULT_CLIENTS[:1])
    world = simulate(parameters, tmp_path / "world")
    world.build()
    organization_id = world.organizations[DEFAULT_CLIENTS[0].slug]
    report = train_organization(world.lake, organization_id, artifacts=tmp_path / "models", clock=lambda: world.now)
    model = load_model(tmp_path / "models", report.artifact_hash)

    data = read_training_set(world.lake, organization_id)
    newest = windows(data.outcome, is_ordered=True, seed=0).test
    known = truth_of(world, data.rows["contact_id"].take(newest).to_pylist())
    is_lead = ~np.isnan(known)  # a prospect who never answered has no probability of its own
    outcome = data.outcome[newest][is_lead]
    assert outcome.sum() > 100
    ranked = model.learner.raw(encode(model.features, data.rows.take(newest)))[is_lead]
    assert area(outcome, ranked) >= SHARE * area(outcome, known[is_lead])


def truth_of(world, contact_ids) -> np.ndarray:
    """The probability the world gave each contact, missing where it never was a lead."""
    people = world.truth["people"].select(["external_id", "converts_probability"]).to_pylist()
    probability = {row["external_id"]: row["converts_probability"] for row in people}
    records = world.rows("select contact_id, external_id from lake.staging.stg_operational__contacts")
    external = {row["contact_id"]: row["external_id"] for row in records}
    found = [probability.get(external[contact_id]) for contact_id in contact_ids]
    return np.array([np.nan if value is None else value for value in found])
