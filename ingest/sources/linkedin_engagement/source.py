"""Connections, invitations and messages of a member's data export, and responses to Lead Gen Forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ingest.base import Feed, FileContext, Record, Source
from ingest.cells import cell, with_formats
from ingest.formats import read_csv, read_file
from ingest.sources.linkedin_engagement.schema import OWNER, RULES, SUBMITTED, SUITE, parse
from storage.lake.schemas import LINKEDIN_EVENTS

HEADERS = frozenset({"connected on", "sent at", "conversation id", "occurred_at", *SUBMITTED})
UNREAD = frozenset({"content", "subject", "message", "conversation title", "attachments"})
"""What people wrote to each other never leaves the file, not even into quarantine."""
TIMES = ("connected on", "sent at", "date", "occurred_at", *SUBMITTED)


def read(path: Path, _context: FileContext) -> Iterator[Record]:
    """Connections.csv begins with notes; the header is the first line with a column we know."""
    if path.name.removesuffix(".gz").endswith(".csv"):
        records = [_without_words(record) for record in read_csv(path, header_has_one_of=HEADERS)]
        owner = _owner(records)
        yield from with_formats(
            ({**record, OWNER: owner} if owner else record for record in records), dates=TIMES, numbers=()
        )
    else:
        yield from with_formats(read_file(path), dates=TIMES, numbers=())


def _without_words(record: Record) -> Record:
    return {name: value for name, value in record.items() if str(name).casefold() not in UNREAD}


def _owner(records: list[Record]) -> str | None:
    """Whose messages these are: the profile that takes part in most of the conversations."""
    parts: dict[str, set[str]] = {}
    for record in records:
        if (conversation := cell(record, "conversation id")) is None:
            continue
        sides = f"{cell(record, 'sender profile url') or ''},{cell(record, 'recipient profile urls') or ''}"
        parts.setdefault(str(conversation), set()).update(side.strip() for side in sides.split(",") if side.strip())
    seen = Counter(profile for profiles in parts.values() for profile in profiles)
    return min(seen, key=lambda profile: (-seen[profile], profile)) if seen else None


SOURCE = Source(
    name="linkedin_engagement",
    title="LinkedIn engagement",
    feeds=(
        Feed(
            table=LINKEDIN_EVENTS,
            key=("organization_id", "event_id"),
            rules=RULES,
            suite=SUITE,
            parse=parse,
            read=read,
        ),
    ),
)
