"""Ways to learn, with one face: gradient-boosted trees, a scorecard (regularised logistic regression), and their mean.

All answer log-odds and say how much of them each feature contributed. The scorecard gives every feature a table of
weights: by level for a category, by tenth of the leads for a number, which has a slope too. Linear models hold up better
on little or drifting data, trees on much; which one serves is decided on leads newer than it learned from (train.py).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Protocol, Self, cast

import lightgbm
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from models_ml.artifacts import dumps
from models_ml.lead_scoring.explaining import TreeExplainer
from models_ml.lead_scoring.features import MOVING, Feature, Matrix
from models_ml.lead_scoring.growth import WORTH_THREADS, Growth, Labels, grow
from models_ml.lead_scoring.leaves import LeafLookup

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
    def fit(cls, features: Sequence[Feature], matrix: Matrix, labels: Labels, growth: Growth) -> Self:
        return cls(grow(features, matrix, labels, growth))

    def raw(self, matrix: Matrix) -> Matrix:
        """LightGBM's numbers, which many leads are looked up for (`leaves`), where the trees allow it."""
        lookup = self._lookup if len(matrix) >= WORTH_THREADS else None
        if lookup is not None:
            return lookup.raw(matrix, threads=os.cpu_count() or 1)
        return cast("Matrix", self._booster.predict(matrix, raw_score=True, num_threads=_workers(matrix)))

    @cached_property
    def _lookup(self) -> LeafLookup | None:
        return LeafLookup.of(self._booster)

    @cached_property
    def _explainer(self) -> TreeExplainer:
        return TreeExplainer(self._booster)

    def contributions(self, matrix: Matrix) -> Matrix:
        """TreeSHAP: exact, and adding up to `raw` with the average."""
        return self._explainer.contributions(matrix)

    def dump(self) -> str:
        return self._booster.model_to_string()

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(lightgbm.Booster(model_str=text))


@dataclass(frozen=True, slots=True)
class Slope:
    """A straight line over a number: `weight` for each `scale` away from `centre`, three at most; 0 where it is missing.

    Beside the tenths it lets the ends of a number go on rising, and needs one weight where little data allows no ten.
    """

    centre: float
    scale: float
    weight: float = 0.0

    @classmethod
    def of(cls, column: Matrix) -> Self:
        """Centre and scale of a column without its outermost hundredths."""
        known = column[~np.isnan(column)]
        if not len(known):
            return cls(0.0, 1.0)
        inside = np.clip(known, *np.quantile(known, [0.01, 0.99]))
        return cls(float(inside.mean()), float(inside.std()) or 1.0)

    def place(self, column: Matrix) -> Matrix:
        found: Matrix = np.nan_to_num(np.clip((column - self.centre) / self.scale, -3.0, 3.0), nan=0.0)
        return found


