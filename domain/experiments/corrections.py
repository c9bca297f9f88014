"""Many tests at once: p-values that account for all of them, in the order they came."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted so that the chance of any false discovery stays below the level (Holm 1979). Valid whatever hangs together,
    and at every look if the p-values are."""
    order = np.argsort(p_values, kind="stable")
    count = len(order)
    raised = np.asarray(p_values, float)[order] * np.arange(count, 0, -1)
    return _restored(np.minimum(np.maximum.accumulate(raised), 1.0) if count else raised, order)


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted so that the share of false ones among discoveries stays below the level, for tests that are independent or
    hang together positively (Benjamini and Hochberg 1995)."""
    order = np.argsort(p_values, kind="stable")
    count = len(order)
    raised = np.asarray(p_values, float)[order] * count / np.arange(1, count + 1)
    return _restored(np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0), order)


def _restored(values: np.ndarray, order: np.ndarray) -> list[float]:
    found = np.empty(len(order))
    found[order] = values
    return [float(each) for each in found]
