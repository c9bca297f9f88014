"""Apollo's API v1. A person that it does not know is a 200 with `person: null`; 401 comes as text; limits are fixed windows
of a minute, an hour and a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.enrichment.answers import Answer, Operation, Outcome, found
from domain.enrichment.fields import Subject
from serving.enrichment.base import Asking, Provider, always, own_address
from serving.enrichment.web import Stopped

BASE = "https://api.apollo.io/api/v1"
LOCKED = "email_not_unlocked"
"""The local part of the address that stands where one was not bought."""
FIND_PERSON = Operation(
    "people_match",
    Subject.CONTACT,
    frozenset(
        {"email", "first_name", "last_name", "title", "phone", "country", "city", "linkedin_url", "seniority",
         "department"}
    ),
    (
        ("email",),
        ("linkedin_url",),
        ("first_name", "last_name", "company_domain"),
        ("first_name", "last_name", "company_name"),
    ),
)  # fmt: skip
FIND_COMPANY = Operation(
    "organizations_enrich",
    Subject.COMPANY,
    frozenset(
        {"name", "industry", "employee_count", "country", "city", "description", "founded_year", "linkedin_url", "phone",
         "technologies", "revenue_usd", "funding_total_usd", "funding_stage"}
    ),
    (("company_domain",),),
)  # fmt: skip
_SENT = {"company_domain": "domain", "company_name": "organization_name"}


def fetch(asking: Asking) -> Answer:
    return _person(asking) if asking.operation is FIND_PERSON else _company(asking)


def _person(asking: Asking) -> Answer:
    body = {_SENT.get(name, name): told for name, told in asking.question.items()}
    raw = asking.web.ask(
        f"{asking.address(BASE)}/people/match", method="POST", headers=_headers(asking), body=body
    ).object()
    person = _part(raw, "person")
    if person is None:
        return Answer(Outcome.NOT_FOUND, raw=raw)
    email, phones, departments = person.get("email"), person.get("phone_numbers"), person.get("departments")
    phone = phones[0] if isinstance(phones, list) and phones else None
    return found(
        {
            "email": None if isinstance(email, str) and email.startswith(LOCKED) else email,
            "first_name": person.get("first_name"),
            "last_name": person.get("last_name"),
            "title": person.get("title"),
            "phone": phone.get("sanitized_number") if isinstance(phone, dict) else phone,
            "country": person.get("country"),
            "city": person.get("city"),
            "linkedin_url": person.get("linkedin_url"),
            "seniority": person.get("seniority"),
            "department": departments[0] if isinstance(departments, list) and departments else None,
        },
        raw,
    )


def _company(asking: Asking) -> Answer:
    raw = asking.web.ask(
        f"{asking.address(BASE)}/organizations/enrich",
        params={"domain": asking.question["company_domain"]},
        headers=_headers(asking),
    ).object()
    company = _part(raw, "organization")
    if company is None:
        return Answer(Outcome.NOT_FOUND, raw=raw)
    return found(
        {
            "name": company.get("name"),
            "industry": company.get("industry"),
            "employee_count": company.get("estimated_num_employees"),
            "country": company.get("country"),
            "city": company.get("city"),
            "description": company.get("short_description"),
            "founded_year": company.get("founded_year"),
            "linkedin_url": company.get("linkedin_url"),
            "phone": company.get("sanitized_phone") or company.get("phone"),
            "technologies": company.get("technology_names"),
            "revenue_usd": company.get("annual_revenue"),
            "funding_total_usd": company.get("total_funding"),
            "funding_stage": company.get("latest_funding_stage"),
        },
        raw,
    )


def _part(raw: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Raises Stopped for a shape that is not documented; None for nobody."""
    part = raw.get(name)
    if part is not None and not isinstance(part, dict):
        raise Stopped(Answer(Outcome.MALFORMED, raw=raw, problem=f"`{name}` is a {type(part).__name__}"))
    if part is None and name not in raw:
        raise Stopped(Answer(Outcome.MALFORMED, raw=raw, problem=f"no `{name}` in the answer"))
    return part


def _headers(asking: Asking) -> dict[str, str]:
    return {"x-api-key": asking.secrets["api_key"], "Cache-Control": "no-cache"}


PROVIDER = Provider(
    name="apollo",
    title="Apollo",
    about="People by address, LinkedIn profile, or name and company; companies by domain.",
    operations=always(FIND_PERSON, FIND_COMPANY),
    fetch=fetch,
    options=(own_address(BASE),),
    secrets=("api_key",),
    per_minute=200,
    concurrent=5,
    unit="credit",
)
