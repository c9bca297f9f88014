"""NAME, in one sentence: what it is and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest._template.schema import RULES, SUITE, TABLE, parse
from ingest.base import Feed, FileContext, Record, Source
from ingest.formats import read_file


def read(path: Path, _context: FileContext) -> Iterator[Record]:
    return read_file(path)


SOURCE = Source(
    name="NAME",
    title="TITLE",
    feeds=(
        Feed(
            table=TABLE,
            key=("organization_id", "event_id"),
            rules=RULES,
            suite=SUITE,
            parse=parse,
            read=read,
        ),
    ),
)
