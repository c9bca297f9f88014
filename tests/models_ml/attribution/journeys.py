"""Journeys to try models on: drawn ones, those of other packages' manuals, and chains solved the slow way."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise, permutations
from math import factorial

import numpy as np
from hypothesis import strategies as st

from models_ml.attribution.paths import Paths

Row = tuple[list[str], float, float, float]

MANUAL = [
    ("A > B > C", 3, 30.0, 5),
    ("A > A > B", 2, 10.0, 1),
    ("B", 1, 7.0, 2),
    ("C > A > B > A", 4, 100.0, 0),
    ("A", 0, 0.0, 3),
]
"""Small enough to be checked by hand; `test_markov` and `test_shapley` say what the other packages answer."""

GROUPED = [("a > a > b", 2, 1), ("b > a", 1, 3), ("c > b", 0, 6)]
"""The worked example of DP6's manual: path, conversions, journeys without one; thirteen journeys in all."""

channels = st.sampled_from(["Direct", "Email", "Paid Search", "(start)", "(conversion)", "(null)"])
rows = st.lists(
    st.tuples(st.lists(channels, min_size=1, max_size=7), st.integers(0, 5), st.integers(0, 900), st.integers(0, 5)),
    min_size=1,
    max_size=12,
).map(lambda found: [(path, won, value if won else 0, lost) for path, won, value, lost in found])
"""Paths with conversions, value and journeys that failed; channels may be named like states of a chain."""


def manual() -> Paths:
    text, won, worth, lost = zip(*MANUAL, strict=True)
    return Paths.of_text(text, won, worth, lost)


def dense_removal_effects(found: list[Row], order: int) -> dict[str, float]:
    """Removal effects by a dense chain over tuples, built the way one would explain it on paper."""
    moves: dict[object, dict[object, float]] = defaultdict(lambda: defaultdict(float))
    for path, won, _, lost in found:
        width = min(order, len(path))
        states = [tuple(path[end - width : end]) for end in range(width, len(path) + 1)]
        walk = ["start", *states]
        for here, there in pairwise(walk):
            moves[here][there] += won + lost
        moves[walk[-1]]["won"] += won
        moves[walk[-1]]["lost"] += lost
    names = sorted({channel for path, *_ in found for channel in path})
    whole = _wins(moves, None)
    return {name: 1 - _wins(moves, name) / whole if whole else 0.0 for name in names}


def _wins(moves, without: str | None) -> float:
    states = [state for state in moves if state == "start" or without not in state]
    place = {state: number for number, state in enumerate(states)}
    steps, wins = np.eye(len(states)), np.zeros(len(states))
    for state in states:
        total = sum(moves[state].values())
        for there, count in moves[state].items():
            if total and there in place:
                steps[place[state], place[there]] -= count / total
            elif total and there == "won":
                wins[place[state]] += count / total
    return float(np.linalg.solve(steps, wins)[place["start"]])


def shapley_by_permutations(names: list[str], worth) -> dict[str, float]:
    """The definition: what each player adds on joining, over all orders of joining."""
    earned = dict.fromkeys(names, 0.0)
    for order in permutations(names):
        joined: set[str] = set()
        for name in order:
            before = worth(frozenset(joined))
            joined.add(name)
            earned[name] += worth(frozenset(joined)) - before
    return {name: value / factorial(len(names)) for name, value in earned.items()}
