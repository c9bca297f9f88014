"""The same paths counted anew, many times at once: what Markov chains and Shapley values would have said of other samples.

A credit is a number from one sample of journeys. To see how far chance moves it, journeys are drawn anew and the models
are solved again. Paths, states and games stay the same and only their counts change, so what can be counted beforehand is
(which path makes which move how often, which sets lie within which), and a replicate is a product of matrices.

Without a channel the chain is a part of the whole one, whose solution follows from the whole one's inverse N: for the
states k that stay and c that go, (A_kk)^-1 = N_kk - N_kc (N_cc)^-1 N_ck. So a replicate costs one inverse for all channels.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from models_ml.attribution.markov import Stays
from models_ml.attribution.paths import Floats, Ints, Paths
from models_ml.attribution.shapley import Floats2, channel_sets, games, members_of, players_of

Floats3 = np.ndarray[tuple[int, int, int], np.dtype[np.float64]]
CELLS = 1 << 23
"""Numbers in one block of inverses: 64 MB."""


def _counts(rows: Ints, columns: Ints, shape: tuple[int, int]) -> csr_array:
    """How often each pair occurs."""
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)


class ManyChains:
    """Markov chains of one order over P paths of C channels, for R ways to count these paths."""

    def __init__(self, paths: Paths, order: int) -> None:
        stays, count = Stays.of(paths, order), len(paths.conversions)
        self._members, self._channels = stays.members, len(paths.channels)
        self.size = len(stays.members)
        left, right, owners = stays.moves
        pairs, codes = np.unique(left * self.size + right, return_inverse=True)
        self._left, self._right = pairs // self.size, pairs % self.size
        self._moves = _counts(codes, owners, (len(pairs), count))
        every = np.arange(count)
        self._entries = _counts(stays.states[stays.is_first], every, (self.size, count))
        self._ends = _counts(stays.states[stays.is_last], every, (self.size, count))
        self._touches = _counts(paths.steps, paths.owners, (self._channels, count))

    def credits(self, conversions: Floats2, nulls: Floats2) -> Floats2:
        """C × R conversions, each shared among the steps of its path by the removal effects of their channels, as
        `markov(..., by_journey=True)` does. Both counts: P × R."""
        effects = np.hstack([self._effects(*part) for part in self._blocks(conversions, nulls)])
        whole = self._touches.T @ effects
        each = np.divide(conversions, whole, out=np.zeros_like(whole), where=whole > 0)
        return np.asarray(effects * (self._touches @ each))

    def _blocks(self, conversions: Floats2, nulls: Floats2) -> list[tuple[Floats2, Floats2]]:
        width = max(CELLS // self.size**2, 1)
        starts = range(0, conversions.shape[1], width)
        return [(conversions[:, at : at + width], nulls[:, at : at + width]) for at in starts]

    def _effects(self, conversions: Floats2, nulls: Floats2) -> Floats2:
        """C × R removal effects."""
        taken = conversions + nulls
        moves, ends = self._moves @ taken, self._ends @ taken
        leaving = ends.copy()
        np.add.at(leaving, self._left, moves)
        share = np.divide(1.0, leaving, out=np.zeros_like(leaving), where=leaving > 0)
        system = np.broadcast_to(np.eye(self.size), (taken.shape[1], self.size, self.size)).copy()
        system[:, self._left, self._right] -= (moves * share[self._left]).T
        exits = ((self._ends @ conversions) * share).T
        entries = (self._entries @ taken).T
        inverse = np.asarray(np.linalg.inv(system), np.float64)
        reached = np.einsum("rij,rj->ri", inverse, exits)
        visits = np.einsum("ri,rij->rj", entries, inverse)
        whole = (entries * reached).sum(axis=1)
        without = np.stack(
            [
                self._without(channel, inverse, entries, exits, reached, visits, whole)
                for channel in range(self._channels)
            ]
        )
        lost = np.divide(whole - without, whole, out=np.zeros_like(without), where=whole > 0)
        return np.asarray(np.clip(lost, 0.0, None))

    def _without(
        self, channel: int, inverse: Floats3, entries: Floats2,
        exits: Floats2, reached: Floats2, visits: Floats2, whole: Floats,
    ) -> Floats:  # fmt: skip
        """The conversions that are left where everything that comes into a state with the channel is lost."""
        gone = np.flatnonzero((self._members == channel).any(axis=1))
        inner = inverse[:, gone[:, None], gone[None, :]]
        into = visits[:, gone] - np.einsum("ri,rij->rj", entries[:, gone], inner)
        back = reached[:, gone] - np.einsum("rij,rj->ri", inner, exits[:, gone])
        kept = whole - (entries[:, gone] * reached[:, gone]).sum(axis=1) - (into * exits[:, gone]).sum(axis=1)
        solved = np.linalg.solve(inner, back[:, :, None])[:, :, 0]
        return np.asarray(kept - (into * solved).sum(axis=1))


class ManyGames:
    """Shapley values of the game `rate` over P paths, for R ways to count them. Only paths that converted once can
    convert in another sample."""

    def __init__(self, paths: Paths) -> None:
        players, _ = players_of(paths)
        self.channels = players.channels
        sets, codes = channel_sets(players)
        self._sets, count = len(sets), len(paths.conversions)
        self._paths = _counts(codes, np.arange(count), (self._sets, count))
        member = members_of(sets, len(players.channels))
        worth = np.flatnonzero(self._paths @ paths.conversions > 0)
        rows, columns, earned = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0)]
        for row, inside, each in games(sets, member, worth):
            of = np.flatnonzero(member[row])
            rows.append(np.tile(of * self._sets + row, len(inside)))
            columns.append(np.repeat(inside, len(of)))
            earned.append(each.ravel())
        shape = (len(players.channels) * self._sets, self._sets)
        places = (np.concatenate(rows), np.concatenate(columns))
        self._earned = csr_array((np.concatenate(earned), places), shape=shape)

    def credits(self, conversions: Floats2, nulls: Floats2) -> Floats2:
        """C × R conversions, for the players in `channels`."""
        won, lost = self._paths @ conversions, self._paths @ nulls
        journeys = won + lost
        rates = np.divide(won, journeys, out=np.zeros_like(won), where=journeys > 0)
        values = (self._earned @ rates).reshape(len(self.channels), self._sets, -1)
        return np.asarray((values * np.where(won > 0, journeys, 0.0)).sum(axis=1))
