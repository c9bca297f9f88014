"""What boosted trees say of many leads: LightGBM's numbers, bit for bit, for a third of its work.

An answer to a question strikes out the leaves that it leads away from. All answers that a value of a column gives are known
beforehand (`splits.Axis`), so each code of a column has a word a tree, with a bit a leaf that is still open. A lead's words,
one for each column, taken together by AND, leave one bit a tree: its leaf (after QuickScorer, Lucchese et al. 2015). numpy
does that for a thousand leads and all trees at once, where walking the trees takes a jump the processor cannot foresee for
every question.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import lightgbm
import numpy as np
from numpy.typing import NDArray

from models_ml.lead_scoring.splits import Axis, Codes, Matrix, Split, axes_of, splits_of

Words = NDArray[Any]

ROWS = 1024
"""Leads at once: their words for 150 trees of 16 leaves are 300 KB, which stay in the processor's second cache."""
TURNS = {np.uint8: 0x17, np.uint16: 0x09AF, np.uint32: 0x077CB531, np.uint64: 0x022FDD63CC95386D}
"""De Bruijn's sequences: a word with one bit, multiplied by it, has another number in its highest bits for every bit."""


@dataclass(frozen=True, slots=True)
class LeafLookup:
    """Of one booster."""

    axes: Mapping[int, Axis]
    words: Mapping[int, Words]
    """Of a column: codes × trees, the leaves left open."""
    values: Matrix
    """What a leaf says, by tree and by what its bit's turn leaves of it."""

    @classmethod
    def of(cls, booster: lightgbm.Booster) -> Self | None:
        """None for a model that cannot be looked up: over 64 leaves, linear leaves, classes, or 0 taken for missing."""
        told = booster.dump_model()
        trees = told["tree_info"]
        most = max((tree["num_leaves"] for tree in trees), default=0)
        if not 0 < most <= 64 or told["num_tree_per_iteration"] != 1 or told["average_output"]:
            return None
        structures = [tree["tree_structure"] for tree in trees]
        if not all(_is_plain(one) for one in structures):
            return None
        word = next(kind for kind in TURNS if np.dtype(kind).itemsize * 8 >= most)
        axes = axes_of([split for one in structures for split in splits_of(one)])
        every = np.array([(1 << tree["num_leaves"]) - 1 for tree in trees], word)
        words = {column: np.tile(every, (axis.size, 1)) for column, axis in axes.items()}
        values = np.zeros((len(trees), np.dtype(word).itemsize * 8))
        for place, structure in enumerate(structures):
            leaves: list[float] = []
            _strike(structure, place, leaves, axes, words)
            bits = word(1) << np.arange(len(leaves), dtype=word)
            values[place, _turned(bits)] = leaves
        return cls(axes, words, values)

    def raw(self, matrix: Matrix, threads: int = 1) -> Matrix:
        """`Booster.predict(matrix, raw_score=True)`."""
        starts = range(0, len(matrix), ROWS)
        if threads > 1:
            with ThreadPoolExecutor(threads) as pool:
                found = list(pool.map(lambda start: self._raw(matrix[start : start + ROWS]), starts))
        else:
            found = [self._raw(matrix[start : start + ROWS]) for start in starts]
        return np.concatenate(found) if found else np.zeros(0)

    def _raw(self, matrix: Matrix) -> Matrix:
        trees, leaves = self.values.shape
        if not self.words:
            return np.full(len(matrix), self.values[:, 0].sum())
        first, *others = self.axes.items()
        opened = self.words[first[0]].take(first[1].codes(matrix[:, first[0]]), axis=0)
        taken = np.empty_like(opened)
        for column, axis in others:
            np.take(self.words[column], axis.codes(matrix[:, column]), axis=0, out=taken, mode="clip")
            np.bitwise_and(opened, taken, out=opened)
        places = _turned(opened).T + leaves * np.arange(trees)[:, None]
        said = self.values.ravel().take(places)
        total = np.zeros(len(matrix))
        for of_tree in said:  # in LightGBM's order: sums of numbers depend on it
            total += of_tree
        return total


def _strike(
    node: Mapping[str, Any], tree: int, leaves: list[float], axes: Mapping[int, Axis], words: Mapping[int, Words]
) -> int:
    """Strikes out, in the words of a tree, what the answers to a node's question lead away from; answers the bits of the
    node's leaves, which are appended to `leaves`."""
    if "split_feature" not in node:
        leaves.append(node["leaf_value"])
        return 1 << (len(leaves) - 1)
    split = Split.of(node)
    left, right = (_strike(node[side], tree, leaves, axes, words) for side in ("left_child", "right_child"))
    is_left, column = axes[split.column].left(split), words[split.column]
    most = int(np.iinfo(column.dtype).max)
    column[:, tree] &= np.where(is_left, most ^ right, most ^ left).astype(column.dtype)
    return left | right


def _turned(bits: Words) -> Codes:
    """Another number for every bit, below the number of bits in a word."""
    kind = bits.dtype.type
    width = bits.dtype.itemsize * 8
    shift = kind(width - width.bit_length() + 1)
    return np.asarray((bits * kind(TURNS[kind])) >> shift, dtype=np.int64)


def _is_plain(node: Mapping[str, Any]) -> bool:
    """Whether a tree's questions are those that `Split` knows, and its leaves are numbers."""
    if "split_feature" not in node:
        return "leaf_coeff" not in node
    return node["missing_type"] != "Zero" and all(_is_plain(node[side]) for side in ("left_child", "right_child"))
