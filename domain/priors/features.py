"""What is counted: a few coarse things that mean the same for every client, and nothing that names anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

FEATURES: Mapping[str, str] = {
    "source": "Source of the record",
    "first_touch_channel": "First came through",
    "email_domain_type": "Kind of e-mail address",
    "seniority": "Seniority, by job title",
    "company_size": "Size of the company",
    "country": "Country",
}
"""Name to label, in the order of a `Levels`."""

UNKNOWN = "unknown"
Levels = tuple[str, ...]
"""One level for each of FEATURES."""
Cell = tuple[str, str]
"""A feature and one of its levels."""
EVERYBODY: Cell = ("", "")


@dataclass(frozen=True, slots=True)
class Count:
    """People whose outcome is known, and how many came to the good one."""

    people: int = 0
    good: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.people + other.people, self.good + other.good)


NOBODY = Count()


@dataclass(frozen=True)
class Tally:
    """One client's people with a known outcome, counted by their levels. `outcome`: what was counted as good."""

    outcome: str
    by_levels: Mapping[Levels, Count]

    @cached_property
    def cells(self) -> Mapping[Cell, Count]:
        """The same, by each feature alone, and of everybody."""
        found: dict[Cell, Count] = {}
        for levels, count in self.by_levels.items():
            for cell in (EVERYBODY, *zip(FEATURES, levels, strict=True)):
                found[cell] = found.get(cell, NOBODY) + count
        return found
