"""The two learners: alike in face, explained exactly, and the same when read back."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from models_ml.lead_scoring.features import Feature, encode
from models_ml.lead_scoring.growth import Growth
from models_ml.lead_scoring.learners import LEARNERS, read_learner

FEATURES = (
    Feature("attributes.plan", "Plan", "category", ("basic", "pro", "trial")),
    Feature("pricing_views_30d", "Pricing pages seen in 30 days", "number"),
    Feature("has_phone", "Phone number given", "boolean"),
)


@pytest.fixture(scope="module")
def leads():
    chance = np.random.default_rng(5)
    columns = [chance.integers(0, 3, 900), chance.poisson(1.5, 900), chance.integers(0, 2, 900)]
    matrix = np.column_stack(columns).astype(float)
    matrix[chance.random(900) < 0.1, 1] = np.nan
    odds = 1.5 * (matrix[:, 0] == 1) + 0.8 * np.nan_to_num(matrix[:, 1]) - 2
    return matrix, chance.random(900) < 1 / (1 + np.exp(-odds))


@pytest.mark.parametrize("name", LEARNERS)
def test_contributions_add_up_to_the_log_odds_but_for_the_average(name, leads):
    learner = LEARNERS[name].fit(FEATURES, *leads, Growth())
    left = learner.raw(leads[0]) - learner.contributions(leads[0]).sum(axis=1)
    assert left == pytest.approx(np.full(len(left), left[0]), abs=1e-9)


@pytest.mark.parametrize("name", LEARNERS)
def test_a_learner_read_back_answers_the_same(name, leads):
    learner = LEARNERS[name].fit(FEATURES, *leads, Growth())
    again = read_learner(name, learner.dump())
    assert again.raw(leads[0]) == pytest.approx(learner.raw(leads[0]), abs=1e-12)
    assert again.dump() == read_learner(name, again.dump()).dump()


@pytest.mark.parametrize("name", LEARNERS)
def test_learning_twice_gives_the_same_text(name, leads):
    one, two = (LEARNERS[name].fit(FEATURES, *leads, Growth()).dump() for _ in range(2))
    assert one == two


def test_missing_and_unseen_values_are_told_apart_from_known_ones():
    table = pa.table(
        {
            "attributes.plan": ["pro", "platinum", None],
            "pricing_views_30d": pa.array([2.0, None, 0.0]),
            "has_phone": pa.array([True, False, None]),
        }
    )
    expected = [[1, 2, 1], [np.nan, np.nan, 0], [np.nan, 0, np.nan]]
    assert encode(FEATURES, table) == pytest.approx(np.array(expected, dtype=float), nan_ok=True)
