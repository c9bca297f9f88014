"""Chance without a state: every draw is a function of seed, name and key, so no order, chunk or machine changes a world.

What happens to somebody is the same draw in every world of a seed: a world with one channel less differs by that channel
alone (common random numbers). The mixing function is the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]
Bools = NDArray[np.bool_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


class Chance:
    """Draws of one scope, such as a client of a world: `Chance(7, "brightside-studio").uniform("country", firms)`."""

    def __init__(self, seed: int, *scope: str) -> None:
        self._scope = ":".join((str(seed), *scope))

    def bits(self, name: str, keys: ArrayLike) -> Keys:
        """64 even bits a key; `keys` are whole numbers of 0 or more (one alone is a list of one)."""
        digest = hashlib.blake2b(f"{self._scope}:{name}".encode(), digest_size=16).digest()
        salt, pepper = np.frombuffer(digest, dtype=np.uint64)
        return _mixed(_mixed(np.atleast_1d(keys).astype(np.uint64) * _GOLDEN + salt) ^ pepper)

    def uniform(self, name: str, keys: ArrayLike) -> Floats:
        """Above 0 and below 1."""
        return ((self.bits(name, keys) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53

    def happens(self, name: str, keys: ArrayLike, probability: ArrayLike) -> Bools:
        """True with the probability of each key."""
        return np.asarray(self.uniform(name, keys) < probability)

    def normal(self, name: str, keys: ArrayLike) -> Floats:
        """Mean 0, deviation 1 (Box and Muller)."""
        radius = np.sqrt(-2.0 * np.log(self.uniform(f"{name}/radius", keys)))
        return np.asarray(radius * np.cos(2.0 * np.pi * self.uniform(f"{name}/angle", keys)))

    def exponential(self, name: str, keys: ArrayLike, mean: ArrayLike = 1.0) -> Floats:
        return np.asarray(-np.log(self.uniform(name, keys)) * mean)

    def choice(self, name: str, keys: ArrayLike, weights: Sequence[float] | Floats) -> Ints:
        """Positions in `weights`, each as often as its weight says."""
        return pick(self.uniform(name, keys), weights)

    def below(self, name: str, keys: ArrayLike, limit: int) -> Ints:
        """Whole numbers from 0 to `limit` - 1."""
        return np.asarray((self.uniform(name, keys) * limit).astype(np.int64))


def pick(uniform: Floats, weights: Sequence[float] | Floats) -> Ints:
    """Positions in `weights` for numbers between 0 and 1."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.asarray(np.searchsorted(edges[:-1] / edges[-1], uniform, side="right").astype(np.int64))


def _mixed(values: Keys) -> Keys:
    values = (values ^ (values >> np.uint64(30))) * _FIRST
    values = (values ^ (values >> np.uint64(27))) * _SECOND
    return values ^ (values >> np.uint64(31))
