"""Carries a run of enrichment on for a while, then lets others have their turn: `run_enrichment {enrichment_run_id}`."""

from __future__ import annotations

from time import monotonic
from typing import Any

from domain.errors import NotFound
from domain.tenancy import SystemScope
from serving.enrichment import intake
from serving.enrichment.doors import doors_of
from serving.enrichment.leads import score_again
from serving.enrichment.runs import JOB, carry_on, queue
from serving.jobs.base import JobContext
from storage.ops.repositories.jobs import Jobs

KIND = JOB
LANE = "enrich"
SECONDS = 20.0
"""Then the run of another organization has its turn."""
LEADS = frozenset({intake.JOB})


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """`contact_id`: the lead that it is for, if it is for one. A run that is gone is no error: nobody waits for it any more."""
    run_id = str(payload["enrichment_run_id"])
    watch = _Watch(context)
    try:
        progress = carry_on(
            context.store, context.settings, context.scope, run_id, doors_of(context.settings), clock=context.clock,
            seconds=SECONDS, should_stop=watch,
        )  # fmt: skip
    except NotFound:
        return
    lead: str | None = payload.get("contact_id")
    if progress.again_at is not None or lead is not None:
        with context.store.write(context.scope, context.actor) as work:
            if progress.again_at is not None:
                queue(work, run_id, progress.again_at, lead=lead)
            else:
                score_again(work, str(lead))


class _Watch:
    """Whether the worker is stopping, or a lead came in, which goes first; looked at twice a second."""

    def __init__(self, context: JobContext) -> None:
        self._context, self._next, self._is_due = context, monotonic() + 0.5, False

    def __call__(self) -> bool:
        if monotonic() >= self._next:
            self._next = monotonic() + 0.5
            with self._context.store.read(SystemScope("a lead goes before a run")) as work:
                self._is_due = Jobs(work).is_due(now=self._context.clock(), only=LEADS)
        return self._is_due or self._context.is_stopping()
