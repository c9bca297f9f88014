"""People Data Labs' API v5. No match is a 404 and free, 402 means that the credits are spent, and the answer's
`likelihood` (1 to 10) is how sure it is of the person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.enrichment.answers import Answer, Operation, Outcome, found
from domain.enrichment.fields import Subject
from serving.enrichment.base import Asking, Provider, always, own_address
from serving.enrichment.web import Reply, Stopped

BASE = "https://api.peopledatalabs.com/v5"
FIND_PERSON = Operation(
    "person_enrich",
    Subject.CONTACT,
    frozenset(
        {"email", "first_name", "last_name", "title", "phone", "country", "city", "linkedin_url", "seniority",
         "department"}
    ),
    (
        ("email",),
        ("linkedin_url",),
        ("phone",),
        ("first_name", "last_name", "company_domain"),
        ("first_name", "last_name", "company_name"),
    ),
)  # fmt: skip
FIND_COMPANY = Operation(
    "company_enrich",
    Subject.COMPANY,
    frozenset(
        {"name", "industry", "employee_count", "employee_range", "country", "city", "description", "founded_year",
         "linkedin_url", "funding_total_usd", "funding_stage", "domain"}
    ),
    (("company_domain",), ("linkedin_url",), ("company_name",)),
)  # fmt: skip
_OF_PERSON = {"company_domain": "company", "company_name": "company", "linkedin_url": "profile"}
_OF_COMPANY = {"company_domain": "website", "company_name": "name", "linkedin_url": "profile"}


def fetch(asking: Asking) -> Answer:
    return _person(asking) if asking.operation is FIND_PERSON else _company(asking)


def _person(asking: Asking) -> Answer:
    reply = _asked(asking, "/person/enrich", _OF_PERSON)
    raw = reply.object()
    data, likelihood = raw.get("data"), raw.get("likelihood")
    if not isinstance(data, dict):
        raise Stopped(Answer(Outcome.MALFORMED, raw=raw, problem="no object `data` in the answer"))
    phones, roles = data.get("phone_numbers"), data.get("job_title_levels")
    return found(
        {
            "email": _sure(data.get("work_email")) or _sure(data.get("recommended_personal_email")),
            "first_name": _named(data.get("first_name")),
            "last_name": _named(data.get("last_name")),
            "title": data.get("job_title"),
            "phone": _sure(data.get("mobile_phone")) or (phones[0] if isinstance(phones, list) and phones else None),
            "country": data.get("location_country"),
            "city": _named(data.get("location_locality")),
            "linkedin_url": data.get("linkedin_url"),
            "seniority": roles[0] if isinstance(roles, list) and roles else None,
            "department": data.get("job_title_role"),
        },
        raw,
        confidence=_confidence(likelihood),
        units=_spent(reply),
    )


def _company(asking: Asking) -> Answer:
    reply = _asked(asking, "/company/enrich", _OF_COMPANY)
    raw = reply.object()
    if not any(name in raw for name in ("name", "id", "display_name", "website")):
        raise Stopped(Answer(Outcome.MALFORMED, raw=raw, problem="not a company as it is documented"))
    place = raw["location"] if isinstance(raw.get("location"), dict) else {}
    return found(
        {
            "name": raw.get("display_name") or raw.get("name"),
            "domain": raw.get("website"),
            "industry": raw.get("industry"),
            "employee_count": raw.get("employee_count"),
            "employee_range": raw.get("size"),
            "country": place.get("country"),
            "city": _named(place.get("locality")),
            "description": raw.get("summary") or raw.get("headline"),
            "founded_year": raw.get("founded"),
            "linkedin_url": raw.get("linkedin_url"),
            "funding_total_usd": raw.get("total_funding_raised"),
            "funding_stage": raw.get("latest_funding_stage"),
        },
        raw,
        confidence=_confidence(raw.get("likelihood")),
        units=_spent(reply),
    )


def _asked(asking: Asking, path: str, names: Mapping[str, str]) -> Reply:
    params = {names.get(name, name): told for name, told in asking.question.items()}
    return asking.web.ask(
        f"{asking.address(BASE)}{path}", params=params, headers={"X-API-Key": asking.secrets["api_key"]}
    )


def _spent(reply: Reply) -> float | None:
    """Credits that the answer says it cost."""
    try:
        return float(reply.headers["x-call-credits-spent"])
    except (KeyError, ValueError):
        return None


def _confidence(likelihood: Any) -> float | None:
    if isinstance(likelihood, bool) or not isinstance(likelihood, int | float):
        return None
    return min(1.0, max(0.0, float(likelihood) / 10))


def _sure(value: Any) -> Any:
    """A plan without a field answers true or false in its place: there is one, or there is none."""
    return None if isinstance(value, bool) else value


def _named(value: Any) -> Any:
    """Names come in small letters."""
    return value.title() if isinstance(value, str) and value == value.lower() else value


PROVIDER = Provider(
    name="people_data_labs",
    title="People Data Labs",
    about="People by address, profile, telephone, or name and company; companies by domain, profile or name.",
    operations=always(FIND_PERSON, FIND_COMPANY),
    fetch=fetch,
    options=(own_address(BASE),),
    secrets=("api_key",),
    per_minute=100,
    concurrent=5,
    unit="credit",
)
