"""How a record of NAME becomes rows, and what they must keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ingest.base import Expectation, FileContext, Record, RowRule
from ingest.cells import moment, required, text
from storage.lake.schemas import raw

TABLE = raw(
    "NAME",
    "events",
    "organization_id text, event_id text, email_hash text, occurred_at timestamptz, note text",
    month_of="occurred_at",
)


def parse(record: Record, context: FileContext) -> Iterator[Mapping[str, Any]]:
    """Rows of a record; raises InvalidInput, in words for a person, for what it cannot read."""
    yield {
        "event_id": str(required(record, "id")),
        "email_hash": context.hash_email(text(record, "email")),
        "occurred_at": moment(required(record, "occurred_at")),
        "note": text(record, "note"),
    }


RULES = (RowRule("not_in_the_future", "occurred_at <= _loading_at + interval 25 hours", "it has not happened yet"),)

SUITE = (Expectation("an event comes once", "ExpectColumnValuesToBeUnique", {"column": "event_id"}),)
