"""Why a company looks like one of ours: what it shares with the seed it is closest to, in words, the most telling first."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable

from domain.companies import CompanyFacts, SizeBand, path_words
from models_ml.similarity.dataset import Companies

COMMON = 0.2
"""Words that more companies than this share say nothing."""
SHARED_WORDS = 4
_WORD = re.compile(r"[^\W\d_]{3,}")
_FILLER = frozenset(
    [
        "the",
        "and",
        "for",
        "with",
        "from",
        "that",
        "this",
        "our",
        "your",
        "are",
        "their",
        "people",
        "uses",
        "interested",
        "company",
        "companies",
    ]
)


class Words:
    """In how many companies' texts each word stands."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._count: Counter[str] = Counter()
        self._total = 0
        for text in texts:
            self._count.update(_words(text))
            self._total += 1

    def shared(self, one: str, other: str, without: frozenset[str]) -> list[str]:
        """Words in both texts, the rarest first; not those that a fifth of all companies share."""
        both = (_words(one) & _words(other)) - without
        telling = [word for word in both if self._count[word] <= max(2, COMMON * self._total)]
        return sorted(telling, key=lambda word: (-math.log(self._total / self._count[word]), word))[:SHARED_WORDS]


def reasons(companies: Companies, words: Words, place: int, seed: int) -> list[str]:
    """What the two have in common; says so where it is nothing that could be named."""
    one, other = companies.facts[place], companies.facts[seed]
    found = [*_industry(one, other), *_size(one, other), *_country(one, other), *_technologies(one, other)]
    found += _titles(one, other) + _pages(one, other)
    said = frozenset(word for text in (one.industry, *one.titles, *one.technologies) for word in _words(text))
    read = frozenset(word for path in one.page_paths for word in path_words(path))
    if shared := words.shared(companies.texts[place], companies.texts[seed], said | read):
        found.append(f"Shared words: {', '.join(shared)}")
    return found or ["Described in similar words"]


def summary(companies: Companies, place: int, seed: int) -> str:
    """One line: `Like Alpine Logistics: logistics, 120 and 95 employees, DE`."""
    one, other = companies.facts[place], companies.facts[seed]
    parts = [one.industry.lower()] if _industry(one, other) else []
    if _size(one, other):
        parts.append(f"{one.employee_count:,} and {other.employee_count:,} employees")
    parts += [one.country.upper()] if _country(one, other) else []
    parts += [f"both use {shared[0]}"] if (shared := _both(one.technologies, other.technologies)) else []
    return f"Like {other.name}" + (f": {', '.join(parts)}" if parts else "")


def _industry(one: CompanyFacts, other: CompanyFacts) -> list[str]:
    same = one.industry and one.industry.casefold() == other.industry.casefold()
    return [f"Both in {one.industry.lower()}"] if same else []


def _size(one: CompanyFacts, other: CompanyFacts) -> list[str]:
    band = SizeBand.of(one.employee_count)
    if band is None or band != SizeBand.of(other.employee_count):
        return []
    return [f"Similar size: {one.employee_count:,} and {other.employee_count:,} employees"]


def _country(one: CompanyFacts, other: CompanyFacts) -> list[str]:
    return [f"Both in {one.country.upper()}"] if one.country and one.country.upper() == other.country.upper() else []


def _technologies(one: CompanyFacts, other: CompanyFacts) -> list[str]:
    shared = _both(one.technologies, other.technologies)
    return [f"Both use {', '.join(shared[:3])}"] if shared else []


def _titles(one: CompanyFacts, other: CompanyFacts) -> list[str]:
    shared = _both(one.titles, other.titles)
    return [f"Same roles: {', '.join(shared[:2])}"] if shared else []


def _pages(one: CompanyFacts, other: CompanyFacts) -> list[str]:
    shared = _both(one.page_paths, other.page_paths)
    return [f"Both read {', '.join(shared[:3])}"] if shared else []


def _both(one: Iterable[str], other: Iterable[str]) -> list[str]:
    theirs = {value.casefold() for value in other}
    return [value for value in one if value.casefold() in theirs]


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.casefold()) if word not in _FILLER}
