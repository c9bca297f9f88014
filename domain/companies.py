"""What a company is, in words and bands: the text a model reads, the sizes people think in, and how good a record is."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

PUBLIC_SUFFIX_WORDS = frozenset(
    ["com", "org", "net", "gov", "edu", "co", "io", "ai", "app", "dev", "biz", "info", "example", "www"]
)
"""Labels of a domain that say nothing of the company."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_SPACES = re.compile(r"\s+")
DESCRIBED_WITH = 400
"""Characters of a description that are read: the model reads about 250 words in all."""


class SizeBand(StrEnum):
    """Employees, in the bands that firmographic data is sold in."""

    MICRO = "1-10"
    SMALL = "11-50"
    MEDIUM = "51-200"
    LARGER = "201-500"
    LARGE = "501-1000"
    CORPORATE = "1001-5000"
    ENTERPRISE = "5001+"

    @classmethod
    def of(cls, employee_count: int | None) -> SizeBand | None:
        """The band of a number of employees; None where it is unknown or not a number of people."""
        if employee_count is None or employee_count < 1:
            return None
        limits = (10, 50, 200, 500, 1_000, 5_000)
        return next((band for band, most in zip(cls, limits, strict=False) if employee_count <= most), cls.ENTERPRISE)


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    """What is known of a company; empty where it is not."""

    name: str
    domain: str = ""
    industry: str = ""
    employee_count: int | None = None
    country: str = ""
    description: str = ""
    technologies: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    """Of its people, the most frequent first."""
    page_paths: tuple[str, ...] = ()
    """That its people viewed, the most viewed first."""


def company_text(facts: CompanyFacts) -> str:
    """The same facts always give the same text; what is unknown is left out rather than named."""
    domain = " ".join(domain_words(facts.domain))
    parts = (
        facts.name.strip(),
        domain if domain.casefold() != facts.name.strip().casefold() else "",
        facts.industry.strip(),
        _SPACES.sub(" ", facts.description).strip()[:DESCRIBED_WITH],
        _listed("Uses", facts.technologies),
        _listed("People", facts.titles),
        _listed("Interested in", [" ".join(path_words(path)) for path in facts.page_paths]),
    )
    return ". ".join(part for part in parts if part)


def domain_words(domain: str) -> list[str]:
    """`alpine-logistics.co.uk` → alpine, logistics."""
    labels = domain.casefold().split(".")
    told = [label for label in labels[:-1] if label not in PUBLIC_SUFFIX_WORDS] if len(labels) > 1 else labels
    return [word for label in told for word in _WORD.findall(label)]


def path_words(path: str) -> list[str]:
    """`/services/paid-media` → services, paid, media."""
    return _WORD.findall(path.casefold())


def technologies_of(text: str) -> tuple[str, ...]:
    """Names from a JSON list, or from text with commas, semicolons or bars between them; each once, in order."""
    try:
        found = json.loads(text) if text.lstrip().startswith("[") else None
    except ValueError:
        found = None
    names = [str(name) for name in found] if isinstance(found, list) else re.split(r"[,;|]", text)
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))


@dataclass(frozen=True, slots=True)
class Quality:
    """How much a company moves and how much is known of it, 1 to 5 each; together 2 to 10."""

    activity: int
    richness: int

    @property
    def total(self) -> int:
        return self.activity + self.richness


def quality_of(
    facts: CompanyFacts, *, session_count: int, visitor_count: int, last_seen_at: datetime | None, now: datetime
) -> Quality:
    """Half activity, half richness of data, so that a company nobody knows and one nobody sees both stand low.

    Activity: a point to begin with, one each for three visits, for eight, for a second person, and for a visit within
    14 days. Richness: a point to begin with, one each for a domain, an industry, a size, and people with titles.
    """
    recent = last_seen_at is not None and session_count > 0 and now - last_seen_at <= timedelta(days=14)
    activity = 1 + sum((session_count >= 3, session_count >= 8, visitor_count >= 2, recent))
    richness = 1 + sum(
        (bool(facts.domain), bool(facts.industry), SizeBand.of(facts.employee_count) is not None, bool(facts.titles))
    )
    return Quality(activity, richness)


def _listed(word: str, values: Sequence[str]) -> str:
    told = [value.strip() for value in values if value.strip()]
    return f"{word}: {', '.join(told)}" if told else ""
