"""A CSV that somebody uploaded: one column is the key, others are fields. It costs nothing and needs no account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.enrichment.answers import Answer, Operation, Outcome, found
from domain.enrichment.fields import Subject, field_of
from domain.errors import InvalidInput
from serving.enrichment.base import Asking, Option, Provider

KEYS: Mapping[str, Subject] = {
    "email": Subject.CONTACT,
    "external_id": Subject.CONTACT,
    "linkedin_url": Subject.CONTACT,
    "company_domain": Subject.COMPANY,
    "company_name": Subject.COMPANY,
}
"""What a line may be found by, and whose facts its columns then are."""


def operations(options: Mapping[str, Any]) -> tuple[Operation, ...]:
    """Raises InvalidInput for a key or a column that is none."""
    key, columns = options.get("key") or "company_domain", options.get("columns") or {}
    if key not in KEYS:
        raise InvalidInput(f"a table cannot be looked up by {key!r}", hint=f"Keys: {', '.join(KEYS)}.")
    subject = KEYS[key]
    if not isinstance(columns, Mapping) or not columns:
        raise InvalidInput("say which column is which field", hint='`columns`: {"Employees": "employee_count"}.')
    for name in columns.values():
        field_of(subject, name)
    return (Operation("lookup", subject, frozenset(columns.values()), ((key,),), charges="never"),)


def fetch(asking: Asking) -> Answer:
    (value,) = asking.question.values()
    told = asking.look_up([line_key(value)])
    return found(told, told) if told is not None else Answer(Outcome.NOT_FOUND)


def line_key(text: str) -> str:
    """As lines are kept and found: without case, without the web around a domain."""
    bare = " ".join(text.split()).casefold().removeprefix("https://").removeprefix("http://").removeprefix("www.")
    return bare.rstrip("/")[:320]


PROVIDER = Provider(
    name="csv_table",
    title="CSV table",
    about="Your own table, looked up by address, id, domain or name.",
    operations=operations,
    fetch=fetch,
    options=(
        Option("key", "Found by", kind="choice", default="company_domain", choices=tuple(KEYS)),
        Option("key_column", "Column of the key", default="domain"),
        Option("columns", "Columns and their fields", kind="mapping", default={}),
    ),
    per_minute=60_000,
    concurrent=4,
)
