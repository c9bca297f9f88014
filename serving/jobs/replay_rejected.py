"""Refused events get another try: asked for on the data quality screen, done here a few at a time."""

from __future__ import annotations

from typing import Any

from serving.capture.replay import replay
from serving.jobs.base import JobContext, JobPaused

KIND = "replay_rejected"
LANE = "long"


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """Payload: {organization_id, ids}. Run twice it does no more: what got through no longer waits."""

    def between() -> None:
        context.extend_lease()
        if context.is_stopping():
            raise JobPaused

    replay(
        context.store,
        context.scope,
        settings=context.settings,
        clock=context.clock,
        ids=[str(found) for found in payload["ids"]],
        between=between,
    )
