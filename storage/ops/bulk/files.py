"""Uploaded files: kept byte for byte under <data>/uploads/<import_id>, read as lines, and looked through once."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import ImportRejected, TooLarge
from domain.imports.kinds import refuse_what_is_no_table
from domain.imports.mapping import ColumnValues
from domain.imports.reading import Dialect, Record, fit, read_records
from domain.settings import Settings

_DISTINCT = 2_000


@dataclass(frozen=True, slots=True)
class Upload:
    """Bytes that were kept: where, how many, and their SHA-256."""

    path: Path
    byte_count: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What a file holds, column by column, and how many rows."""

    row_count: int
    values: tuple[ColumnValues, ...]


def upload_path(settings: Settings, import_id: str) -> Path:
    """Where the bytes of an import lie."""
    return settings.data.dir.absolute() / "uploads" / import_id


def unpacked(data: bytes, *, limit: int) -> bytes:
    """The bytes of a table: gzip is opened, what is no table is refused with what to do; raises TooLarge above `limit`."""
    if data[:2] == b"\x1f\x8b":
        try:
            with gzip.open(io.BytesIO(data)) as stream:
                data = stream.read(limit + 1)
        except (OSError, EOFError) as error:
            raise ImportRejected("the gzip file is damaged") from error
    if len(data) > limit:
        raise TooLarge(f"the file is larger than {limit // 1024 // 1024} MB", hint="Split it, and import the parts.")
    refuse_what_is_no_table(data)
    return data


def keep_upload(settings: Settings, import_id: str, data: bytes) -> Upload:
    """Writes the bytes durably before anything refers to them."""
    path = upload_path(settings, import_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)
    return Upload(path, len(data), hashlib.sha256(data).hexdigest())


def rows_of(path: Path, dialect: Dialect) -> Iterator[Record]:
    """The rows of a file in order, the header passed over."""
    with path.open(encoding=dialect.encoding, errors=dialect.errors, newline="") as lines:
        records = read_records(lines, dialect)
        if dialect.has_header:
            next(records, None)
        yield from records


def profile(path: Path, dialect: Dialect, columns: Sequence[str]) -> Profile:
    """One pass over the file: rows, filled cells, and up to 2,000 distinct values of each column."""
    distinct: list[dict[str, None]] = [{} for _ in columns]
    filled = [0] * len(columns)
    row_count = 0
    for record in rows_of(path, dialect):
        row_count += 1
        cells, problem = fit(record.fields or [], len(columns))
        if problem:
            continue
        for index, raw in enumerate(cells):
            cell = raw.strip()
            if cell:
                filled[index] += 1
                seen = distinct[index]
                if len(seen) < _DISTINCT:
                    seen[cell] = None
    values = tuple(
        ColumnValues(tuple(seen), count, len(seen) < _DISTINCT) for seen, count in zip(distinct, filled, strict=True)
    )
    return Profile(row_count, values)
