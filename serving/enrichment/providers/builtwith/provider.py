"""BuiltWith's domain API. What goes wrong comes as a 200 with a list `Errors`; what was seen long ago is told beside what is
there today, so that a technology counts only if it was seen about as late as the latest one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from domain.enrichment.answers import Answer, Operation, Outcome, found
from domain.enrichment.fields import Subject
from serving.enrichment.base import Asking, Provider, always, own_address

BASE = "https://api.builtwith.com"
FIND_SITE = Operation(
    "domain", Subject.COMPANY,
    frozenset({"name", "technologies", "country", "city", "phone", "linkedin_url", "industry"}), (("company_domain",),),
    charges="always",
)  # fmt: skip
SEEN_TOGETHER = 90 * 24 * 3600 * 1000
"""Milliseconds, as it tells moments."""
MEANINGS = (
    (("credit", "quota"), Outcome.QUOTA_SPENT),
    (("rate", "too many", "concurrent"), Outcome.RATE_LIMITED),
    (("key", "auth", "subscription", "plan"), Outcome.REFUSED),
    (("not found", "no result", "no data"), Outcome.NOT_FOUND),
)
"""What its errors say, in the order in which they are looked for; any other is about the question."""


def fetch(asking: Asking) -> Answer:
    reply = asking.web.ask(
        f"{asking.address(BASE)}/v22/api.json",
        params={"LOOKUP": asking.question["company_domain"], "NOPII": "yes"},
        headers={"Authorization": f"Bearer {asking.secrets['api_key']}"},
    )
    raw = reply.object()
    if (errors := raw.get("Errors")) and isinstance(errors, list):
        return _error(raw, errors[0])
    results = raw.get("Results")
    if not isinstance(results, list):
        return Answer(Outcome.MALFORMED, raw=raw, status=reply.status, problem="no list `Results` in the answer")
    first = results[0] if results and isinstance(results[0], dict) else {}
    meta = first["Meta"] if isinstance(first.get("Meta"), dict) else {}
    phones, social = meta.get("Telephones"), meta.get("Social")
    pages = [each for each in social if isinstance(each, str) and "linkedin.com/company/" in each] if isinstance(social, list) else []  # fmt: skip
    return found(
        {
            "name": meta.get("CompanyName"),
            "technologies": _technologies(first),
            "country": meta.get("Country"),
            "city": meta.get("City"),
            "phone": phones[0] if isinstance(phones, list) and phones else None,
            "linkedin_url": pages[0] if pages else None,
            "industry": meta.get("Vertical"),
        },
        raw,
    )


def _error(raw: Mapping[str, Any], error: Any) -> Answer:
    message = str(error.get("Message") if isinstance(error, dict) else error)
    meaning = next(
        (outcome for words, outcome in MEANINGS if any(word in message.casefold() for word in words)), Outcome.INVALID
    )
    return Answer(meaning, raw=raw, problem=message[:200])


def _technologies(result: Mapping[str, Any]) -> list[str]:
    """Names of what is there today, each once."""
    seen = [(name, last) for name, last in _seen(result) if last is not None]
    latest = max((last for _, last in seen), default=0)
    return sorted({name for name, last in seen if last >= latest - SEEN_TOGETHER})


def _seen(result: Mapping[str, Any]) -> Iterator[tuple[str, float | None]]:
    inner = result["Result"] if isinstance(result.get("Result"), dict) else {}
    for path in inner.get("Paths") or ():
        for each in (path.get("Technologies") or ()) if isinstance(path, dict) else ():
            if isinstance(each, dict) and isinstance(each.get("Name"), str):
                last = each.get("LastDetected")
                yield each["Name"], last if isinstance(last, int | float) and not isinstance(last, bool) else None


PROVIDER = Provider(
    name="builtwith",
    title="BuiltWith",
    about="What a company's site is built with today, by domain.",
    operations=always(FIND_SITE),
    fetch=fetch,
    options=(own_address(BASE),),
    secrets=("api_key",),
    per_minute=300,
    concurrent=8,
    unit="credit",
)
