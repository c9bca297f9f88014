"""What people's marks changed in the standing ranking: who came among the first, who left and why, who moved."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from domain.lookalikes import MarkedCompanies
from models_ml.similarity.dataset import Companies
from models_ml.similarity.search import Found

COMPARED = 50
"""The first so many are compared: what somebody reads."""
NAMED = 15


@dataclass(frozen=True, slots=True)
class Moved:
    """A company that is among the first in one of the rankings only. A rank is none where it is not in it at all."""

    company_id: str
    name: str
    before: int | None
    after: int | None
    why: str
    """Of one that left: `unfit`, `excluded` or `ranked`."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """The ranking with marks against the same without any."""

    good_count: int
    unfit_count: int
    excluded_count: int
    compared: int
    stayed_count: int
    entered_count: int
    left_count: int
    entered: tuple[Moved, ...]
    left: tuple[Moved, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def feedback_of(companies: Companies, marked: MarkedCompanies, without: Found, found: Found) -> Feedback:
    """`without` and `found` are the answers to the same question without the marks and with them."""
    before = {one.company_id: one.rank for one in without.lookalikes}
    after = {one.company_id: one.rank for one in found.lookalikes}
    first_before = [one.company_id for one in without.lookalikes[:COMPARED]]
    first_after = [one.company_id for one in found.lookalikes[:COMPARED]]

    def moved(company_id: str) -> Moved:
        why = "excluded" if company_id in marked.excluded else "unfit" if company_id in marked.unfit else "ranked"
        name = companies.facts[companies.place[company_id]].name
        return Moved(company_id, name, before.get(company_id), after.get(company_id), why)

    stayed = set(first_before) & set(first_after)
    entered = [moved(name) for name in first_after if name not in stayed]
    left = [moved(name) for name in first_before if name not in stayed]
    known = set(companies.ids)
    return Feedback(
        good_count=len(marked.good & known), unfit_count=len(marked.unfit & known),
        excluded_count=len(marked.excluded & known), compared=max(len(first_before), len(first_after)),
        stayed_count=len(stayed), entered_count=len(entered), left_count=len(left),
        entered=tuple(entered[:NAMED]), left=tuple(left[:NAMED]),
    )  # fmt: skip
