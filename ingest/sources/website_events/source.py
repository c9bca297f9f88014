"""Events of the pixel and the collect endpoint, landed from the inbox; history of other collectors, from files."""

from __future__ import annotations

from ingest.base import Door, Feed, Source
from ingest.sources.website_events.columns import COLUMNAR
from ingest.sources.website_events.history import read
from ingest.sources.website_events.schema import ORIGINAL, RULES, SHAPE, SUITE
from storage.lake.schemas import WEBSITE_EVENTS

SOURCE = Source(
    name="website_events",
    title="Website events",
    feeds=(
        Feed(
            table=WEBSITE_EVENTS,
            key=("organization_id", "event_id"),
            rules=RULES,
            suite=SUITE,
            door=Door.INBOX,
            shape=SHAPE,
            original=ORIGINAL,
            read=read,
            columnar=COLUMNAR,
        ),
    ),
)
