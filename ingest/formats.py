"""Files as records: CSV as people and platforms write it, JSON lines, JSON, Parquet; each also gzipped.

A record is a mapping as the file has it. What could not be split or decoded is a record with the key PROBLEM (why) and
RAW (its text), so that it reaches quarantine instead of vanishing.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from domain.errors import InvalidInput
from domain.imports.dialects import detect
from domain.imports.reading import Dialect, fit, read_records
from ingest.base import Record

PROBLEM = "_problem"
RAW = "_raw"
LINE = "_line"
"""The number of a record in its file, 1 for the first line."""


def read_file(path: Path) -> Iterator[Record]:
    """The records of a file, by its suffix (`.csv .tsv .txt .jsonl .ndjson .json .parquet`, with or without `.gz`).

    Without a suffix we know, by its first characters. Raises InvalidInput for what is none of these.
    """
    suffix = (path.suffixes[-2:-1] if path.suffix == ".gz" else path.suffixes[-1:]) or [""]
    match suffix[0].lower():
        case ".parquet":
            return read_parquet(path)
        case ".jsonl" | ".ndjson":
            return read_json_lines(path)
        case ".json":
            return read_json(path)
        case ".csv" | ".tsv" | ".txt":
            return read_csv(path)
    with path.open("rb") as file:
        start = file.read(64).lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith(b"PAR1"):
        return read_parquet(path)
    return read_json(path) if start[:1] in {b"{", b"["} else read_csv(path)


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines of UTF-8 text, without their ends and without empty ones."""
    with io.TextIOWrapper(io.BytesIO(_bytes(path)), encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if text := line.strip():
                yield number, text


def read_json_lines(path: Path) -> Iterator[Record]:
    """One object a line."""
    for number, line in text_lines(path):
        yield from _objects(line, number)


def read_json(path: Path) -> Iterator[Record]:
    """An array of objects, one object, `{"data"|"elements"|"results": [...]}`, or JSON lines under another name."""
    text = _bytes(path).decode("utf-8-sig", errors="replace")
    try:
        found = json.loads(text)
    except ValueError:
        yield from read_json_lines(path)
        return
    if isinstance(found, dict):
        listed = next(
            (found[name] for name in ("data", "elements", "results") if isinstance(found.get(name), list)), None
        )
        found = [found] if listed is None else listed
    for number, one in enumerate(found if isinstance(found, list) else [found], start=1):
        yield {**one, LINE: number} if isinstance(one, dict) else _unreadable("not a JSON object", str(one), number)


def read_csv(path: Path, *, header_has_one_of: frozenset[str] = frozenset()) -> Iterator[Record]:
    """One mapping a row, keyed by the header as it stands, cells as text.

    Encoding, delimiter, quotes and lines before the table are detected; `header_has_one_of` names columns (in
    lower case), one of which tells the header where a platform puts titles and notes before it.
    """
    data = _bytes(path)
    dialect = detect(data).dialect
    lines = io.StringIO(data.decode(dialect.encoding, errors=dialect.errors), newline="")
    records = read_records(
        lines, Dialect(**{**dialect.to_json(), "skip_lines": 0, "width": 0}) if header_has_one_of else dialect
    )
    columns: list[str] | None = None
    for record in records:
        if record.fields is None:
            if columns is not None:
                yield _unreadable(record.problem, record.raw, record.line)
            continue
        if columns is None:
            named = [field.strip() for field in record.fields]
            if not header_has_one_of or header_has_one_of & {field.casefold() for field in named}:
                columns = named
            continue
        fields, problem = fit(record.fields, len(columns))
        if problem:
            yield _unreadable(problem, record.raw, record.line)
        else:
            yield {**dict(zip(columns, fields, strict=True)), LINE: record.line}
    if columns is None:
        raise InvalidInput(
            "the file has no table"
            + (f" with a column {' or '.join(sorted(header_has_one_of))}" if header_has_one_of else ""),
            hint="Check that it is the right export, saved as CSV.",
        )


def read_parquet(path: Path) -> Iterator[Record]:
    """One mapping a row, values in the file's own types."""
    number = 0
    for batch in pq.ParquetFile(path).iter_batches(batch_size=10_000):
        for row in batch.to_pylist():
            number += 1
            yield {**row, LINE: number}


def _objects(text: str, number: int) -> Iterator[Record]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, dict):
        yield {**found, LINE: number}
    else:
        yield _unreadable("not a JSON object", text, number)


def _unreadable(problem: str, raw: str, number: int) -> dict[str, Any]:
    return {PROBLEM: problem, RAW: raw, LINE: number}


def _bytes(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
