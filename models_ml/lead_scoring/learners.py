"""Two ways to learn, with one face: gradient-boosted trees, and a scorecard (regularised logistic regression).

Both answer log-odds and say how much of them each feature contributed. The scorecard gives every feature a table of
weights: by level for a category, by tenth of the leads for a number. Linear models hold up better on little or drifting
data, trees on much; which one serves is decided on the newest leads (train.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self, cast

import lightgbm
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from models_ml.artifacts import dumps
from models_ml.lead_scoring.features import Feature, Matrix

Labels = NDArray[np.bool_]
SEED = 20140622

ROUNDS = 150
TREES: Mapping[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.06,
    "num_leaves": 15,  # 31 leaves gain 0.001 AUC on 45,211 leads and triple the cost of explaining one
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
WORTH_THREADS = 20_000
STRENGTHS = (0.003, 0.01, 0.1, 1.0)
"""Inverse regularisation of the scorecard; the best on the newest quarter of its own training rows is taken."""


class Learner(Protocol):
    """A fitted model, in log-odds."""

    name: str

    def raw(self, matrix: Matrix) -> Matrix:
        """Log-odds of each row, not yet calibrated."""
        ...

    def contributions(self, matrix: Matrix) -> Matrix:
        """Rows × features: how far each feature moved the row's log-odds from the average lead's."""
        ...

    def dump(self) -> str:
        """Text from which `read_learner` makes it again."""
        ...


class BoostedTrees:
    """LightGBM; categories are handled natively, missing values too."""

    name = "lightgbm"

    def __init__(self, booster: lightgbm.Booster) -> None:
        self._booster = booster

    @classmethod
    def fit(cls, features: Sequence[Feature], matrix: Matrix, labels: Labels, threads: int) -> Self:
        categories = [position for position, one in enumerate(features) if one.kind == "category"]
        data = lightgbm.Dataset(matrix, labels.astype(np.float64), categorical_feature=categories, free_raw_data=True)
        least = int(np.clip(len(labels) // 100, 10, 50))
        # Threads that wait for each other cost more than they give on few leads: 8 s instead of 1 on a busy machine.
        workers = threads if len(labels) >= WORTH_THREADS else 1
        parameters = {**TREES, "min_data_in_leaf": least, "num_threads": workers}
        return cls(lightgbm.train(parameters, data, ROUNDS))

    def raw(self, matrix: Matrix) -> Matrix:
        return cast("Matrix", self._booster.predict(matrix, raw_score=True, num_threads=_workers(matrix)))

    def contributions(self, matrix: Matrix) -> Matrix:
        """TreeSHAP: exact, and adding up to `raw` with the average."""
        return cast("Matrix", self._booster.predict(matrix, pred_contrib=True, num_threads=_workers(matrix)))[:, :-1]

    def dump(self) -> str:
        return self._booster.model_to_string()

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(lightgbm.Booster(model_str=text))


class Scorecard:
    """Regularised logistic regression over levels and tenths: `weights[feature][bin]`, the last bin for missing."""

    name = "logistic"

    def __init__(self, base: float, edges: list[list[float]], weights: list[list[float]], means: list[float]) -> None:
        self._base, self._edges, self._means = base, edges, means
        self._weights = [np.asarray(one) for one in weights]

    @classmethod
    def fit(cls, features: Sequence[Feature], matrix: Matrix, labels: Labels, threads: int) -> Self:
        """Rows are oldest first; `threads` is not used."""
        del threads
        edges = [_edges(one, matrix[:, position]) for position, one in enumerate(features)]
        sizes = [_size(one, edge) for one, edge in zip(features, edges, strict=True)]
        design = _one_hot(_bins(edges, sizes, matrix), sizes)
        fitted = _fit(design, labels, _best_strength(design, labels))
        weights = np.split(fitted.coef_[0], np.cumsum(sizes)[:-1])
        seen = np.split(np.asarray(design.mean(axis=0)).ravel(), np.cumsum(sizes)[:-1])
        means = [float(weight @ share) for weight, share in zip(weights, seen, strict=True)]
        return cls(float(fitted.intercept_[0]), edges, [weight.tolist() for weight in weights], means)

    def raw(self, matrix: Matrix) -> Matrix:
        log_odds: Matrix = self._base + self._looked_up(matrix).sum(axis=1)
        return log_odds

    def contributions(self, matrix: Matrix) -> Matrix:
        """A feature's weight less the average lead's: for a linear model this is its Shapley value."""
        moved: Matrix = self._looked_up(matrix) - np.asarray(self._means)
        return moved

    def _looked_up(self, matrix: Matrix) -> Matrix:
        found = _bins(self._edges, [len(one) for one in self._weights], matrix)
        columns = [weight[found[:, position]] for position, weight in enumerate(self._weights)]
        return np.column_stack(columns) if columns else np.zeros((len(matrix), 0))

    def dump(self) -> str:
        weights = [weight.tolist() for weight in self._weights]
        return dumps({"base": self._base, "edges": self._edges, "weights": weights, "means": self._means})

    @classmethod
    def read(cls, text: str) -> Self:
        found = json.loads(text)
        return cls(found["base"], found["edges"], found["weights"], found["means"])


LEARNERS: Mapping[str, type[BoostedTrees | Scorecard]] = {one.name: one for one in (BoostedTrees, Scorecard)}


def _workers(matrix: Matrix) -> int:
    """Threads worth asking for; 0 is as many as there are processors."""
    return 0 if len(matrix) >= WORTH_THREADS else 1


def read_learner(name: str, text: str) -> Learner:
    """A learner from its own `dump`."""
    return LEARNERS[name].read(text)


def _edges(feature: Feature, column: Matrix) -> list[float]:
    """Borders between the tenths of a number; nothing for what is counted by level."""
    known = column[~np.isnan(column)]
    if feature.kind != "number" or not len(known):
        return []
    found = np.unique(np.quantile(known, np.linspace(0.1, 0.9, 9)))
    return [float(edge) for edge in found if edge > known.min()]


def _size(feature: Feature, edges: list[float]) -> int:
    """Bins of a feature, one of them for missing."""
    known = {"number": len(edges) + 1, "boolean": 2, "category": len(feature.levels)}[feature.kind]
    return known + 1


def _bins(edges: list[list[float]], sizes: list[int], matrix: Matrix) -> NDArray[np.int64]:
    """Rows × features: which bin each value falls into; the last one is missing or unseen."""
    found = np.empty(matrix.shape, dtype=np.int64)
    for position, (edge, size) in enumerate(zip(edges, sizes, strict=True)):
        column = matrix[:, position]
        missing = np.isnan(column)
        known = np.where(missing, 0.0, column)
        binned = np.searchsorted(edge, known, side="right") if edge else np.minimum(known.astype(np.int64), size - 2)
        found[:, position] = np.where(missing, size - 1, binned)
    return found


def _one_hot(bins: NDArray[np.int64], sizes: list[int]) -> csr_matrix:
    rows, width = bins.shape
    columns = (bins + np.concatenate([[0], np.cumsum(sizes)[:-1]])).ravel()
    ends = np.arange(0, rows * width + 1, width)
    return csr_matrix((np.ones(rows * width), columns, ends), shape=(rows, sum(sizes)))


def _best_strength(design: csr_matrix, labels: Labels) -> float:
    """The strength with the least log-loss on the newest quarter; the strongest regularisation where it has no outcome."""
    cut = int(0.75 * len(labels))
    old, new = labels[:cut], labels[cut:]
    if min(old.sum(), (~old).sum(), new.sum(), (~new).sum()) < 5:
        return STRENGTHS[1]
    losses = {}
    for strength in STRENGTHS:
        raw = _fit(design[:cut], old, strength).decision_function(design[cut:])
        losses[strength] = float(np.mean(np.logaddexp(0, np.where(new, -raw, raw))))
    return min(losses, key=lambda strength: (losses[strength], strength))


def _fit(design: csr_matrix, labels: Labels, strength: float) -> LogisticRegression:
    with threadpool_limits(1):  # the products are small and sparse; BLAS threads only wait for each other
        return LogisticRegression(C=strength, max_iter=500).fit(design, labels)
