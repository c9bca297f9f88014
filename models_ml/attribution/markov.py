"""Markov chains: a channel earns in proportion to the conversions that would be lost without it, exactly.

States of an order-k chain are the last k channels of a path; a path of fewer steps is one state of its own, as in the R
and Python package ChannelAttribution. From the start a path goes to its first state, from state to state, and into
conversion or null. With transition probabilities Q among states and r into conversion, conversions come with
probability h = (I - Q)^-1 r. Without channel c, everything that enters a state containing c is lost, so h_c solves the
same system on the other states alone, and the removal effect is 1 - h_c(start) / h(start). Credits are the effects,
normed to sum to all conversions (Anderl, Becker, von Wangenheim, Schumann: Mapping the customer journey, 2016).

Value: r is then the mean value of conversions out of a state, so that a channel earns the value that would be lost.

Where others differ. ChannelAttribution (`markov_model`) estimates these effects by simulation and scatters round the
exact ones; unless told otherwise (`max_step`) it also cuts simulated paths at the longest observed one, which lowers the
effects of order 1. marketing-attribution-models (`run_markov`) solves order 1 exactly and hands credit out journey by
journey: its `removal_effect` is `effects` here, its credits are those of `by_journey=True`. Reports use the latter: on
simulated agencies, whose true effects are known, it lies nearer to them than last touch does, and the former does not. Steps from a channel to itself
change no effect of order 1 (a loop is left sooner or later), so neither keeping nor dropping them matters there; for
higher orders they are kept: collapse them first (`exposure`) where they should not count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array, eye_array
from scipy.sparse.linalg import splu

from domain.errors import InvalidInput
from models_ml.attribution.credits import Credits
from models_ml.attribution.paths import Flags, Floats, Ints, Paths

Ints2 = np.ndarray[tuple[int, int], np.dtype[np.int64]]
HIGHEST_ORDER = 3
TABLE_CELLS = 1 << 22
"""Up to here things are counted in a table of all cells instead of sorted."""


def markov(paths: Paths, order: int = 1, *, by_journey: bool = False) -> Credits:
    """Removal effects of a chain of order 1 to 3, by sparse LU; credits sum to the conversions, values to the value.

    `by_journey`: each conversion, and its value, is shared among the steps of its own path in proportion to the effects
    of their channels; otherwise all conversions together among all channels. Without any conversion every credit is zero; a single channel earns everything. Raises InvalidInput for another
    order.
    """
    chain = _Chain.of(paths, order)
    whole = chain.expected(np.ones(chain.size, np.bool_))
    count = len(paths.channels)
    without = np.stack([chain.expected(~chain.holds(channel)) for channel in range(count)])
    # a value is lost like a conversion; where no conversion has one there is nothing to lose
    lost = np.divide(whole - without, whole, out=np.zeros((count, 2)), where=whole != 0)
    effects = np.clip(lost, 0.0, None)
    name = f"markov_{order}"
    if by_journey:
        raw = effects[paths.steps, 0]
        whole_path = np.bincount(paths.owners, weights=raw)[paths.owners]
        weights = np.divide(raw, whole_path, out=np.zeros(len(raw)), where=whole_path > 0)
        won, worth = (paths.totals(weights * numbers[paths.owners]) for numbers in (paths.conversions, paths.values))
        return Credits(name, paths.channels, won, worth, effects[:, 0])
    conversions = _normed(effects[:, 0], float(paths.conversions.sum()))
    values = _normed(effects[:, 1], float(paths.values.sum()))
    return Credits(name, paths.channels, conversions, values, effects[:, 0])


def _normed(effects: Floats, total: float) -> Floats:
    whole = effects.sum()
    return effects / whole * total if whole > 0 else np.zeros_like(effects)


def _numbered(keys: Ints, end: int) -> tuple[Ints, Ints]:
    """The different keys (below `end`) in order, and for each key its number among them."""
    if end > TABLE_CELLS:
        states, codes = np.unique(keys, return_inverse=True)
        return np.asarray(states, np.int64), np.asarray(codes, np.int64)
    is_there = np.zeros(end, np.bool_)
    is_there[keys] = True
    return np.flatnonzero(is_there), (np.cumsum(is_there) - 1)[keys]


def _counted(left: Ints, right: Ints, weights: Floats, size: int) -> csc_array:
    """The matrix of sums of weights; a table of all pairs where it is small, which is several times as fast."""
    if size * size > TABLE_CELLS:
        return csc_array((weights, (left, right)), shape=(size, size))
    table = np.bincount(left * size + right, weights=weights, minlength=size * size)
    return csc_array(table.reshape(size, size))


@dataclass(frozen=True, slots=True)
class Stays:
    """How paths run through the S states of a chain: one stay a state that a path is in, path after path.

    `members`: S × order channel numbers, -1 where a state is shorter. `states` and `owners`: the state and the path of
    each stay; `is_first` and `is_last`: whether it is the path's first, and its last.
    """

    members: Ints2
    states: Ints
    owners: Ints
    is_first: Flags
    is_last: Flags

    @classmethod
    def of(cls, paths: Paths, order: int) -> Stays:
        """A path shorter than `order` stays once. Raises InvalidInput for an order other than 1 to 3."""
        if order not in range(1, HIGHEST_ORDER + 1):
            raise InvalidInput(f"a Markov chain here has order 1 to {HIGHEST_ORDER}")
        width = len(paths.channels) + 1
        # a state is a number to the base of channels + 1, where the digit 0 means no channel
        digits = paths.steps + 1
        keys = digits.copy()
        position = paths.positions
        for back in range(1, order):
            keys[back:] += np.where(position[back:] >= back, digits[:-back], 0) * width**back
        # the states of a path begin with its first whole one, or with its last step where it is too short
        is_state = position >= (np.minimum(order, paths.lengths) - 1)[paths.owners]
        states, codes = _numbered(keys[is_state], width**order)
        owners = paths.owners[is_state]
        first = np.concatenate([[True], owners[1:] != owners[:-1]])
        members = np.stack([states // width**back % width - 1 for back in range(order)], axis=1)
        return cls(members, codes, owners, first, np.concatenate([first[1:], [True]]))

    @property
    def moves(self) -> tuple[Ints, Ints, Ints]:
        """Every step from one state to the next: where from, where to, and whose path."""
        goes_on, came = ~self.is_last[:-1], ~self.is_first[1:]
        return self.states[:-1][goes_on], self.states[1:][came], self.owners[1:][came]


class _Chain:
    """The chain of one order: transitions among S states, entries from the start, and exits into conversion."""

    def __init__(self, members: Ints2, moves: csc_array, entries: Floats, exits: Floats) -> None:
        self.members = members
        """S × k channel numbers, -1 where a state is shorter."""
        self.size = len(members)
        self._moves = moves
        self._entries = entries
        self._exits = exits

    @classmethod
    def of(cls, paths: Paths, order: int) -> _Chain:
        """Counts every path as often as it was taken. Errors as in `Stays.of`."""
        stays = Stays.of(paths, order)
        taken, size = paths.conversions + paths.nulls, len(stays.members)
        left, right, owners = stays.moves
        moves = _counted(left, right, taken[owners], size)
        ends = stays.states[stays.is_last]
        leaving = moves.sum(axis=1) + np.bincount(ends, weights=taken, minlength=size)
        # what nobody took leads nowhere
        share = np.divide(1.0, leaving, out=np.zeros(size), where=leaving > 0)
        exits = np.stack(
            [np.bincount(ends, weights=won, minlength=size) * share for won in (paths.conversions, paths.values)],
            axis=1,
        )
        entries = np.bincount(stays.states[stays.is_first], weights=taken, minlength=size)
        scaled = csc_array(moves.multiply(share[:, None]))
        return cls(stays.members, scaled, entries / max(entries.sum(), 1.0), exits)

    def holds(self, channel: int) -> Flags:
        """Which states contain a channel."""
        return np.asarray((self.members == channel).any(axis=1))

    def expected(self, alive: Flags) -> Floats:
        """Conversions and value that a journey brings on average, where only these states are there."""
        kept = np.flatnonzero(alive)
        if not len(kept):
            return np.zeros(2)
        system = csc_array(eye_array(len(kept), format="csc") - self._moves[kept][:, kept])
        return np.asarray(self._entries[kept] @ splu(system).solve(self._exits[kept]))
