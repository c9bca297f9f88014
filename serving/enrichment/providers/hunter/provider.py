"""Hunter's API v2. Its status codes are its own: 403 is the rate, 429 the quota of the month, 451 a person who asked to be
left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.enrichment.answers import Answer, Operation, Outcome, Told, found
from domain.enrichment.fields import Subject
from serving.enrichment.base import Asking, Provider, always, own_address
from serving.enrichment.web import Stopped

BASE = "https://api.hunter.io/v2"
STATUSES = {403: Outcome.RATE_LIMITED, 429: Outcome.QUOTA_SPENT, 451: Outcome.OPTED_OUT}
FIND_EMAIL = Operation(
    "email_finder",
    Subject.CONTACT,
    frozenset({"email", "title", "phone", "linkedin_url"}),
    (("first_name", "last_name", "company_domain"), ("first_name", "last_name", "company_name")),
)
FIND_PERSON = Operation(
    "person",
    Subject.CONTACT,
    frozenset({"first_name", "last_name", "title", "seniority", "country", "city", "linkedin_url"}),
    (("email",),),
)
FIND_COMPANY = Operation(
    "company",
    Subject.COMPANY,
    frozenset(
        {"name", "industry", "employee_range", "country", "city", "description", "founded_year", "linkedin_url",
         "technologies", "phone"}
    ),
    (("company_domain",),),
)  # fmt: skip


def fetch(asking: Asking) -> Answer:
    return _READ[asking.operation.name](asking)


def _email(asking: Asking) -> Answer:
    names = {"company_domain": "domain", "company_name": "company"}
    raw = _asked(asking, "/email-finder", {names.get(name, name): told for name, told in asking.question.items()})
    data = _data(raw)
    score = data.get("score")
    confidence = score / 100 if isinstance(score, int | float) and not isinstance(score, bool) else None
    return found(
        {
            "email": Told(data.get("email"), confidence),
            "title": data.get("position"),
            "phone": data.get("phone_number"),
            "linkedin_url": data.get("linkedin_url"),
        },
        raw,
    )


def _person(asking: Asking) -> Answer:
    raw = _asked(asking, "/people/find", {"email": asking.question["email"]})
    data = _data(raw)
    name, employment = _part(data, "name"), _part(data, "employment")
    place, linkedin = _part(data, "geo"), _part(data, "linkedin").get("handle")
    return found(
        {
            "first_name": name.get("givenName"),
            "last_name": name.get("familyName"),
            "title": employment.get("title"),
            "seniority": employment.get("seniority"),
            "country": place.get("countryCode") or place.get("country"),
            "city": place.get("city"),
            "linkedin_url": _linkedin("in", linkedin),
        },
        raw,
    )


def _company(asking: Asking) -> Answer:
    raw = _asked(asking, "/companies/find", {"domain": asking.question["company_domain"]})
    data = _data(raw)
    place, phones = _part(data, "geo"), _part(data, "site").get("phoneNumbers")
    return found(
        {
            "name": data.get("name"),
            "industry": _part(data, "category").get("industry"),
            "employee_range": _part(data, "metrics").get("employees"),
            "country": place.get("countryCode") or place.get("country"),
            "city": place.get("city"),
            "description": data.get("description"),
            "founded_year": data.get("foundedYear"),
            "linkedin_url": _linkedin("company", _part(data, "linkedin").get("handle")),
            "technologies": data.get("tech"),
            "phone": data.get("phone") or (phones[0] if isinstance(phones, list) and phones else None),
        },
        raw,
    )


def _asked(asking: Asking, path: str, params: Mapping[str, str]) -> dict[str, Any]:
    headers = {"X-API-KEY": asking.secrets["api_key"]}
    return asking.web.ask(f"{asking.address(BASE)}{path}", params=params, headers=headers, statuses=STATUSES).object()


def _data(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    data = raw.get("data")
    if not isinstance(data, dict):
        raise Stopped(Answer(Outcome.MALFORMED, raw=raw, problem="no object `data` in the answer"))
    return data


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = data.get(name)
    return part if isinstance(part, dict) else {}


def _linkedin(kind: str, handle: Any) -> str | None:
    if not isinstance(handle, str) or not handle:
        return None
    return f"https://www.linkedin.com/{handle if '/' in handle else f'{kind}/{handle}'}"


_READ = {FIND_EMAIL.name: _email, FIND_PERSON.name: _person, FIND_COMPANY.name: _company}
PROVIDER = Provider(
    name="hunter",
    title="Hunter",
    about="Finds business addresses by name and domain, people by address, and companies by domain.",
    operations=always(FIND_EMAIL, FIND_PERSON, FIND_COMPANY),
    fetch=fetch,
    options=(own_address(BASE),),
    secrets=("api_key",),
    per_minute=500,
    concurrent=10,
    unit="credit",
)
