"""How good a search for duplicates is, where it is known who is who."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from models_ml.duplicates.matching import Pair

Ids = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """Of proposed pairs, the share that is right (precision); of true pairs, the share that was proposed (recall)."""

    true_count: int
    proposed_count: int
    found_count: int

    @property
    def precision(self) -> float:
        return self.found_count / self.proposed_count if self.proposed_count else 1.0

    @property
    def recall(self) -> float:
        return self.found_count / self.true_count if self.true_count else 1.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs of a band of probability: how sure the model was on average, and how often it was right."""

    pair_count: int
    mean_probability: float
    match_rate: float


def measure(proposed: AbstractSet[Ids], truth: AbstractSet[Ids]) -> Measured:
    """Pairs have the smaller id first."""
    return Measured(len(truth), len(proposed), len(proposed & truth))


def calibration(
    pairs: Sequence[Pair], truth: AbstractSet[Ids], *, edges: Sequence[float] = (0.0, 0.1, 0.5, 0.9, 0.99, 1.0)
) -> list[Bin]:
    """Bands between the edges, those without a pair left out."""
    chances = np.array([pair.probability for pair in pairs])
    is_match = np.array([(pair.left_id, pair.right_id) in truth for pair in pairs], dtype=float)
    bands = np.clip(np.searchsorted(edges, chances, side="right") - 1, 0, len(edges) - 2)
    return [
        Bin(int(inside.sum()), float(chances[inside].mean()), float(is_match[inside].mean()))
        for band in range(len(edges) - 1)
        if (inside := bands == band).any()
    ]
