"""Records through a feed's parser into Arrow, in the table's types; what cannot be parsed keeps its text and the reason."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import pyarrow as pa

from domain.errors import InvalidInput
from ingest.base import Feed, FileContext, Record
from ingest.formats import PROBLEM
from ingest.staging import INBOX_COLUMNS, own_columns

CHUNK_ROWS = 50_000
TYPES = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}
FACTS = "_facts"


def chunks(feed: Feed, records: Iterable[Record], context: FileContext) -> Iterator[pa.Table]:
    """What `staging.stage` takes: at least one table, even of no rows."""
    source = iter(records)
    is_first = True
    while (found := list(islice(source, CHUNK_ROWS))) or is_first:
        yield _parsed(feed, found, context) if feed.parse is not None else _enveloped(found, context)
        is_first = False


def as_text(record: Record) -> str:
    """A record as JSON text, the same for the same record: what quarantine keeps and a replay reads."""
    return json.dumps(record, default=str, ensure_ascii=False, sort_keys=True)


def _enveloped(records: list[Record], context: FileContext) -> pa.Table:
    rows = [{"organization_id": context.organization_id, **record} for record in records]
    return pa.Table.from_pylist(rows, schema=INBOX_COLUMNS)


def _parsed(feed: Feed, records: list[Record], context: FileContext) -> pa.Table:
    fields = [(name, TYPES[kind]) for name, kind in own_columns(feed).items()]
    schema = pa.schema([*fields, ("_problem", pa.string()), ("_row", pa.string())])
    rows = [row for record in records for row in _rows(feed, record, context)]
    return pa.Table.from_pylist(rows, schema=schema)


def _rows(feed: Feed, record: Record, context: FileContext) -> Iterator[Mapping[str, Any]]:
    assert feed.parse is not None
    if FACTS in record:  # a replay: what was known then
        context = replace(context, facts=record[FACTS])
    elif context.facts:
        record = {**record, FACTS: dict(context.facts)}
    base = {"organization_id": context.organization_id, "_row": as_text(record)}
    if PROBLEM in record:
        yield {**base, "_problem": str(record[PROBLEM])}
        return
    try:
        for row in feed.parse(record, context):
            yield {**row, **base}
    except InvalidInput as error:
        yield {**base, "_problem": error.message}
