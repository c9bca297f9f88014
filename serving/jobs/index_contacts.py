"""Makes anew what contacts are found, filtered and sorted by: `index_contacts`, after custom fields were changed. Each part
is written whole; begun again it begins at the first contact, which harms nobody."""

from __future__ import annotations

from typing import Any

from serving.jobs.base import JobContext, JobPaused
from storage.ops import contact_index
from storage.ops.bulk.pacing import Pace

KIND = contact_index.INDEXING
LANE = "long"


def run(context: JobContext, payload: dict[str, Any]) -> None:  # noqa: ARG001  the signature of a job
    """Raises JobPaused when the worker stops."""
    last = ""
    with Pace(context.store) as pace:
        while True:
            if context.is_stopping():
                raise JobPaused
            with context.store.read(context.scope) as work:
                ids = contact_index.ids_after(work.session.connection(), context.organization_id, last, pace.rows)
            if not ids:
                return
            with pace.write(context.scope, context.actor, len(ids)) as work:
                contact_index.reindex(work.session.connection(), ids)
            last = ids[-1]
