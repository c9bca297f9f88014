"""Sent, delivered, bounced, opened, clicked, replied, complained, unsubscribed: from files of mail systems."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.base import Feed, FileContext, Record, Source
from ingest.cells import with_formats
from ingest.formats import read_file
from ingest.sources.email_engagement.columns import COLUMNAR
from ingest.sources.email_engagement.schema import RULES, SUITE, parse
from storage.lake.schemas import EMAIL_EVENTS


def read(path: Path, _context: FileContext) -> Iterator[Record]:
    return with_formats(read_file(path), dates=("occurred_at", "timestamp", "created_at", "date"), numbers=())


SOURCE = Source(
    name="email_engagement",
    title="E-mail engagement",
    feeds=(
        Feed(
            table=EMAIL_EVENTS,
            key=("organization_id", "event_id"),
            rules=RULES,
            suite=SUITE,
            parse=parse,
            read=read,
            columnar=COLUMNAR,
        ),
    ),
)
