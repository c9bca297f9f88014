"""Judges the clicks of one message once all that belongs to them has come in: `judge_clicks {outbox_message_id}`."""

from __future__ import annotations

from typing import Any

from domain.errors import NotFound
from serving.jobs.base import JobContext
from serving.tracking.recording import ACTOR, JUDGE_CLICKS, queue_look, settle
from storage.ops.repositories.outbox import Outbox

KIND = JUDGE_CLICKS


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """A message that is gone is no error: its person was forgotten."""
    outbox_message_id = str(payload["outbox_message_id"])
    with context.store.write(context.scope, ACTOR) as work:
        try:
            again_at = settle(work, outbox_message_id)
        except NotFound:
            return
        if again_at is not None:
            queue_look(work, Outbox(work).get(outbox_message_id), again_at)
