"""How a data provider's answer is kept: whole, in an envelope that says what was asked, when and at what cost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from domain.errors import InvalidInput
from domain.ids import content_id
from domain.imports.money import CURRENCY
from ingest.base import Expectation, FileContext, Record, RowRule
from ingest.cells import moment, required, text, whole

STATUSES = ("found", "not_found", "opted_out", "failed")
ENTITIES = ("person", "company", "email")


def parse(record: Record, context: FileContext) -> Iterator[Mapping[str, Any]]:
    """One line: {provider, entity, lookup_key, requested_at, status, response, contact_id?, company_id?, cost_minor?,
    currency?}. `found` must carry the provider's documented shape, or it is not what we think it is."""
    provider, status = str(required(record, "provider")).casefold(), text(record, "status") or "found"
    response = record.get("response")
    if isinstance(response, str):
        try:
            response = json.loads(response)
        except ValueError:
            raise InvalidInput("the response is not JSON") from None
    if status == "found":
        _check_shape(provider, response)
    requested_at, key = moment(required(record, "requested_at")), str(required(record, "lookup_key"))
    yield {
        "response_id": text(record, "response_id")
        or content_id(context.organization_id, provider, key, requested_at.isoformat()),
        "provider": provider,
        "entity": text(record, "entity"),
        "lookup_key": key,
        "contact_id": text(record, "contact_id"),
        "company_id": text(record, "company_id"),
        "requested_at": requested_at,
        "status": status,
        "cost_minor": whole(record.get("cost_minor")),
        "currency": text(record, "currency"),
        "response": json.dumps(response, ensure_ascii=False, sort_keys=True),
    }


def _check_shape(provider: str, response: Any) -> None:
    if not isinstance(response, dict):
        raise InvalidInput("the response is not a JSON object")
    if provider in SHAPES and not SHAPES[provider](response):
        raise InvalidInput(f"the response does not have the shape that {provider} documents")


def _is_apollo(found: Mapping[str, Any]) -> bool:
    """POST /people/match: {person: {id, name, email, organization…}}; GET /organizations/enrich: {organization: {…}}."""
    return any(isinstance(found.get(name), dict) and "id" in found[name] for name in ("person", "organization"))


def _is_hunter(found: Mapping[str, Any]) -> bool:
    """GET /email-finder: {data: {email, score, domain…}, meta}; /email-verifier: {data: {email, status, score…}, meta}."""
    data = found.get("data")
    return isinstance(data, dict) and "email" in data and bool({"score", "status", "result"} & set(data))


def _is_people_data_labs(found: Mapping[str, Any]) -> bool:
    """GET /person/enrich: {status: 200, likelihood: 1–10, data: {id, full_name, …}}."""
    return isinstance(found.get("data"), dict) and isinstance(found.get("likelihood"), int)


def _is_clearbit(found: Mapping[str, Any]) -> bool:
    """Combined find: {person: {id, name: {…}, employment: {…}} | null, company: {…} | null}."""
    return {"person", "company"} <= set(found) and any(isinstance(found[name], dict) for name in ("person", "company"))


SHAPES: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "apollo": _is_apollo,
    "hunter": _is_hunter,
    "peopledatalabs": _is_people_data_labs,
    "pdl": _is_people_data_labs,
    "clearbit": _is_clearbit,
}

RULES = (
    RowRule("known_status", f"status in {STATUSES}", f"the status is none of {', '.join(STATUSES)}"),
    RowRule("known_entity", f"entity in {ENTITIES}", f"the entity is none of {', '.join(ENTITIES)}"),
    RowRule(
        "cost_has_a_currency",
        f"coalesce(cost_minor, 0) = 0 or regexp_full_match(currency, '{CURRENCY.pattern}')",
        "a cost without a currency",
    ),
    RowRule("cost_is_no_gain", "coalesce(cost_minor, 0) >= 0", "a negative cost"),
    RowRule(
        "plausible_time",
        "requested_at between timestamptz '2010-01-01 00:00:00+00' and _loading_at + interval 25 hours",
        "the request is from before 2010, or more than a day from now",
    ),
)

SUITE = (
    Expectation("a response comes once", "ExpectColumnValuesToBeUnique", {"column": "response_id"}),
    Expectation("every response has a provider", "ExpectColumnValuesToNotBeNull", {"column": "provider"}),
    Expectation(
        "most requests were answered",
        "ExpectColumnValuesToBeInSet",
        {"column": "status", "value_set": ["found", "not_found"], "mostly": 0.5},
        is_error=False,
    ),
)
