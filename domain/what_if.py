"""Facts of a lead that somebody may change to see what the score would be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Fact:
    """`most` is of a number; those of text are no longer than 200 characters."""

    label: str
    kind: Literal["text", "country", "count", "days"]
    most: int = 10_000


FACTS: Mapping[str, Fact] = {
    "title": Fact("Job title", "text"),
    "country": Fact("Country", "country"),
    "company_industry": Fact("Industry of the company", "text"),
    "company_employee_count": Fact("People in the company", "count", 10_000_000),
    "sessions_7d": Fact("Visits in 7 days", "count"),
    "sessions_30d": Fact("Visits in 30 days", "count"),
    "page_views_30d": Fact("Pages seen in 30 days", "count"),
    "pricing_views_30d": Fact("Pricing pages seen in 30 days", "count"),
    "downloads_30d": Fact("Downloads in 30 days", "count"),
    "form_submissions_30d": Fact("Forms sent in 30 days", "count"),
    "human_clicks_30d": Fact("Clicks in e-mails in 30 days", "count"),
    "replies_30d": Fact("Replies in 30 days", "count"),
    "days_since_last_visit": Fact("Days since the last visit", "days"),
}
_WITHIN = (("sessions_7d", "sessions_30d"), ("sessions_30d", "page_views_30d"), ("pricing_views_30d", "page_views_30d"))
"""The first is part of the second: it cannot be more."""


def checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes in the types of their facts; None makes a fact unknown. Raises InvalidInput naming the first fault."""
    found: dict[str, Any] = {}
    for name, value in changes.items():
        fact = FACTS.get(name)
        if fact is None:
            raise InvalidInput(f"{name!r} cannot be changed", hint=f"Facts: {', '.join(FACTS)}.")
        found[name] = None if value is None or value == "" else _read(name, fact, value)
    return found


def changed_facts(facts: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a lead with these in their place, and what follows from them: a title that is known, a company that is,
    counts that hold what is part of them, a last visit where there are visits."""
    found = {**facts, **changes}
    if "title" in changes:
        found["has_title"] = bool(changes["title"])
    if changes.get("company_industry") or changes.get("company_employee_count"):
        found["has_company"] = True
    if any(name in changes for pair in _WITHIN for name in pair):
        _fit(found, changes)
    visited = any(changes.get(name) for name in ("sessions_7d", "sessions_30d", "page_views_30d", "pricing_views_30d"))
    if visited and found.get("days_since_last_visit") is None:
        found["days_since_last_visit"] = 0.0
    return found


def _fit(facts: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Counts that are part of others: no more than what was said of the whole, and the whole no less than its parts."""
    most = {name: math.inf if changes.get(name) is None else changes[name] for pair in _WITHIN for name in pair}
    for part, whole in reversed(_WITHIN):
        most[part] = min(most[part], most[whole])
        if (facts.get(part) or 0) > most[whole]:
            facts[part] = most[whole]
    for part, whole in _WITHIN:
        if (facts.get(whole) or 0) < (facts.get(part) or 0):
            facts[whole] = facts[part]


def _read(name: str, fact: Fact, value: Any) -> Any:
    if fact.kind in {"text", "country"}:
        text = str(value).strip()
        if len(text) > 200:
            raise InvalidInput(f"{name} is longer than 200 characters")
        if fact.kind == "country" and not (len(text) == 2 and text.isascii() and text.isalpha()):
            raise InvalidInput("country is a code of two letters", hint="For example DE.")
        return text.upper() if fact.kind == "country" else text
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= fact.most or (fact.kind == "count" and value != int(value)):
        raise InvalidInput(f"{name} is a number from 0 to {fact.most:,}")
    return int(value) if fact.kind == "count" else float(value)
