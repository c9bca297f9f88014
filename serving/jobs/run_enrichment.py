"""Carries a run of enrichment on for a while, then lets others have their turn: `run_enrichment {enrichment_run_id}`."""

from __future__ import annotations

from typing import Any

from domain.errors import NotFound
from serving.crm.scoring import score_soon
from serving.enrichment.doors import doors_of
from serving.enrichment.intake import FIRST
from serving.enrichment.runs import JOB, carry_on, queue
from serving.jobs.base import JobContext

KIND = JOB
LANE = "enrich"
SECONDS = 20.0
"""Then the run of another organization has its turn."""


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """`contact_id`: the lead that it is for, if it is for one. A run that is gone is no error: nobody waits for it any more."""
    run_id = str(payload["enrichment_run_id"])
    try:
        progress = carry_on(
            context.store, context.settings, context.scope, run_id, doors_of(context.settings), clock=context.clock,
            seconds=SECONDS, should_stop=context.is_stopping,
        )  # fmt: skip
    except NotFound:
        return
    lead: str | None = payload.get("contact_id")
    if progress.again_at is not None or lead is not None:
        with context.store.write(context.scope, context.actor) as work:
            if progress.again_at is not None:
                queue(work, run_id, progress.again_at, lead=lead)
            else:
                score_soon(work, str(lead), priority=FIRST)
