"""Shapley values of many leads at once are those that LightGBM gives to each."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest

from models_ml.lead_scoring.explaining import WORTH_SHARING, TreeExplainer


@pytest.mark.parametrize("leaves", [4, 15, 31])
def test_what_leads_share_is_what_each_would_get(leaves):
    chance = np.random.default_rng(leaves)
    matrix = chance.normal(size=(WORTH_SHARING + 500, 8))
    matrix[:, 1], matrix[:, 2] = chance.poisson(2, len(matrix)), chance.integers(0, 40, len(matrix))
    matrix[chance.random(len(matrix)) < 0.2, 0] = np.nan
    matrix[chance.random(len(matrix)) < 0.1, 2] = np.nan
    odds = np.nan_to_num(matrix[:, 0]) + (matrix[:, 2] % 3 == 1) - 1
    labels = (chance.random(len(matrix)) < 1 / (1 + np.exp(-odds))).astype(float)
    data = lightgbm.Dataset(matrix[:1500], labels[:1500], categorical_feature=[2])
    parameters = {"objective": "binary", "num_leaves": leaves, "verbose": -1, "num_threads": 1, "seed": 1}
    booster = lightgbm.train(parameters, data, 40)
    matrix[-100:, 2] = 99  # a level that training never saw
    each = booster.predict(matrix, pred_contrib=True, num_threads=1)[:, :-1]
    assert TreeExplainer(booster).contributions(matrix) == pytest.approx(each, abs=1e-9)
