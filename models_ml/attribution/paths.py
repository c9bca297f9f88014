"""Paths of channels with how often they ended in a conversion, and the ways to shorten them.

The door for anybody's data: `Paths.of(rows)` for rows in Python, `Paths.of_text(...)` for columns of text as other
packages take them. A channel may have any name, `(start)` and `(conversion)` too: inside, channels are numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from domain.errors import InvalidInput

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]

DIRECT = "Direct"


@dataclass(frozen=True)
class Paths:
    """P paths over C channels; path p is `steps[offsets[p]:offsets[p + 1]]`, at least one step.

    `channels`: C names, sorted. `steps`: channel numbers. `conversions`, `nulls`: how many journeys took the path and
    converted, or did not; they need not be whole. `values`: the value of a path's conversions together.
    """

    channels: tuple[str, ...]
    steps: Ints
    offsets: Ints
    conversions: Floats
    nulls: Floats
    values: Floats

    @classmethod
    def of(cls, rows: Iterable[tuple[Sequence[str], float, float, float]]) -> Self:
        """From (channels in order, conversions, value, journeys without a conversion) a row.

        Rows may repeat a path. Raises InvalidInput for a path without a channel, a number below zero (a value may be),
        one that is none, and where there is no row.
        """
        found = list(rows)
        lists = pa.array([list(path) for path, _, _, _ in found], pa.list_(pa.string()))
        conversions, values, nulls = (np.array([row[place] for row in found], float) for place in (1, 2, 3))
        return cls.of_arrow(lists, conversions, values, nulls)

    @classmethod
    def of_text(
        cls,
        paths: Sequence[str] | pa.Array | pa.ChunkedArray,
        conversions: Any,
        values: Any = None,
        nulls: Any = None,
        *,
        separator: str = ">",
    ) -> Self:
        """From columns as ChannelAttribution and marketing-attribution-models take them: `A > B > B`.

        Blanks round a channel do not count. Without `values` a conversion is worth 1; without `nulls` every journey
        converted. Errors as in `of`.
        """
        column = paths.combine_chunks() if isinstance(paths, pa.ChunkedArray) else pa.array(paths, pa.string())
        lists = pc.split_pattern(column, separator.strip() or separator)
        count = len(lists)
        converted = np.asarray(conversions, float)
        worth = converted if values is None else np.asarray(values, float)
        return cls.of_arrow(lists, converted, worth, np.zeros(count) if nulls is None else np.asarray(nulls, float))

    @classmethod
    def of_arrow(cls, lists: pa.ListArray, conversions: Floats, values: Floats, nulls: Floats) -> Self:
        """From an Arrow list of channels a path, and three numbers a path. Errors as in `of`."""
        if len(lists) == 0:
            raise InvalidInput("attribution needs at least one path")
        for name, numbers in (("conversions", conversions), ("values", values), ("nulls", nulls)):
            if numbers.shape != (len(lists),):
                raise InvalidInput(f"{name}: one number a path is needed, {len(lists)} in all")
            wrong = ~np.isfinite(numbers) if name == "values" else ~(np.isfinite(numbers) & (numbers >= 0))
            if wrong.any():
                raise InvalidInput(f"{name} of path {int(wrong.argmax()) + 1} is no number, or below zero")
        lengths = np.asarray(pc.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False), np.int64)
        names = pc.utf8_trim_whitespace(lists.flatten())
        encoded = names.dictionary_encode()
        missing = pc.or_kleene(pc.is_null(names), pc.equal(names, ""))
        empty = np.asarray(missing.to_numpy(zero_copy_only=False), np.bool_)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        bad = lengths == 0
        bad[np.searchsorted(offsets, np.flatnonzero(empty), side="right") - 1] = True
        if bad.any():
            raise InvalidInput(
                f"path {int(bad.argmax()) + 1} has a step without a channel",
                hint="Leave out paths without a touch, or name them (Leadhouse credits them to Unassigned).",
            )
        known = encoded.dictionary.to_pylist()
        order = sorted(range(len(known)), key=known.__getitem__)
        place = np.empty(len(known), np.int64)
        place[order] = np.arange(len(known))
        steps = place[np.asarray(encoded.indices.to_numpy(zero_copy_only=False), np.int64)]
        return cls(tuple(known[old] for old in order), steps, offsets, conversions, nulls, values)

    @cached_property
    def lengths(self) -> Ints:
        """Steps of each path."""
        return np.diff(self.offsets)

    @cached_property
    def owners(self) -> Ints:
        """The path of each step."""
        return np.repeat(np.arange(len(self.conversions)), self.lengths)

    @cached_property
    def positions(self) -> Ints:
        """Each step's place in its path, from 0."""
        return np.arange(len(self.steps)) - self.offsets[:-1][self.owners]

    def keeping(self, kept: Flags) -> Paths:
        """The same paths with only these steps; each path must keep one."""
        lengths = np.bincount(self.owners[kept], minlength=len(self.conversions))
        return replace(self, steps=self.steps[kept], offsets=np.concatenate([[0], np.cumsum(lengths)]))

    def totals(self, weights: Floats) -> Floats:
        """Sum over steps of a weight a step, by channel."""
        return np.asarray(np.bincount(self.steps, weights=weights, minlength=len(self.channels)), np.float64)


