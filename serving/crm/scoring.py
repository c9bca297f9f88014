"""Queues new scores for contacts of whom something else is known now. Light: whatever changes contacts imports it."""

from __future__ import annotations

from collections.abc import Iterable

from storage.ops.repositories.jobs import Jobs
from storage.ops.store import Work

JOB = "score_contact"


def score_soon(work: Work, contact_id: str, *, organization_id: str | None = None, priority: int = 0) -> None:
    """Call it in the transaction that changes the contact; one that waits for a score already is scored once."""
    Jobs(work).enqueue(
        JOB,
        organization_id=organization_id,
        payload={"contact_id": contact_id},
        unique_key=f"{JOB}:{contact_id}",
        priority=priority,
    )


def score_each_soon(work: Work, contact_ids: Iterable[str], *, organization_id: str) -> None:
    """The same for many, in one statement."""
    payloads = {f"{JOB}:{contact_id}": {"contact_id": contact_id} for contact_id in contact_ids}
    Jobs(work).enqueue_each(JOB, payloads, organization_id=organization_id)
