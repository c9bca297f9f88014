"""How typical a company's industry, country, size and technologies are of the seeds, as odds.

For each attribute: log of (share of the value among the seeds / its share among all companies). The seeds' share leans
on the other one with a weight of PRIOR companies, so that three seeds prove little (a Dirichlet prior; naive Bayes with
the attributes taken as independent). What is unknown counts nought. A size lends half its weight to the bands beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.companies import SizeBand
from models_ml.similarity.dataset import Companies

Numbers = npt.NDArray[np.float64]

PRIOR = 5.0
NEIGHBOUR = 0.5
BANDS = tuple(SizeBand)
COVERED = 0.8
"""Share of the seeds that the values of a filter are chosen to cover."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute as numbers: `codes` is a place in `values`, -1 where it is unknown."""

    name: str
    values: tuple[str, ...]
    codes: npt.NDArray[np.int64]

    def shares(self, places: npt.NDArray[np.int64]) -> tuple[Numbers, float]:
        """How often each value occurs among these companies, and how many of them have one at all."""
        known = self.codes[places]
        known = known[known >= 0]
        return np.bincount(known, minlength=len(self.values)).astype(np.float64), float(len(known))


@dataclass(frozen=True, slots=True)
class Firmographics:
    """The attributes of all companies of an organization."""

    attributes: tuple[Attribute, ...]
    technologies: Mapping[str, npt.NDArray[np.int64]]
    """The companies that use each, where at least two do."""
    count: int

    @classmethod
    def of(cls, companies: Companies) -> Firmographics:
        attributes = (
            _coded("industry", [facts.industry.casefold().strip() for facts in companies.facts]),
            _coded("country", [facts.country.upper() for facts in companies.facts]),
            _coded("size", [band.value if band else "" for band in companies.bands], order=[band.value for band in BANDS]),
        )  # fmt: skip
        users: dict[str, list[int]] = {}
        for place, facts in enumerate(companies.facts):
            for name in facts.technologies:
                users.setdefault(name.casefold(), []).append(place)
        kept = {name: np.array(places) for name, places in sorted(users.items()) if len(places) > 1}
        return cls(attributes, kept, len(companies))

    def log_odds(self, seeds: npt.NDArray[np.int64]) -> Numbers:
        """For every company, how typical it is of the seeds; a seed is judged by the other seeds."""
        total = np.zeros(self.count)
        everybody = np.arange(self.count)
        is_seed = np.zeros(self.count, dtype=np.bool_)
        is_seed[seeds] = True
        for attribute in self.attributes:
            total += _attribute_odds(attribute, seeds, everybody, is_seed)
        for places in self.technologies.values():
            total[places] += _technology_odds(places, is_seed, len(seeds), self.count)
        return total

    def matches(self, seeds: npt.NDArray[np.int64]) -> Numbers:
        """What filters alone would say: how many of industry, country and size are among the commonest values of the
        seeds, as many values as cover 80 % of them."""
        total = np.zeros(self.count)
        for attribute in self.attributes:
            among, known = attribute.shares(seeds)
            if not known:
                continue
            order = np.argsort(-among, kind="stable")
            needed = int(np.searchsorted(np.cumsum(among[order]), COVERED * known)) + 1
            chosen = np.append(np.isin(np.arange(len(attribute.values)), order[:needed]), [False])
            total += chosen[attribute.codes]
        return total


def _coded(name: str, told: Sequence[str], order: Sequence[str] | None = None) -> Attribute:
    values = tuple(order or sorted({value for value in told if value}))
    place = {value: number for number, value in enumerate(values)}
    return Attribute(name, values, np.array([place.get(value, -1) for value in told], dtype=np.int64))


def _attribute_odds(
    attribute: Attribute,
    seeds: npt.NDArray[np.int64],
    everybody: npt.NDArray[np.int64],
    is_seed: npt.NDArray[np.bool_],
) -> Numbers:
    if not attribute.values:
        return np.zeros(len(everybody))
    among_all, known_all = attribute.shares(everybody)
    among_seeds, known_seeds = attribute.shares(seeds)
    kernel = np.eye(len(attribute.values))
    if attribute.name == "size":
        kernel += NEIGHBOUR * (np.eye(len(BANDS), k=1) + np.eye(len(BANDS), k=-1))
        kernel /= kernel.sum(axis=1, keepdims=True)
    base = (among_all @ kernel + 0.5) / (known_all + 0.5 * len(attribute.values))

    def odds(counted: Numbers, known: float | Numbers, share: Numbers) -> Numbers:
        return np.asarray(np.log((counted + PRIOR * share) / (known + PRIOR)) - np.log(share))

    by_value = odds(among_seeds @ kernel, known_seeds, base)
    own = np.diag(kernel)
    by_value_of_seed = odds(np.maximum(among_seeds @ kernel - own, 0.0), max(known_seeds - 1.0, 0.0), base)
    found = np.where(
        is_seed, np.append(by_value_of_seed, 0.0)[attribute.codes], np.append(by_value, 0.0)[attribute.codes]
    )
    return np.asarray(found, dtype=np.float64)


def _technology_odds(
    places: npt.NDArray[np.int64], is_seed: npt.NDArray[np.bool_], seed_count: int, count: int
) -> Numbers:
    base = len(places) / count
    users = float(is_seed[places].sum()) - is_seed[places]
    others = seed_count - is_seed[places].astype(np.float64)
    return np.asarray(np.log((users + PRIOR * base) / (others + PRIOR)) - np.log(base))


def commonest(values: Sequence[str], most: int) -> list[tuple[str, int]]:
    """The values told most often, with how often; ties in order of text."""
    told = Counter(value for value in values if value)
    return sorted(told.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
