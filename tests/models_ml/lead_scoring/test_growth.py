"""Trees are as large as the leads bear."""

from __future__ import annotations

import numpy as np
import pytest

from models_ml.lead_scoring.features import Feature
from models_ml.lead_scoring.growth import LEAVES, Growth, choose_growth

FEATURES = tuple(Feature(f"attributes.x{place}", f"X {place}", "number") for place in range(3))


def leads(count: int, *, log_odds) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(11)
    matrix = chance.normal(size=(count, 3))
    return matrix, chance.random(count) < 1 / (1 + np.exp(-log_odds(matrix)))


def test_few_outcomes_choose_nothing_and_the_card_says_so():
    found = choose_growth(FEATURES, *leads(300, log_odds=lambda x: x[:, 0] - 2), threads=2)
    assert found == Growth(threads=2)
    assert "too few outcomes" in found.words


@pytest.mark.parametrize(
    ("world", "is_small"),
    [
        (lambda x: x[:, 0] + x[:, 1], True),
        (lambda x: 3.0 * np.sign((x[:, 0] - 0.4) * (x[:, 1] + 0.3) * (x[:, 2] - 0.2)), False),
    ],
    ids=["columns add up", "columns mean something together only"],
)
def test_trees_grow_larger_where_columns_mean_something_together(world, is_small):
    found = choose_growth(FEATURES, *leads(3000, log_odds=world), threads=1)
    assert found.is_chosen
    assert (found.leaves <= LEAVES[1]) == is_small
