"""A JSON API of anybody's: an address with names in braces, headers, a body, and where in the answer each field stands.

    url: https://api.example.com/companies/{company_domain}
    needs: [company_domain]
    fields: {employee_count: "data.size.employees", industry: "data.tags[0]"}

`{api_key}` is the secret, and is sent nowhere but in headers, the address or the body of this connection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import quote, urlsplit

from domain.enrichment.answers import Answer, Charge, Operation, Outcome, Told, found
from domain.enrichment.fields import Subject, field_of
from domain.errors import InvalidInput
from serving.enrichment.base import Asking, Option, Provider

KNOWN: Mapping[Subject, frozenset[str]] = {
    Subject.CONTACT: frozenset(
        {"email", "first_name", "last_name", "phone", "country", "linkedin_url", "company_domain", "company_name",
         "external_id", "ip"}
    ),
    Subject.COMPANY: frozenset({"company_domain", "company_name", "country", "linkedin_url", "ip"}),
}  # fmt: skip
"""What may stand in braces."""
_BRACES = re.compile(r"\{([a-z_]+)\}")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_PATH = re.compile(r"^[^.\[\]]+(?:\[\d+\])*(?:\.[^.\[\]]+(?:\[\d+\])*)*$")


def operations(options: Mapping[str, Any]) -> tuple[Operation, ...]:
    """Raises InvalidInput that says which option is wrong."""
    subject = _subject(options)
    url, fields = str(options.get("url") or ""), options.get("fields")
    if not url.startswith(("https://", "http://")):
        raise InvalidInput("`url` is the address of the API, with names in braces")
    if _BRACES.search(urlsplit(url).netloc):
        raise InvalidInput("the host of `url` stands there as it is: names in braces belong behind it")
    if not isinstance(fields, Mapping) or not fields:
        raise InvalidInput("`fields` says where in the answer each field stands", hint='{"industry": "data.industry"}')
    for name, path in fields.items():
        field_of(subject, name)
        if not isinstance(path, str) or not _PATH.match(path):
            raise InvalidInput(f"{path!r} is no path", hint="Write names with dots and [0]: data.emails[0].value.")
    named = set(_BRACES.findall(f"{url} {options.get('headers') or {}} {options.get('body') or {}}")) - {"api_key"}
    if unknown := sorted(named - KNOWN[subject]):
        raise InvalidInput(f"{{{unknown[0]}}} is not known", hint=f"Names: {', '.join(sorted(KNOWN[subject]))}.")
    needs = options.get("needs") or sorted(named)
    if not needs or set(needs) - KNOWN[subject]:
        raise InvalidInput("`needs` are the names that must be known", hint=f"{', '.join(sorted(KNOWN[subject]))}.")
    charges: Charge = options.get("charges") or "found"
    if charges not in get_args(Charge):
        raise InvalidInput("`charges` is found, always or never")
    return (Operation("lookup", subject, frozenset(fields), (tuple(dict.fromkeys([*needs, *sorted(named)])),), charges=charges),)  # fmt: skip


def fetch(asking: Asking) -> Answer:
    options, told = asking.options, {**asking.question, "api_key": asking.secrets.get("api_key", "")}
    body = options.get("body") or None
    reply = asking.web.ask(
        _filled(str(options["url"]), told, quoted=True),
        method=str(options.get("method") or "GET"),
        headers={str(name): _filled(str(value), told) for name, value in (options.get("headers") or {}).items()},
        body=_filled_body(body, told) if body else None,
    )
    raw = reply.json()
    if not isinstance(raw, dict | list):
        return Answer(Outcome.MALFORMED, raw=raw, status=reply.status, problem="neither an object nor a list")
    confidence = _confidence(at_path(raw, str(options["confidence"]))) if options.get("confidence") else None
    facts = {name: Told(at_path(raw, path), confidence) for name, path in options["fields"].items()}
    return found(facts, raw, status=reply.status)


def at_path(raw: Any, path: str) -> Any:
    """What stands at `data.emails[0].value`; None where nothing does."""
    for name, number in _STEP.findall(path):
        if number:
            raw = raw[int(number)] if isinstance(raw, list) and int(number) < len(raw) else None
        else:
            raw = raw.get(name) if isinstance(raw, dict) else None
        if raw is None:
            return None
    return raw


def _filled(text: str, told: Mapping[str, str], *, quoted: bool = False) -> str:
    return _BRACES.sub(lambda name: quote(told.get(name[1], ""), safe="") if quoted else told.get(name[1], ""), text)


def _filled_body(body: Any, told: Mapping[str, str]) -> Any:
    if isinstance(body, str):
        return _filled(body, told)
    if isinstance(body, Mapping):
        return {name: _filled_body(value, told) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled_body(value, told) for value in body]
    return body


def _confidence(value: Any) -> float | None:
    """0 to 1; a percentage is one too."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return min(1.0, max(0.0, value / 100 if value > 1 else float(value)))


def _subject(options: Mapping[str, Any]) -> Subject:
    try:
        return Subject(options.get("subject") or "company")
    except ValueError:
        raise InvalidInput("`subject` is contact or company") from None


PROVIDER = Provider(
    name="http_json",
    title="JSON API",
    about="Any API that answers JSON: its address, and where in the answer each field stands.",
    operations=operations,
    fetch=fetch,
    options=(
        Option("subject", "Whose facts", kind="choice", default="company", choices=("company", "contact")),
        Option("url", "Address", "With {company_domain} and other names in braces."),
        Option("method", "Method", kind="choice", default="GET", choices=("GET", "POST")),
        Option("headers", "Headers", "{api_key} stands for the secret.", kind="mapping", default={}),
        Option("body", "Body", "JSON, with names in braces.", kind="mapping", default={}),
        Option("needs", "Needs", kind="texts", default=[]),
        Option("fields", "Fields and their paths", "data.emails[0].value", kind="mapping", default={}),
        Option("confidence", "Path of the confidence", "0 to 1, or a percentage."),
        Option("charges", "Charges", kind="choice", default="found", choices=("found", "always", "never")),
    ),
    optional_secrets=("api_key",),
    per_minute=120,
    concurrent=5,
)