def transformed(paths: Paths, *names: str, direct: str = DIRECT) -> Paths:
    """The paths after the named transforms, in order: see TRANSFORMS. Raises InvalidInput for a name there is not."""
    for name in names:
        if name not in TRANSFORMS:
            raise InvalidInput(f"no path transform {name!r}; there are {', '.join(TRANSFORMS)}")
        paths = TRANSFORMS[name](paths, direct)
    return paths


def last_steps(paths: Paths, most: int) -> Paths:
    """A look-back in steps: the last `most` of each path. Raises InvalidInput below one."""
    if most < 1:
        raise InvalidInput("a look-back has at least one step")
    from_the_end = np.repeat(paths.offsets[1:], paths.lengths) - np.arange(len(paths.steps))
    return paths.keeping(from_the_end <= most)


def _unchanged(paths: Paths, direct: str) -> Paths:
    del direct
    return paths


def _exposure(paths: Paths, direct: str) -> Paths:
    del direct
    kept = np.ones(len(paths.steps), np.bool_)
    kept[1:] = (paths.steps[1:] != paths.steps[:-1]) | (paths.owners[1:] != paths.owners[:-1])
    return paths.keeping(kept)


def _first(paths: Paths, direct: str) -> Paths:
    del direct
    return paths.keeping(_occurrence(paths, np.arange(len(paths.steps))))


def _last(paths: Paths, direct: str) -> Paths:
    del direct
    return paths.keeping(_occurrence(paths, -np.arange(len(paths.steps))))


def _occurrence(paths: Paths, rank: Ints) -> Flags:
    """For each path and channel, the step of lowest rank."""
    keys = paths.owners * len(paths.channels) + paths.steps
    order = np.lexsort((rank, keys))
    kept = np.zeros(len(order), np.bool_)
    kept[order[np.concatenate([[True], keys[order][1:] != keys[order][:-1]])]] = True
    return kept


def _without_direct(paths: Paths, direct: str) -> Paths:
    if direct not in paths.channels:
        return paths
    other = paths.steps != paths.channels.index(direct)
    has_other = np.bincount(paths.owners[other], minlength=len(paths.conversions)) > 0
    return paths.keeping(other | ~has_other[paths.owners])


TRANSFORMS: dict[str, Callable[[Paths, str], Paths]] = {
    "unique": _unchanged,
    "exposure": _exposure,
    "remove_consecutive_duplicates": _exposure,
    "first": _first,
    "last": _last,
    "remove_direct": _without_direct,
}
"""`D A B B C D C C` becomes, by `unique` (every touch counts): itself; `exposure`, also called
`remove_consecutive_duplicates`: `D A B C D C`; `first` (the first of each channel): `D A B C`; `last`: `A B D C`;
`remove_direct`: without the channel Direct, unless the path has no other. The names are those of Google's
fractribution."""
