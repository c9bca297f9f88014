"""Parquet files with our own column names, which go to SQL without becoming objects first: for years of history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from domain.page_urls import clean_url
from ingest.base import Columnar, FileContext
from ingest.columnar import ADDRESS, CHUNK_ROWS, mapped, schema_of, with_hashes
from ingest.sources.website_events.history import NESTED
from ingest.sources.website_events.schema import HOST_AND_PATH
from storage.lake.schemas import LOADED, WEBSITE_EVENTS

DERIVED = ("organization_id", "seq", "page_host", "page_path")
"""Columns of the table that a file does not bring: it is one organization's, and a page's parts are read from its address."""
_LOADED = tuple(part.strip().partition(" ")[0] for part in LOADED.split(","))
COLUMNS = {name: kind for name, kind in WEBSITE_EVENTS.columns.items() if name not in {*DERIVED, *_LOADED}}
URLS = ("page_url", "referrer")
REQUIRED = {"event_id", "type", "occurred_at"}
_SUSPICIOUS = "[?&#@]"
"""What an address of a page must have for personal parameters to be in it."""


def read(path: Path, context: FileContext) -> Iterator[pa.Table] | None:
    """Tables with every column of COLUMNS, as text or as the file has them; None for files that are not of this kind:
    other formats, nested records, columns we do not know."""
    return _tables(path, context) if schema_of(path, REQUIRED, COLUMNS.keys()) is not None else None


def _tables(path: Path, context: FileContext) -> Iterator[pa.Table]:
    for batch in pq.ParquetFile(path).iter_batches(batch_size=CHUNK_ROWS):
        found = pa.Table.from_batches([batch])
        if ADDRESS in found.column_names:
            found = with_hashes(found, context)
        for name in URLS:
            if name in found.column_names:
                found = _replaced(found, name, _cleaned(found[name]))
        for name in COLUMNS:
            if name not in found.column_names:
                found = found.append_column(name, pa.nulls(found.num_rows, pa.string()))
        yield found.append_column("organization_id", pa.repeat(pa.scalar(context.organization_id), found.num_rows))


def _cleaned(urls: pa.ChunkedArray) -> pa.ChunkedArray:
    return mapped(urls, lambda url: clean_url(url) if url else url, only=_SUSPICIOUS)


def _replaced(found: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return found.set_column(found.column_names.index(name), name, values)


def _shape() -> str:
    """The table's columns in its types; what cannot be read as such is null, and the rules say what that means."""
    found = {name: f"try_cast(i.{name} as {kind})" for name, kind in COLUMNS.items()}
    found["event_id"] = "nullif(cast(i.event_id as text), '')"
    found["received_at"] = (
        "coalesce(try_cast(i.received_at as timestamptz), try_cast(i.sent_at as timestamptz), "
        "try_cast(i.occurred_at as timestamptz))"
    )
    found["company_domain"] = "lower(cast(i.company_domain as text))"
    found["consent"] = "coalesce(nullif(cast(i.consent as text), ''), 'none')"
    found["is_bot"] = "coalesce(try_cast(i.is_bot as boolean), false)"
    for name in ("bot_reasons", "properties"):
        found[name] = f"nullif(cast(i.{name} as text), '')"
    columns = ",\n    ".join(f"{value} as {name}" for name, value in found.items())
    return f"""
select
    i.organization_id,
    cast(null as bigint) as seq,
    {columns},
    lower(nullif(i.page.host, '')) as page_host,
    nullif(i.page.path, '') as page_path,
    true as _is_readable
from (select *, {HOST_AND_PATH.format(url="cast(page_url as text)")} as page from incoming) as i
"""


def _original() -> str:
    """The row as an event of the collector, which a replay can shape again."""
    taken = {column for columns in NESTED.values() for column in columns.values()}
    flat = [name for name in COLUMNS if name not in taken and name != "bot_reasons"]
    parts = [f"'{name}', {name}" for name in flat]
    for group, columns in NESTED.items():
        inner = ", ".join(f"'{name}', {column}" for name, column in columns.items() if column in COLUMNS)
        parts.append(f"'{group}', json_object({inner})")
    body = f"cast(json_object({', '.join(parts)}) as text)"
    return (
        f"json_object('organization_id', organization_id, 'event_id', event_id, 'seq', null, "
        f"'received_at', cast(received_at as text), 'body', {body}, 'context', null)"
    )


COLUMNAR = Columnar(read=read, shape=_shape(), original=_original())
