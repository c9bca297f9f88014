"""HubSpot's CRM API: properties of the records in an account, which Breeze Intelligence fills (Clearbit's keys are given out no
more). Searching costs nothing and is limited to about five a second for an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.enrichment.answers import Answer, Operation, Outcome, found
from domain.enrichment.fields import Subject
from serving.enrichment.base import Asking, Provider, always, own_address
from serving.enrichment.web import Stopped

BASE = "https://api.hubapi.com"
PEOPLE: Mapping[str, str] = {
    "email": "email", "first_name": "firstname", "last_name": "lastname", "title": "jobtitle", "phone": "phone",
    "country": "country", "city": "city", "linkedin_url": "hs_linkedin_url", "seniority": "hs_seniority",
    "department": "job_function",
}  # fmt: skip
COMPANIES: Mapping[str, str] = {
    "name": "name", "domain": "domain", "industry": "industry", "employee_count": "numberofemployees",
    "country": "country", "city": "city", "description": "description", "founded_year": "founded_year", "phone": "phone",
    "linkedin_url": "linkedin_company_page", "technologies": "web_technologies", "revenue_usd": "annualrevenue",
    "funding_total_usd": "total_money_raised",
}  # fmt: skip
"""HubSpot's own properties by our fields."""
FIND_PERSON = Operation("contacts", Subject.CONTACT, frozenset(PEOPLE), (("email",),), charges="never")
FIND_COMPANY = Operation("companies", Subject.COMPANY, frozenset(COMPANIES), (("company_domain",),), charges="never")


def fetch(asking: Asking) -> Answer:
    if asking.operation is FIND_PERSON:
        return _record(asking, "email", asking.question["email"], PEOPLE)
    return _record(asking, "domain", asking.question["company_domain"], COMPANIES)


def _record(asking: Asking, key: str, value: str, names: Mapping[str, str]) -> Answer:
    wanted = {"propertyName": key, "operator": "EQ", "value": value}
    raw = asking.web.ask(
        f"{asking.address(BASE)}/crm/v3/objects/{asking.operation.name}/search",
        method="POST",
        headers={"Authorization": f"Bearer {asking.secrets['access_token']}"},
        body={"filterGroups": [{"filters": [wanted]}], "properties": sorted(set(names.values())), "limit": 1},
    ).object()
    results = raw.get("results")
    if not isinstance(results, list):
        raise Stopped(Answer(Outcome.MALFORMED, raw=raw, problem="no list `results` in the answer"))
    told = results[0].get("properties") if results and isinstance(results[0], dict) else {}
    if not isinstance(told, dict):
        raise Stopped(Answer(Outcome.MALFORMED, raw=raw, problem="a record without `properties`"))
    return found({name: _read(name, told.get(of_hubspot)) for name, of_hubspot in names.items()}, raw)


def _read(name: str, value: Any) -> Any:
    """Its choices are `COMPUTER_SOFTWARE`, its lists have semicolons, and its numbers are text."""
    if name in {"industry", "seniority"} and isinstance(value, str):
        return value.replace("_", " ").capitalize()
    if name == "technologies" and isinstance(value, str):
        return [part.strip() for part in value.split(";")]
    return value


PROVIDER = Provider(
    name="hubspot",
    title="HubSpot (Breeze, Clearbit)",
    about="What your HubSpot account knows: its properties by address or domain, with all that Breeze fills in there.",
    operations=always(FIND_PERSON, FIND_COMPANY),
    fetch=fetch,
    options=(own_address(BASE),),
    secrets=("access_token",),
    per_minute=240,
    concurrent=4,
)
