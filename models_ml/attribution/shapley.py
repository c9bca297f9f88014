"""Shapley values: channels as players of a game whose worth is read off the channel sets that were observed.

Two games, both exact:

`conversions` (Zhao, Mahboobi, Bagheri: Shapley value methods for attribution modeling in online advertising, 2018):
a coalition S is worth the conversions of all journeys that used no channel outside S. That is a sum of unanimity games,
one an observed set, so the Shapley value has a closed form: each set's conversions are split evenly among its members.

`rate` (marketing-attribution-models, `run_shapley(value_column="conv_rate")`): each observed set T with a conversion plays
a game of its own, in which S, a part of T, is worth the conversion rate of the journeys that used exactly S, or zero
where nobody converted so. T's values sum to its rate, hence to its conversions once multiplied by its journeys. A channel
that lowers the rate of those who use it earns less than zero. That package cuts each set to its alphabetically last
`max_size` channels (4); here a set is whole, and both agree where no set is larger.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import factorial

import numpy as np

from domain.errors import InvalidInput
from models_ml.attribution.credits import Credits
from models_ml.attribution.paths import Floats, Ints, Paths

Flags2 = np.ndarray[tuple[int, int], np.dtype[np.bool_]]
Floats2 = np.ndarray[tuple[int, int], np.dtype[np.float64]]
GAMES = ("conversions", "rate")
MOST_CHANNELS = 20
GROUP = "Other channels"


def shapley(paths: Paths, game: str = "rate", *, most_channels: int = MOST_CHANNELS) -> Credits:
    """Shapley values of the channels; credits sum to the conversions, values to the value (split as the conversions of
    each set are).

    Beyond `most_channels` channels, those with the fewest conversions are one player, `Other channels`, and named in
    `grouped`. Without any conversion every credit is zero. Raises InvalidInput for a game there is not, and for more
    than 63 players.
    """
    if game not in GAMES:
        raise InvalidInput(f"no game {game!r}; there are {', '.join(GAMES)}")
    if not 1 <= most_channels <= 63:
        raise InvalidInput("a game has 1 to 63 players")
    players, grouped = players_of(paths, most_channels)
    sets, conversions, journeys, values = _observed(players)
    count = len(players.channels)
    member = members_of(sets, count)
    if game == "conversions":
        parts = member / member.sum(axis=1, keepdims=True)
    else:
        parts = _rate_parts(sets, member, np.divide(conversions, journeys, out=np.zeros(len(sets)), where=journeys > 0))
    earned = conversions @ parts
    return Credits(f"shapley_{game}", players.channels, earned, values @ parts, earned, grouped)


def players_of(paths: Paths, most: int = MOST_CHANNELS) -> tuple[Paths, tuple[str, ...]]:
    """The paths with the least converting channels taken as one, and the names of those."""
    count = len(paths.channels)
    if count <= most:
        return paths, ()
    touched = paths.totals(paths.conversions[paths.owners])
    # equal ones in order of their names, so that the same data always group the same way
    rest = sorted(np.lexsort((np.arange(count), -touched))[most - 1 :].tolist())
    names = sorted([*(name for place, name in enumerate(paths.channels) if place not in rest), GROUP])
    if len(set(names)) < len(names):
        raise InvalidInput(f"a channel is named {GROUP!r}, which is the name of the group")
    moved = np.array([names.index(GROUP if place in rest else name) for place, name in enumerate(paths.channels)])
    return replace(paths, channels=tuple(names), steps=moved[paths.steps]), tuple(paths.channels[one] for one in rest)


def _observed(paths: Paths) -> tuple[Ints, Floats, Floats, Floats]:
    """Each set of channels once, as bits: conversions, journeys and value."""
    sets, codes = channel_sets(paths)
    count = len(sets)
    conversions, nulls, values = (
        np.asarray(np.bincount(codes, weights=weights, minlength=count), np.float64)
        for weights in (paths.conversions, paths.nulls, paths.values)
    )
    return sets, conversions, np.asarray(conversions + nulls), values


def channel_sets(paths: Paths) -> tuple[Ints, Ints]:
    """Each set of channels once, as bits, and the number of each path's set among them."""
    bits = np.bitwise_or.reduceat(np.left_shift(np.int64(1), paths.steps), paths.offsets[:-1])
    sets, codes = np.unique(bits, return_inverse=True)
    return np.asarray(sets, np.int64), np.asarray(codes, np.int64)


def members_of(sets: Ints, count: int) -> Flags2:
    """Which of `count` channels are in each set."""
    return np.asarray((sets[:, None] >> np.arange(count)) & 1 == 1)


def _rate_parts(sets: Ints, member: Flags2, rates: Floats) -> Floats2:
    """For each set, how the worth of its own game is split: rows sum to one where the set has a conversion."""
    parts = np.zeros(member.shape)
    for row, inside, earned in games(sets, member, np.flatnonzero(rates > 0)):
        parts[row, member[row]] = rates[inside] @ earned / rates[row]
    return parts


def games(sets: Ints, member: Flags2, worth: Ints) -> Iterator[tuple[int, Ints, Floats2]]:
    """The game of each set in `worth` (numbers of sets with a conversion): its number, the sets within it that are worth
    something, and what the members of the one earn for each unit of worth of the others, |sets within| × |members|."""
    size = member.sum(axis=1)
    for row in worth.tolist():
        whole = int(size[row])
        inside = worth[(sets[worth] & ~sets[row]) == 0]
        smaller = size[inside]
        # i in S: (s-1)! (t-s)! / t!; i in T without S: -s! (t-s-1)! / t!
        joins = np.array([factorial(s - 1) * factorial(whole - s) / factorial(whole) for s in range(1, whole + 1)])
        leaves = np.array([factorial(s) * factorial(whole - s - 1) / factorial(whole) for s in range(1, whole)] + [0.0])
        is_in = member[inside][:, member[row]]
        yield row, inside, np.where(is_in, joins[smaller - 1][:, None], -leaves[smaller - 1][:, None])
