"""Puts many people into a sequence: `{enrolment_batch_id, asked_by}`, a part in each unit of work.

A part is done or it is not, so a job that is repeated goes on where it stood.
"""

from __future__ import annotations

from typing import Any

from domain.errors import NotFound
from domain.tenancy import Actor
from serving.jobs.base import JobContext, JobPaused
from serving.sequences.batches import JOB, carry_on

KIND = JOB
LANE = "long"


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """`asked_by` is {kind, id} of who asked: the act is theirs. A batch that is gone is no error. Raises JobPaused when the
    worker stops."""
    actor = Actor(**payload["asked_by"])
    try:
        is_done = carry_on(
            context.store, actor, context.organization_id, str(payload["enrolment_batch_id"]), context.is_stopping
        )
    except NotFound:
        return
    if not is_done:
        raise JobPaused
