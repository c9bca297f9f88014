"""The questions that a LightGBM model's trees ask, read once: by column, and by stretch of values that none tells apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Matrix = NDArray[np.float64]

BUCKETS = 4096
"""Even parts of a number's range in which its cuts are looked for; 32 KB, which stays in the processor's first caches."""
ENDLESS = 1e299
"""LightGBM writes a cut of infinity, which tells missing from known, as 1e300."""
MOST_STEPS = 4
"""Cuts within one part above which halving (`searchsorted`) is as quick as trying one after the other."""


@dataclass(frozen=True, slots=True)
class Split:
    """A question: `cut` of a number (a value up to it goes left), or the levels of a category that go left."""

    column: int
    cut: float
    levels: frozenset[int] | None
    """None where the column is a number."""
    is_missing_left: bool

    @classmethod
    def of(cls, node: Mapping[str, Any]) -> Self:
        """Of a node as `Booster.dump_model` tells it."""
        if node["decision_type"] == "==":
            levels = frozenset(int(level) for level in str(node["threshold"]).split("||"))
            return cls(node["split_feature"], 0.0, levels, is_missing_left=False)
        cut = float(node["threshold"])
        # Where training saw nothing missing, LightGBM takes a missing number for 0.
        is_left = node["default_left"] if node["missing_type"] == "NaN" else cut >= 0.0
        return cls(node["split_feature"], cut, None, is_missing_left=bool(is_left))


@dataclass(frozen=True, slots=True)
class Axis:
    """How all questions together cut a column: a code for every stretch between cuts, or for every level; the last code is
    for missing, and of a category the one before it for levels that no question names."""

    cuts: Matrix | None
    """Ascending; None for a category. `inf` stands behind the last."""
    most_level: int
    first: Codes
    """For each of the even parts of the range (and what lies below and above it), how many cuts lie in the parts before."""
    scale: float
    steps: int
    """Most cuts within one part."""

    @classmethod
    def of(cls, splits: list[Split]) -> Self:
        """Of all questions about one column."""
        if splits[0].levels is not None:
            return cls(
                None, max(level for split in splits for level in split.levels or ()), np.zeros(0, np.int64), 0.0, 0
            )
        cuts = np.unique([split.cut for split in splits])
        width = max(cuts[cuts < ENDLESS], default=cuts[0]) - cuts[0]
        scale = float(BUCKETS / width) if width > 0 else 0.0
        places = _parts(cuts, cuts[0], scale)
        first = np.searchsorted(places, np.arange(BUCKETS + 2), side="left")
        return cls(np.append(cuts, np.inf), 0, first, scale, int(np.bincount(places).max()))

    @property
    def size(self) -> int:
        """Codes there are."""
        return self.most_level + 3 if self.cuts is None else len(self.cuts) + 1

    def codes(self, column: Matrix) -> Codes:
        """Of each value: how many cuts lie below it, or its level."""
        missing = np.isnan(column)
        if self.cuts is None:
            known = np.where(missing, 0.0, column)
            found = np.where((known <= -1) | (known > self.most_level), self.most_level + 1, known).astype(np.int64)
        elif self.steps > MOST_STEPS:
            found = np.searchsorted(self.cuts[:-1], column, side="left")
        else:
            # Rounding never turns two values over, so a value lies above every cut of the parts before its own.
            found = self.first[_parts(column, self.cuts[0], self.scale)]
            for _ in range(self.steps):
                found += column > self.cuts[found]
        if missing.any():
            found[missing] = self.size - 1
        return found

    def left(self, split: Split) -> NDArray[np.bool_]:
        """Whether each code goes left."""
        codes = np.arange(self.size)
        if self.cuts is None:
            found = np.isin(codes, list(split.levels or ()))
        else:
            found = codes <= np.searchsorted(self.cuts, split.cut)
        found[-1] = split.is_missing_left
        return found


def axes_of(splits: list[Split]) -> dict[int, Axis]:
    """By column, in order of column."""
    columns = sorted({split.column for split in splits})
    return {column: Axis.of([split for split in splits if split.column == column]) for column in columns}


def splits_of(node: Mapping[str, Any]) -> Iterator[Split]:
    """Every question of a tree (`tree_structure` of `Booster.dump_model`), the topmost first."""
    if "split_feature" in node:
        yield Split.of(node)
        for side in ("left_child", "right_child"):
            yield from splits_of(node[side])


def _parts(column: Matrix, start: float, scale: float) -> Codes:
    """Which part of the range each value lies in, below it 0; what is missing anywhere."""
    with np.errstate(invalid="ignore", over="ignore"):
        found = (column - start) * scale + 1.0
    return np.asarray(np.fmin(np.fmax(found, 0.0), BUCKETS + 1.0).astype(np.int64))
