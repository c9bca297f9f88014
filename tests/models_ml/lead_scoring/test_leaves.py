"""Leaves looked up give LightGBM's own numbers, to the last bit."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models_ml.lead_scoring.leaves import ROWS, LeafLookup

KINDS = ("count", "amount", "level", "yes or no", "constant", "extreme")


def drawn(kind: str, chance: np.random.Generator, count: int) -> np.ndarray:
    """A column of one kind."""
    return {
        "count": lambda: chance.poisson(2.0, count).astype(float),
        "amount": lambda: np.exp(chance.normal(0, 3, count)) * chance.choice([-1, 0, 1], count),
        "level": lambda: chance.integers(0, 30, count).astype(float),
        "yes or no": lambda: chance.integers(0, 2, count).astype(float),
        "constant": lambda: np.full(count, 3.0),
        "extreme": lambda: chance.choice([-1e200, -1e-40, -0.0, 0.0, 1e-40, 1.0, 1e200], count),
    }[kind]()


@st.composite
def boosters(draw) -> tuple[lightgbm.Booster, np.ndarray]:
    """Trees learned from columns of several kinds with gaps, and leads that training has not seen."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=6))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    matrix = np.column_stack([drawn(kind, chance, 900) for kind in kinds])
    gaps = draw(st.lists(st.sampled_from([0.0, 0.2, 1.0]), min_size=len(kinds), max_size=len(kinds)))
    matrix[chance.random(matrix.shape) < gaps] = np.nan
    odds = np.nan_to_num(np.clip(matrix, -3, 3)).sum(axis=1) + (matrix[:, 0] % 3 == 1)
    labels = (chance.random(900) < 1 / (1 + np.exp(odds.mean() - odds))).astype(float)
    parameters = {
        "objective": "binary", "num_leaves": draw(st.sampled_from([2, 4, 15, 16, 17, 31, 40, 64])), "verbose": -1,
        "min_data_in_leaf": 5, "num_threads": 1, "seed": 1, "use_missing": draw(st.booleans()),
    }  # fmt: skip
    levels = [place for place, kind in enumerate(kinds) if kind == "level"]
    data = lightgbm.Dataset(matrix[:600], labels[:600], categorical_feature=levels, free_raw_data=True)
    booster = lightgbm.train(parameters, data, draw(st.integers(1, 12)))
    asked = matrix[chance.permutation(900)]
    asked[chance.random(asked.shape) < draw(st.sampled_from([0.0, 0.1]))] = np.nan
    asked[:20, levels] = 77.0  # a level that training never saw
    return lightgbm.Booster(model_str=booster.model_to_string()), asked


@settings(max_examples=60, deadline=None)
@given(boosters())
def test_the_looked_up_log_odds_are_those_of_walking_the_trees(drawn_of_chance):
    booster, matrix = drawn_of_chance
    lookup = LeafLookup.of(booster)
    assert lookup is not None
    walked = booster.predict(matrix, raw_score=True, num_threads=1)
    assert lookup.raw(matrix).tobytes() == walked.tobytes()


def test_many_leads_are_looked_up_in_parts_and_by_several_threads():
    chance = np.random.default_rng(3)
    matrix = chance.normal(size=(2 * ROWS + 17, 3))
    labels = (matrix[:, 0] + chance.normal(size=len(matrix)) > 0).astype(float)
    booster = lightgbm.train({"objective": "binary", "verbose": -1}, lightgbm.Dataset(matrix, labels), 20)
    walked = booster.predict(matrix, raw_score=True).tolist()
    lookup = LeafLookup.of(booster)
    assert lookup.raw(matrix).tolist() == lookup.raw(np.asfortranarray(matrix), threads=2).tolist() == walked
    assert lookup.raw(matrix[:0]).tolist() == []


@pytest.mark.parametrize(
    "unknown", [{"zero_as_missing": True}, {"num_leaves": 65}, {"linear_tree": True}, {"boosting": "rf"}]
)
def test_trees_of_another_kind_are_left_to_lightgbm(unknown):
    chance = np.random.default_rng(4)
    matrix = chance.normal(size=(3000, 2)) * (chance.random((3000, 2)) < 0.9)
    labels = (matrix[:, 0] + chance.normal(size=3000) > 0).astype(float)
    parameters = {
        "objective": "binary", "min_data_in_leaf": 5, "bagging_fraction": 0.5, "bagging_freq": 1, "verbose": -1, **unknown
    }  # fmt: skip
    assert LeafLookup.of(lightgbm.train(parameters, lightgbm.Dataset(matrix, labels), 3)) is None
