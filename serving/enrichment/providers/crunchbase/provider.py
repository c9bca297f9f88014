"""Crunchbase's API v4: one search by domain tells the fields of the organization, so that its permalink need not be known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from domain.enrichment.answers import Answer, Operation, Outcome, found
from domain.enrichment.fields import Subject
from serving.enrichment.base import Asking, Provider, always, own_address
from serving.enrichment.web import Stopped

BASE = "https://api.crunchbase.com/api/v4"
FIND_COMPANY = Operation(
    "search_organizations",
    Subject.COMPANY,
    frozenset(
        {"name", "description", "employee_range", "founded_year", "linkedin_url", "country", "city", "industry", "phone",
         "contact_email", "funding_total_usd", "funding_stage"}
    ),
    (("company_domain",),),
    charges="always",
)  # fmt: skip
ASKED = (
    "identifier", "short_description", "num_employees_enum", "founded_on", "linkedin", "location_identifiers", "categories",
    "phone_number", "contact_email", "funding_total", "last_funding_type",
)  # fmt: skip
_BAND = re.compile(r"^c_(\d+)_(\d+|max)$")


def fetch(asking: Asking) -> Answer:
    predicate = {
        "type": "predicate", "field_id": "website_url", "operator_id": "domain_eq",
        "values": [asking.question["company_domain"]],
    }  # fmt: skip
    raw = asking.web.ask(
        f"{asking.address(BASE)}/searches/organizations",
        method="POST",
        headers={"X-cb-user-key": asking.secrets["api_key"]},
        body={"field_ids": list(ASKED), "query": [predicate], "limit": 1},
    ).object()
    entities = raw.get("entities")
    if not isinstance(entities, list):
        raise Stopped(Answer(Outcome.MALFORMED, raw=raw, problem="no list `entities` in the answer"))
    if not entities:
        return Answer(Outcome.NOT_FOUND, raw=raw)
    told = entities[0].get("properties") if isinstance(entities[0], dict) else None
    if not isinstance(told, dict):
        raise Stopped(Answer(Outcome.MALFORMED, raw=raw, problem="an entity without `properties`"))
    categories = told.get("categories")
    return found(
        {
            "name": _value(told.get("identifier")),
            "description": told.get("short_description"),
            "employee_range": _band(told.get("num_employees_enum")),
            "founded_year": str(_value(told.get("founded_on")) or "")[:4],
            "linkedin_url": _value(told.get("linkedin")),
            "country": _place(told, "country"),
            "city": _place(told, "city"),
            "industry": _value(categories[0]) if isinstance(categories, list) and categories else None,
            "phone": told.get("phone_number"),
            "contact_email": told.get("contact_email"),
            "funding_total_usd": told["funding_total"].get("value_usd") if isinstance(told.get("funding_total"), dict) else None,
            "funding_stage": told.get("last_funding_type"),
        },
        raw,
    )  # fmt: skip


def _value(part: Any) -> Any:
    """Most fields are objects with a `value`."""
    return part.get("value") if isinstance(part, dict) else part


def _place(told: Mapping[str, Any], kind: str) -> Any:
    places = told.get("location_identifiers")
    of_kind = [each for each in places if isinstance(each, dict) and each.get("location_type") == kind] if isinstance(places, list) else []  # fmt: skip
    return of_kind[0].get("value") if of_kind else None


def _band(text: Any) -> str | None:
    """`c_00051_00100` is 51-100, `c_10001_max` is 10001+."""
    found_band = _BAND.match(text) if isinstance(text, str) else None
    if found_band is None:
        return None
    low, high = int(found_band[1]), found_band[2]
    return f"{low}+" if high == "max" else f"{low}-{int(high)}"


PROVIDER = Provider(
    name="crunchbase",
    title="Crunchbase",
    about="Companies with their funding, by domain. A key with access to searches is needed.",
    operations=always(FIND_COMPANY),
    fetch=fetch,
    options=(own_address(BASE),),
    secrets=("api_key",),
    per_minute=200,
    concurrent=4,
)
