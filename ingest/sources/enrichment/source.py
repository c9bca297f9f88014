"""Answers of data providers (Apollo, Hunter, People Data Labs, Clearbit's shape): JSON lines, one request a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.base import Feed, FileContext, Record, Source
from ingest.formats import read_file
from ingest.sources.enrichment.schema import RULES, SUITE, parse
from storage.lake.schemas import ENRICHMENT_RESPONSES


def read(path: Path, _context: FileContext) -> Iterator[Record]:
    return read_file(path)


SOURCE = Source(
    name="enrichment",
    title="Enrichment responses",
    feeds=(
        Feed(
            table=ENRICHMENT_RESPONSES,
            key=("organization_id", "response_id"),
            rules=RULES,
            suite=SUITE,
            parse=parse,
            read=read,
        ),
    ),
    has_personal_data=True,
)
