"""Paths of channels as the flows of a sankey: where journeys begin, through what they go, how they end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

SEPARATOR = " > "
OTHER = "Other channels"


def collapsed(path: str) -> list[str]:
    """The channels of a path, those in a row once."""
    steps = path.split(SEPARATOR)
    return [step for place, step in enumerate(steps) if place == 0 or step != steps[place - 1]]


def flows(
    paths: Iterable[tuple[str, int]], end: str, *, columns: int = 4, most_channels: int = 7
) -> tuple[list[tuple[str, str, float]], dict[str, str]]:
    """(from, to, conversions) between the last `columns` steps of converting paths and `end`, and the name of each node.

    A node is a channel at its distance from the conversion, so that no flow runs backwards; the least used channels are
    one, `Other channels`.
    """
    found: Sequence[tuple[list[str], int]] = [(collapsed(path)[-columns:], count) for path, count in paths]
    used: Counter[str] = Counter()
    for steps, count in found:
        for step in steps:
            used[step] += count
    shown = {name for name, _ in sorted(used.items(), key=lambda item: (-item[1], item[0]))[:most_channels]}
    totals: Counter[tuple[str, str]] = Counter()
    names = {end: end}
    for steps, count in found:
        keys = []
        for place, step in enumerate(steps):
            name = step if step in shown else OTHER
            key = f"{len(steps) - place}|{name}"
            names[key] = name
            keys.append(key)
        for source, target in zip(keys, [*keys[1:], end], strict=True):
            totals[source, target] += count
    return [(source, target, float(count)) for (source, target), count in sorted(totals.items())], names
