"""Queues leads to be enriched as they come in. Light: whatever captures leads imports it."""

from __future__ import annotations

from storage.ops.repositories.enrichment_workflows import EnrichmentWorkflows
from storage.ops.repositories.jobs import Jobs
from storage.ops.store import Work

JOB = "enrich_lead"
FIRST = 5
"""Priority: before runs over many, which may wait."""


def enrich_soon(work: Work, contact_id: str) -> None:
    """Queues a lead where a workflow asks for it. Call it in the transaction that stores the lead."""
    if EnrichmentWorkflows(work).for_leads():
        Jobs(work).enqueue(JOB, payload={"contact_id": contact_id}, unique_key=f"{JOB}:{contact_id}", priority=FIRST)
