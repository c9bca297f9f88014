"""Enriches a lead that just came in, within the time that its workflow gives: `enrich_lead {contact_id}`."""

from __future__ import annotations

from typing import Any

from serving.enrichment.doors import doors_of
from serving.enrichment.intake import JOB
from serving.enrichment.leads import enrich_lead
from serving.jobs.base import JobContext

KIND = JOB
LANE = "leads"


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """A contact that is gone is no error."""
    doors = doors_of(context.settings)
    enrich_lead(context.store, context.settings, context.scope, str(payload["contact_id"]), doors, clock=context.clock)
