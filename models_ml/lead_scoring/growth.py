"""How trees are grown: LightGBM's parameters, and how many trees of how many leaves, which an organization's own leads choose.

docs/decisions/0015 has the reasons and the figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from models_ml.lead_scoring.features import Feature, Matrix

Labels = NDArray[np.bool_]
SEED = 20140622

PARAMETERS: Mapping[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.06,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
LEAVES = (3, 4, 8, 15)
"""31 leaves gain 0.001 AUC on 45,211 leads and triple the cost of explaining one."""
ROUNDS = (100, 150, 250)
HELD = 4
"""Every fourth lead is held back to choose by."""
LEAST_HELD = 25
"""Leads of the rarer outcome among those held back below which luck would choose: the usual size is taken."""
WORTH_THREADS = 20_000


@dataclass(frozen=True, slots=True)
class Growth:
    """The size of the trees, the usual one unless leads chose another, and the threads that may work on them."""

    leaves: int = 15
    rounds: int = 150
    is_chosen: bool = False
    threads: int = 1

    @property
    def words(self) -> str:
        why = (
            "the size that promised most truly for every fourth of the leads learned from"
            if self.is_chosen
            else "the usual size, for too few outcomes are known to choose by"
        )
        return f"{self.rounds} trees of at most {self.leaves} leaves: {why}."


def grow(features: Sequence[Feature], matrix: Matrix, labels: Labels, growth: Growth) -> lightgbm.Booster:
    """Trees of that size. The same rows give the same trees."""
    categories = [position for position, one in enumerate(features) if one.kind == "category"]
    data = lightgbm.Dataset(matrix, labels.astype(np.float64), categorical_feature=categories, free_raw_data=True)
    least = int(np.clip(len(labels) // 100, 10, 50))
    # Threads that wait for each other cost more than they give on few leads: 8 s instead of 1 on a busy machine.
    workers = growth.threads if len(labels) >= WORTH_THREADS else 1
    size = {"num_leaves": growth.leaves, "min_data_in_leaf": least, "num_threads": workers}
    return lightgbm.train({**PARAMETERS, **size}, data, growth.rounds)


def choose_growth(features: Sequence[Feature], matrix: Matrix, labels: Labels, threads: int) -> Growth:
    """The size with the least log-loss on every fourth of these leads, after learning from the others; the usual one where too
    few outcomes are held back."""
    held = np.arange(len(labels)) % HELD == HELD - 1
    good = int(labels[held].sum())
    if min(good, int(held.sum()) - good) < LEAST_HELD or not features:
        return Growth(threads=threads)
    losses: dict[tuple[int, int], float] = {}
    for leaves in LEAVES:
        booster = grow(features, matrix[~held], labels[~held], Growth(leaves, ROUNDS[-1], threads=threads))
        for rounds in ROUNDS:
            raw = np.asarray(booster.predict(matrix[held], raw_score=True, num_iteration=rounds, num_threads=1))
            losses[leaves, rounds] = float(np.mean(np.logaddexp(0, np.where(labels[held], -raw, raw))))
    leaves, rounds = min(losses, key=lambda size: (losses[size], size))
    return Growth(leaves, rounds, is_chosen=True, threads=threads)
