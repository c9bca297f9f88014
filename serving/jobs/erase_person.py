"""Takes a person out of store and uploaded files: `erase_person {erasure_id}`. The lake follows, by the pipeline."""

from __future__ import annotations

from typing import Any

from serving.jobs.base import JobContext
from storage.ops import erasing

KIND = erasing.JOB
LANE = "long"


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """Interrupted, it is done again from the start, which harms nothing."""
    erasing.erase_from_store(context.store, context.settings, str(payload["erasure_id"]), context.actor)
