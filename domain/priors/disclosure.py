"""What may be told of other clients: only what enough of them stand behind, and no single one for the most part.

A cell (a feature's level, or everybody) is told to a client only if, that client itself left out,

- at least `least_clients` clients have `LEAST_OF_EACH` people or more in it (the threshold rule),
- at least `least_people` people are in it,
- no client has more than `most_share` of them (the dominance rule), and
- it cannot be had as a remainder: where one level alone of a feature would be kept back, the smallest of the others is too
  (complementary suppression).

Threshold, dominance and complementary suppression are how statistical offices keep tables: Hundepool and others,
Statistical Disclosure Control, Wiley 2012, chapter 4. What is told is not these counts either, but rounded rates made of
them (`domain.priors.estimating`); docs/how-to/score-leads.md says what that protects and what it does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.priors.features import EVERYBODY, NOBODY, Cell, Tally

LEAST_OF_EACH = 5
"""People below which a client does not count as one that stands behind a cell."""
Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rules:
    """How many must stand behind what is told; `most_share` of 1 is a share."""

    least_clients: int = 3
    least_people: int = 50
    most_share: float = 0.6


@dataclass(frozen=True, slots=True)
class Pool:
    """Counts of other clients, one row each, without their names; a column for each cell that may be told, everybody first."""

    cells: tuple[Cell, ...]
    people: Counts
    good: Counts

    @property
    def client_counts(self) -> list[int]:
        """How many clients stand behind each cell."""
        return [int(count) for count in (self.people >= LEAST_OF_EACH).sum(axis=0)]

    @property
    def people_counts(self) -> list[int]:
        return [int(count) for count in self.people.sum(axis=0)]


def others_of(tallies: Mapping[str, Tally], reader: str, outcome: str) -> list[Tally]:
    """The tallies that others gave who have people and count the reader's outcome, in an order that says nothing of names."""
    theirs = [
        tally for client, tally in tallies.items() if client != reader and tally.outcome == outcome and tally.by_levels
    ]
    return sorted(theirs, key=lambda tally: (tally.cells[EVERYBODY].people, tally.cells[EVERYBODY].good))


def pool(tallies: Mapping[str, Tally], reader: str, outcome: str, rules: Rules) -> Pool | None:
    """What `reader` may be told of those who gave `tallies` (by client id); None where too few stand behind everybody.

    What the reader gave itself is never in it, so it can take nothing away from what it is told.
    """
    counted = [tally.cells for tally in others_of(tallies, reader, outcome)]
    cells = sorted({cell for each in counted for cell in each})
    people = np.array([[each.get(cell, NOBODY).people for cell in cells] for each in counted], dtype=np.float64)
    good = np.array([[each.get(cell, NOBODY).good for cell in cells] for each in counted], dtype=np.float64)
    if not cells or not may_be_told(people[:, cells.index(EVERYBODY)], rules):
        return None
    told = {cell: may_be_told(people[:, place], rules) for place, cell in enumerate(cells)}
    sizes = dict(zip(cells, people.sum(axis=0), strict=True))
    for feature in {feature for feature, _ in cells} - {EVERYBODY[0]}:
        levels = [cell for cell in cells if cell[0] == feature]
        shown = [cell for cell in levels if told[cell]]
        if shown and len(levels) - len(shown) == 1:
            told[min(shown, key=lambda cell: (sizes[cell], cell))] = False
    kept = [place for place, cell in enumerate(cells) if told[cell]]
    return Pool(tuple(cells[place] for place in kept), people[:, kept], good[:, kept])


def may_be_told(people: Counts, rules: Rules) -> bool:
    """Whether a cell with so many people of each client may be told."""
    total = float(people.sum())
    return (
        int((people >= LEAST_OF_EACH).sum()) >= rules.least_clients
        and total >= rules.least_people
        and float(people.max(initial=0.0)) <= rules.most_share * total
    )
