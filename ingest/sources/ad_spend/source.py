"""Spend by day and campaign, from our own columns or the exports of Google Ads, Meta Ads and LinkedIn Campaign Manager."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.base import Feed, FileContext, Record, Repeats, Source
from ingest.cells import with_formats
from ingest.formats import read_csv, read_file
from ingest.sources.ad_spend.schema import AMOUNT, COMBINE, DAY, RULES, SUITE, parse
from storage.lake.schemas import AD_SPEND

TEXTS = (".csv", ".tsv", ".txt", "")


def read(path: Path, _context: FileContext) -> Iterator[Record]:
    """Exports put titles and account lines before their header; it is the first line that names a day."""
    suffix = path.suffixes[-2] if path.suffix == ".gz" and len(path.suffixes) > 1 else path.suffix
    records = read_csv(path, header_has_one_of=frozenset(DAY)) if suffix.lower() in TEXTS else read_file(path)
    return with_formats(records, dates=DAY, numbers=AMOUNT)


SOURCE = Source(
    name="ad_spend",
    title="Advertising spend",
    feeds=(
        Feed(
            table=AD_SPEND,
            key=("organization_id", "spend_id"),
            rules=RULES,
            suite=SUITE,
            repeats=Repeats.REPLACE,
            parse=parse,
            read=read,
            combine=COMBINE,
        ),
    ),
)