class Scorecard:
    """Regularised logistic regression: `weights[feature][bin]`, the last bin for missing, and a slope for each number."""

    name = "logistic"

    def __init__(
        self,
        base: float,
        edges: list[list[float]],
        weights: list[list[float]],
        means: list[float],
        slopes: Sequence[Slope | None],
    ) -> None:
        self._base, self._edges, self._means, self._slopes = base, edges, means, list(slopes)
        self._weights = [np.asarray(one) for one in weights]

    @classmethod
    def fit(cls, features: Sequence[Feature], matrix: Matrix, labels: Labels, growth: Growth) -> Self:
        """Rows are oldest first; no tree is grown."""
        del growth
        edges = [_edges(one, matrix[:, position]) for position, one in enumerate(features)]
        sizes = [_size(one, edge) for one, edge in zip(features, edges, strict=True)]
        slopes = [Slope.of(matrix[:, place]) if _may_slope(one) else None for place, one in enumerate(features)]
        lines = [slope.place(matrix[:, place]) for place, slope in enumerate(slopes) if slope]
        bins = _one_hot(_bins(edges, sizes, matrix), sizes)
        design = hstack([bins, csr_matrix(np.column_stack(lines))], format="csr") if lines else bins
        fitted = _fit(design, labels, _best_strength(design, labels))
        learned = fitted.coef_[0]
        weights = np.split(learned[: sum(sizes)], np.cumsum(sizes)[:-1])
        seen = np.split(np.asarray(bins.mean(axis=0)).ravel(), np.cumsum(sizes)[:-1])
        means = [float(weight @ share) for weight, share in zip(weights, seen, strict=True)]
        rising = iter(learned[sum(sizes) :].tolist())
        sloped = [replace(slope, weight=next(rising)) if slope else None for slope in slopes]
        return cls(float(fitted.intercept_[0]), edges, [weight.tolist() for weight in weights], means, sloped)

    def raw(self, matrix: Matrix) -> Matrix:
        log_odds = np.full(len(matrix), self._base)
        for column in self._columns(matrix):
            log_odds += column
        return log_odds

    def contributions(self, matrix: Matrix) -> Matrix:
        """A feature's weight less the average lead's: for a linear model this is its Shapley value."""
        columns = list(self._columns(matrix))
        return np.column_stack(columns) - np.asarray(self._means) if columns else np.zeros((len(matrix), 0))

    def _columns(self, matrix: Matrix) -> Iterator[Matrix]:
        """Each feature's share of the log-odds, one at a time: a million leads need no second matrix."""
        parts = zip(self._edges, self._weights, self._slopes, strict=True)
        for place, (edge, weight, slope) in enumerate(parts):
            column = matrix[:, place]
            moved = weight[_bin(edge, len(weight), column)]
            yield moved + slope.weight * slope.place(column) if slope else moved

    def dump(self) -> str:
        weights = [weight.tolist() for weight in self._weights]
        slopes = [asdict(slope) if slope else None for slope in self._slopes]
        return dumps(
            {"base": self._base, "edges": self._edges, "weights": weights, "means": self._means, "slopes": slopes}
        )

    @classmethod
    def read(cls, text: str) -> Self:
        found = json.loads(text)
        slopes = [Slope(**one) if one else None for one in found.get("slopes") or [None] * len(found["weights"])]
        return cls(found["base"], found["edges"], found["weights"], found["means"], slopes)


class Blend:
    """The mean of both, in log-odds: where neither is clearly better, it is seldom behind the better one."""

    name = "blend"

    def __init__(self, trees: BoostedTrees, card: Scorecard) -> None:
        self._trees, self._card = trees, card

    @classmethod
    def fit(cls, features: Sequence[Feature], matrix: Matrix, labels: Labels, growth: Growth) -> Self:
        parts = (one.fit(features, matrix, labels, growth) for one in (BoostedTrees, Scorecard))
        return cls(*parts)  # type: ignore[arg-type]

    def raw(self, matrix: Matrix) -> Matrix:
        return (self._trees.raw(matrix) + self._card.raw(matrix)) / 2

    def contributions(self, matrix: Matrix) -> Matrix:
        return (self._trees.contributions(matrix) + self._card.contributions(matrix)) / 2

    def dump(self) -> str:
        return dumps({"trees": self._trees.dump(), "card": self._card.dump()})

    @classmethod
    def read(cls, text: str) -> Self:
        found = json.loads(text)
        return cls(BoostedTrees.read(found["trees"]), Scorecard.read(found["card"]))


LEARNERS: Mapping[str, type[BoostedTrees | Scorecard | Blend]] = {
    one.name: one for one in (BoostedTrees, Scorecard, Blend)
}


def _workers(matrix: Matrix) -> int:
    """Threads worth asking for; 0 is as many as there are processors."""
    return 0 if len(matrix) >= WORTH_THREADS else 1


def read_learner(name: str, text: str) -> Learner:
    """A learner from its own `dump`."""
    return LEARNERS[name].read(text)


def _may_slope(feature: Feature) -> bool:
    """A number that grows by waiting goes by tenths alone, or every score would move with every build."""
    return feature.kind == "number" and feature.name not in MOVING


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
    """Rows × features: which bin each value falls into."""
    parts = zip(edges, sizes, strict=True)
    columns = [_bin(edge, size, matrix[:, place]) for place, (edge, size) in enumerate(parts)]
    return np.column_stack(columns) if columns else np.empty((len(matrix), 0), dtype=np.int64)


def _bin(edges: list[float], size: int, column: Matrix) -> NDArray[np.int64]:
    """Which bin each value falls into; the last one is missing or unseen."""
    missing = np.isnan(column)
    known = np.where(missing, 0.0, column)
    found = np.searchsorted(edges, known, side="right") if edges else np.minimum(known.astype(np.int64), size - 2)
    return np.where(missing, size - 1, found)


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
