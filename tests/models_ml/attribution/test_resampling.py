"""Many samples at once say what each of them says alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models_ml.attribution.markov import markov
from models_ml.attribution.paths import Paths
from models_ml.attribution.resampling import ManyChains, ManyGames
from models_ml.attribution.shapley import shapley
from tests.models_ml.attribution.journeys import rows

seeds = st.integers(0, 2**16)


def drawn_anew(paths: Paths, seed: int, count: int = 5):
    chance = np.random.default_rng(seed)
    return tuple(
        chance.poisson(one[:, None], (len(one), count)).astype(float) for one in (paths.conversions, paths.nulls)
    )


@given(rows, st.integers(1, 3), seeds)
@settings(deadline=None, max_examples=60)
def test_chains_of_many_samples_are_those_of_each(found, order, seed):
    paths = Paths.of(found)
    won, lost = drawn_anew(paths, seed)
    together = ManyChains(paths, order).credits(won, lost)
    for column in range(won.shape[1]):
        alone = markov(replace(paths, conversions=won[:, column], nulls=lost[:, column]), order, by_journey=True)
        assert together[:, column] == pytest.approx(alone.conversions, abs=1e-7)


@given(rows, seeds)
@settings(deadline=None, max_examples=60)
def test_games_of_many_samples_are_those_of_each(found, seed):
    paths = Paths.of(found)
    won, lost = drawn_anew(paths, seed)
    together = ManyGames(paths).credits(won, lost)
    for column in range(won.shape[1]):
        alone = shapley(replace(paths, conversions=won[:, column], nulls=lost[:, column]))
        assert together[:, column] == pytest.approx(alone.conversions, abs=1e-9)
