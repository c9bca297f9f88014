"""What people say of companies that were suggested, and which are never to be suggested again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.contacts import Domain
from domain.errors import InvalidInput

MOST_DOMAINS = 500
"""Of one pasted list."""
_BETWEEN = re.compile(r"[\s,;]+")


class MarkKind(StrEnum):
    """`good` is one more seed, `unfit` a negative one; `excluded` says nothing of what we look for."""

    GOOD = "good"
    UNFIT = "unfit"
    EXCLUDED = "excluded"

    @property
    def hides(self) -> bool:
        """Whether the company is suggested no more."""
        return self is not MarkKind.GOOD


class ExclusionList(StrEnum):
    """Why a company is excluded, as people sort such lists."""

    CUSTOMERS = "customers"
    COMPETITORS = "competitors"
    OPEN_DEALS = "open_deals"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PastedDomains:
    """The domains of a pasted list, each once in its order, and the pieces that are none."""

    domains: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarkedCompanies:
    """What people said of an organization's companies, by company id."""

    good: frozenset[str] = frozenset()
    unfit: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.good or self.unfit or self.excluded)

    @property
    def hidden(self) -> frozenset[str]:
        """Those that are suggested no more."""
        return self.unfit | self.excluded


def pasted_domains(text: str) -> PastedDomains:
    """Reads domains, addresses of pages or of mail, between spaces, lines, commas or semicolons. Raises InvalidInput for
    more than MOST_DOMAINS."""
    pieces: Sequence[str] = [piece for piece in _BETWEEN.split(text) if piece]
    if len(pieces) > MOST_DOMAINS:
        raise InvalidInput(
            f"{len(pieces):,} domains at once; at most {MOST_DOMAINS} are read", hint="Send it in parts."
        )
    domains: dict[str, None] = {}
    refused: dict[str, None] = {}
    for piece in pieces:
        try:
            domains[Domain.parse(piece).value] = None
        except InvalidInput:
            refused[piece] = None
    return PastedDomains(tuple(domains), tuple(refused))
