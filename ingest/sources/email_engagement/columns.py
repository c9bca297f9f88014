"""Parquet files with our own column names and types, which go to SQL without becoming objects first: for history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from domain.page_urls import TRAP
from ingest.base import Columnar, FileContext
from ingest.columnar import ADDRESS, CHUNK_ROWS, schema_of, with_hashes
from ingest.sources.email_engagement.schema import SYNONYMS
from ingest.staging import LOADED_COLUMNS
from storage.lake.schemas import EMAIL_EVENTS

TEXTS = (
    "event_id", "type", "message_id", "campaign", "contact_id", "email_hash", "link_url", "machine_reason", "properties",
)  # fmt: skip
REQUIRED = {"event_id", "type", "occurred_at"}
COLUMNS = {
    name: kind for name, kind in EMAIL_EVENTS.columns.items() if name not in {"organization_id", *LOADED_COLUMNS}
}


def read(path: Path, context: FileContext) -> Iterator[pa.Table] | None:
    """Tables with every column of COLUMNS. None for files that are to be read record by record: other formats, columns
    we do not know, times, counts or flags that are written as text, events without an id."""
    schema = schema_of(path, REQUIRED, COLUMNS.keys())
    if schema is None or not all(_is_typed(field) for field in schema) or not _has_every_id(path):
        return None
    return _tables(path, context)


def _is_typed(field: pa.Field) -> bool:
    if field.name == "occurred_at":
        return bool(pa.types.is_timestamp(field.type) and field.type.tz is not None)
    if field.name == "sequence_step":
        return bool(pa.types.is_integer(field.type))
    if field.name == "is_machine":
        return bool(pa.types.is_boolean(field.type))
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _has_every_id(path: Path) -> bool:
    metadata = pq.read_metadata(path)
    place = [metadata.schema.column(number).path for number in range(metadata.num_columns)].index("event_id")
    found = [metadata.row_group(number).column(place).statistics for number in range(metadata.num_row_groups)]
    return all(one is not None and one.null_count == 0 for one in found)


def _tables(path: Path, context: FileContext) -> Iterator[pa.Table]:
    for batch in pq.ParquetFile(path).iter_batches(batch_size=CHUNK_ROWS):
        found = pa.Table.from_batches([batch])
        if ADDRESS in found.column_names:
            found = with_hashes(found, context)
        for name in COLUMNS:
            if name not in found.column_names:
                found = found.append_column(name, pa.nulls(found.num_rows, pa.string()))
        yield found.append_column("organization_id", pa.repeat(pa.scalar(context.organization_id), found.num_rows))


def _shape() -> str:
    """The table's columns, as `schema.parse` makes them of a record."""
    found = {name: f"try_cast({name} as {kind})" for name, kind in COLUMNS.items()}
    found |= {name: f"nullif(trim(cast({name} as text)), '')" for name in TEXTS}
    kind, link = f"lower({found['type']})", found["link_url"]
    synonyms = " ".join(f"when '{said}' then '{meant}'" for said, meant in SYNONYMS.items())
    is_trap = f"coalesce(contains({link}, '{TRAP}'), false)"
    found["type"] = f"case {kind} {synonyms} else {kind} end"
    found["is_machine"] = f"{is_trap} or coalesce({found['is_machine']}, false)"
    found["machine_reason"] = f"coalesce({found['machine_reason']}, case when {is_trap} then 'trap_clicked' end)"
    columns = ", ".join(f"{value} as {name}" for name, value in found.items())
    return f"select organization_id, {columns} from incoming"


_ORIGINAL = ", ".join(f"'{name}', {name}" for name in COLUMNS)

COLUMNAR = Columnar(read=read, shape=_shape(), original=f"cast(json_object({_ORIGINAL}) as text)")
