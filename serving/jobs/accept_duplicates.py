"""Merges, or parts again, many pairs that somebody accepted in one act: `{batch_id, entity, ids}` or `{batch_id, undo}`.

Each pair is a unit of work of its own. A pair that was decided since, or one of whose records changed hands, is left as
it is; so a job that is repeated goes on where it stood.
"""

from __future__ import annotations

from typing import Any

from domain.errors import Conflict, InvalidInput, NotFound
from domain.tenancy import Actor
from serving.duplicates import service
from serving.jobs.base import JobContext, JobPaused
from storage.ops.repositories.duplicates import Duplicates

KIND = "accept_duplicates"
LANE = "long"


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """`asked_by` is {kind, id} of who accepted: the acts are theirs. Raises JobPaused when the worker stops."""
    batch_id, asked_by = str(payload["batch_id"]), Actor(**payload["asked_by"])
    act = service.part if payload.get("undo") else service.accept
    for proposal_id in _ids(context, payload):
        if context.is_stopping():
            raise JobPaused
        context.store.give_way()
        try:
            with context.store.write(context.scope, asked_by) as work:
                act(work, proposal_id, batch_id)
        except (Conflict, InvalidInput, NotFound):
            continue


def _ids(context: JobContext, payload: dict[str, Any]) -> list[str]:
    if not payload.get("undo"):
        return [str(each) for each in payload["ids"]]
    with context.store.read(context.scope) as work:
        return [each.duplicate_proposal_id for each in Duplicates(work).of_batch(str(payload["batch_id"]))]
