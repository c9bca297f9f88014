"""Chance that is drawn once and can be drawn again: a hash of what it is about."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def chance(*seed: str) -> float:
    """A number from 0 up to, not including, 1: the same for the same seed, spread evenly over others."""
    digest = hashlib.sha256("\x00".join(seed).encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def drawn(weights: Sequence[float], mark: float) -> int:
    """Which of the parts a mark from 0 to 1 falls on, each as wide as its weight; parts without weight are never drawn."""
    left = mark * sum(weights)
    for place, weight in enumerate(weights):
        left -= weight
        if left < 0:
            return place
    return max(place for place, weight in enumerate(weights) if weight > 0)
