"""Changes of the operational store, landed from its change log."""

from __future__ import annotations

from ingest.base import Door, Feed, Source
from ingest.sources.operational.schema import ORIGINAL, RULES, SHAPE, SUITE
from storage.lake.schemas import OPERATIONAL_CHANGES

SOURCE = Source(
    name="operational",
    title="Changes in the operational store",
    feeds=(
        Feed(
            table=OPERATIONAL_CHANGES,
            key=("organization_id", "seq", "transaction_id"),
            rules=RULES,
            suite=SUITE,
            door=Door.CHANGES,
            shape=SHAPE,
            original=ORIGINAL,
        ),
    ),
    has_personal_data=True,
)
