"""The companies of one organization as columns: what they are, where they stand, and the text that is embedded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from domain.companies import CompanyFacts, SizeBand, company_text, technologies_of
from storage.lake import Lake

Flags = npt.NDArray[np.bool_]

COLUMNS = (
    "company_id, name, domain, industry, employee_count, country, description, technologies, titles, page_paths, "
    "contact_count, session_count, is_customer, has_open_deal, is_lost, "
    "row_number() over (order by became_customer_at desc nulls last, company_id) as newest_customer_first"
)


@dataclass(frozen=True)
class Companies:
    """In order of id; every array has a place a company."""

    ids: tuple[str, ...]
    facts: tuple[CompanyFacts, ...]
    is_customer: Flags
    has_open_deal: Flags
    is_lost: Flags
    has_visits: Flags
    newest_customer_first: npt.NDArray[np.int64]
    """Place among the organization's companies by when they became customers, the newest 1."""

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def place(self) -> dict[str, int]:
        return {company_id: place for place, company_id in enumerate(self.ids)}

    @cached_property
    def texts(self) -> list[str]:
        return [company_text(facts) for facts in self.facts]

    @cached_property
    def hashes(self) -> list[str]:
        """What a text is cached by: 32 hex characters of its SHA-256."""
        return [text_hash(text) for text in self.texts]

    @cached_property
    def bands(self) -> list[SizeBand | None]:
        return [SizeBand.of(facts.employee_count) for facts in self.facts]

    def only(self, places: Sequence[int] | npt.NDArray[np.int64]) -> Companies:
        """Some of them, in the order of `places`."""
        chosen = np.asarray(places, dtype=np.int64)
        return Companies(
            tuple(self.ids[place] for place in chosen),
            tuple(self.facts[place] for place in chosen),
            self.is_customer[chosen],
            self.has_open_deal[chosen],
            self.is_lost[chosen],
            self.has_visits[chosen],
            self.newest_customer_first[chosen],
        )


def read_companies(lake: Lake, organization_id: str) -> Companies:
    """As `features.company_features` has them."""
    table = lake.arrow(
        f"select {COLUMNS} from lake.features.company_features where organization_id = ? order by company_id",
        [organization_id],
    )
    rows = table.to_pylist()
    return Companies(
        ids=tuple(row["company_id"] for row in rows),
        facts=tuple(
            CompanyFacts(
                name=row["name"] or "",
                domain=row["domain"] or "",
                industry=row["industry"] or "",
                employee_count=row["employee_count"],
                country=row["country"] or "",
                description=row["description"] or "",
                technologies=technologies_of(row["technologies"] or ""),
                titles=_parts(row["titles"]),
                page_paths=_parts(row["page_paths"]),
            )
            for row in rows
        ),
        is_customer=_flags(rows, "is_customer"),
        has_open_deal=_flags(rows, "has_open_deal"),
        is_lost=_flags(rows, "is_lost"),
        has_visits=np.array([row["session_count"] > 0 for row in rows], dtype=np.bool_),
        newest_customer_first=np.array([row["newest_customer_first"] for row in rows], dtype=np.int64),
    )


def text_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _parts(joined: str | None) -> tuple[str, ...]:
    return tuple(part for part in (joined or "").split(" | ") if part)


def _flags(rows: Sequence[dict[str, object]], name: str) -> Flags:
    return np.array([bool(row[name]) for row in rows], dtype=np.bool_)
