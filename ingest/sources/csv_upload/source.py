"""Uploaded files, row by row as they stood: what an import was made of, for anyone who asks later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.base import Feed, FileContext, Record, Source
from ingest.formats import read_file
from ingest.sources.csv_upload.schema import RULES, SUITE, parse
from storage.lake.schemas import CSV_ROWS


def read(path: Path, _context: FileContext) -> Iterator[Record]:
    return read_file(path)


SOURCE = Source(
    name="csv_upload",
    title="Uploaded files",
    feeds=(
        Feed(
            table=CSV_ROWS,
            key=("organization_id", "import_id", "row_number"),
            rules=RULES,
            suite=SUITE,
            parse=parse,
            read=read,
        ),
    ),
    has_personal_data=True,
)
