"""How near the champion comes to the true probabilities of the simulator, and whether it notices when the world becomes another
one; through the doors, the lake and dbt."""

from __future__ import annotations

import numpy as np
import pytest

from data.simulator.parameters import DEFAULT_CLIENTS, Drift, WorldParameters
from domain.drift import BASE_RATE, is_pull
from models_ml.lead_scoring.dataset import read_training_set
from models_ml.lead_scoring.evaluate import windows
from models_ml.lead_scoring.features import encode
from models_ml.lead_scoring.model import load_model
from models_ml.lead_scoring.train import train_organization
from models_ml.lead_scoring.watching import watch
from tests.simulated import simulate

pytestmark = pytest.mark.slow
SHARE = 0.945
"""Of the truth's area under the curve: 0.951 and 0.954 were measured, 0.947 to 0.957 on five other seeds (docs/decisions/0015)."""


@pytest.mark.parametrize("seed", [7, 63])
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
    assert data.outcome[newest][is_lead].sum() > 100
    ranked = model.learner.raw(encode(model.features, data.rows.take(newest)))[is_lead]
    assert expected_area(known[is_lead], ranked) >= SHARE * expected_area(known[is_lead], known[is_lead])


@pytest.mark.parametrize(
    ("drift", "is_noticed"),
    [
        (Drift(from_day=80, customer_factor=0.4, driver_shift=0.0), True),
        (Drift(from_day=80, customer_factor=1.0, driver_shift=0.9), True),
        (None, False),
    ],
)
def test_a_world_that_became_another_one_alarms_and_a_steady_one_says_nothing(drift, is_noticed, tmp_path):
    parameters = WorldParameters(seed=31, event_count=240_000, clients=DEFAULT_CLIENTS[:1], drift=drift)
    world = simulate(parameters, tmp_path / "world")
    world.build()
    organization_id = world.organizations[DEFAULT_CLIENTS[0].slug]
    train_organization(world.lake, organization_id, artifacts=tmp_path / "models", clock=lambda: world.now)
    found = watch(world.lake, organization_id, artifacts=tmp_path / "models", clock=lambda: world.now)

    changed = [one for one in found if one.subject == BASE_RATE or is_pull(one.subject)]
    assert any(one.level == "alarm" for one in changed) == is_noticed
    if is_noticed:
        since = next(one.since for one in changed if one.subject == BASE_RATE)
        assert abs((since.date() - parameters.starts_on).days - drift.from_day) <= 10
    else:
        assert [one.level for one in changed] == ["steady"]


def expected_area(probability: np.ndarray, ranking: np.ndarray) -> float:
    """The AUC without luck: over everything that might come of the leads, whose true probabilities are known. What did come of 180
    customers moves a share of it by two points and more."""
    order = np.argsort(ranking, kind="stable")
    good, bad, ranked = probability[order], 1 - probability[order], ranking[order]
    below = np.concatenate([[0.0], np.cumsum(bad)])
    least, most = (below[np.searchsorted(ranked, ranked, side)] for side in ("left", "right"))
    itself = float((good * bad).sum())  # nobody is compared with himself
    return float(((good * (least + most) / 2).sum() - itself / 2) / (good.sum() * bad.sum() - itself))


def truth_of(world, contact_ids) -> np.ndarray:
    """The probability the world gave each contact, missing where it never was a lead."""
    people = world.truth["people"].select(["external_id", "converts_probability"]).to_pylist()
    probability = {row["external_id"]: row["converts_probability"] for row in people}
    records = world.rows("select contact_id, external_id from lake.staging.stg_operational__contacts")
    external = {row["contact_id"]: row["external_id"] for row in records}
    found = [probability.get(external[contact_id]) for contact_id in contact_ids]
    return np.array([np.nan if value is None else value for value in found])
