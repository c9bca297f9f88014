"""Pieces of readers that hand the columns of a Parquet file to SQL without making objects of its rows."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.base import FileContext

CHUNK_ROWS = 50_000
ADDRESS = "email"
"""Beside a table's own columns: an address, of which only the hash is kept."""


def schema_of(path: Path, required: AbstractSet[str], known: AbstractSet[str]) -> pa.Schema | None:
    """The schema of a Parquet file that has the required columns and, beside addresses, none that we do not know; None for
    any other file."""
    with path.open("rb") as file:
        if file.read(4) != b"PAR1":
            return None
    schema = pq.read_schema(path)
    names = set(schema.names)
    return schema if names >= required and not names - known - {ADDRESS} else None


def with_hashes(found: pa.Table, context: FileContext) -> pa.Table:
    """Hashes of the addresses where no hash was given; the addresses go no further."""
    hashes = mapped(found[ADDRESS], context.hash_email)
    if "email_hash" in found.column_names:
        hashes = pc.coalesce(found["email_hash"].cast(pa.string()), hashes)
        found = found.drop_columns(["email_hash"])
    return found.drop_columns([ADDRESS]).append_column("email_hash", hashes)


def mapped(texts: pa.ChunkedArray, change: Callable[[str | None], str | None], only: str | None = None) -> pa.Array:
    """Each distinct text changed once; with `only`, those alone that match the expression."""
    encoded = texts.combine_chunks()
    encoded = encoded if pa.types.is_dictionary(encoded.type) else encoded.dictionary_encode()
    words = encoded.dictionary.cast(pa.string())
    touched = pc.match_substring_regex(words, only).to_pylist() if only else [True] * len(words)
    changed = [
        change(word) if is_touched else word for word, is_touched in zip(words.to_pylist(), touched, strict=True)
    ]
    return pa.array(changed, pa.string()).take(encoded.indices)
