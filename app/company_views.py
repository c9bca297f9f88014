"""The views of the list of companies that come with the product, and how a view sets the filters of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.api_client import COMPANY_ORIGINS, LEAST_QUALITY, VISITED, CompanyQuery
from app.list_conditions import COMPANIES, key_of
from app.saved_views import Views, conditions_of
from domain.filters import listed

MOST_QUALITY = 10


def _filter_widgets(question: Mapping[str, Any]) -> dict[str, Any]:
    """A condition that a widget of its own can show is shown there; the others are chips."""
    rest = conditions_of(question)

    def taken(field: str) -> list[str]:
        found = next((each for each in rest if each.startswith(f"{field}:in:")), None)
        if found is None:
            return []
        rest.remove(found)
        return listed(found.removeprefix(f"{field}:in:"))

    values: dict[str, Any] = {f"companies_{field}": taken(field) for field in ("status", "industry", "country")}
    known = next((origin for origin, condition in COMPANY_ORIGINS.items() if condition in rest), "any")
    quality = next((n for n in range(LEAST_QUALITY + 1, MOST_QUALITY + 1) if f"quality:gte:{n}" in rest), LEAST_QUALITY)
    visited = VISITED in rest
    for shown in (COMPANY_ORIGINS.get(known), f"quality:gte:{quality}", VISITED):
        if shown in rest:
            rest.remove(shown)
    return values | {
        "companies_q": question.get("q", ""),
        "companies_sort": question.get("sort", CompanyQuery().sort),
        "companies_known": known,
        "companies_quality": quality,
        "companies_visited": visited,
        key_of(COMPANIES): rest,
    }


VIEWS = Views(
    COMPANIES,
    "company",
    (
        ("All", {}),
        ("Customers", {"filter": ["status:in:customer"]}),
        ("Most like customers", {"filter": ["status:in:prospect"], "sort": "lookalike_rank"}),
        ("Visiting, no deal yet", {"filter": ["status:in:prospect", VISITED], "sort": "-session_count"}),
        ("Known by their network", {"filter": [COMPANY_ORIGINS["network"]]}),
    ),
    _filter_widgets,
)
