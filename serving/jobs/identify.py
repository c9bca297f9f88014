"""`identify` events that came in a batch: the collector kept the event, the person is recorded here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.decisions import DecisionKind
from domain.errors import InvalidInput
from serving.identify.calls import Call, WrongUserHash, identify
from serving.jobs.base import JobContext
from storage.ops.repositories.decisions import Decisions

KIND = "identify"


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """`payload`: {event_id, anonymous_id, user_hash, traits, occurred_at, received_at, page_url}, as the collector writes
    it; consent to link was judged there. Traits that name nobody, or a wrong signature, end the job: the event stays.
    """
    received_at = datetime.fromisoformat(payload["received_at"])
    occurred_at = datetime.fromisoformat(payload.get("occurred_at") or payload["received_at"])
    call = Call(
        traits=payload["traits"],
        occurred_at=min(occurred_at, received_at),
        anonymous_id=(payload.get("anonymous_id") or "")[:64] or None,
        user_hash=payload.get("user_hash"),
        event_id=payload.get("event_id"),
        page_url=payload.get("page_url") or "",
    )
    try:
        identify(context.store, context.scope, context.actor, call)
    except WrongUserHash:
        return  # the ledger has it
    except InvalidInput as error:
        with context.store.write(context.scope, context.actor) as work:
            event_id, seen = call.event_id or context.job_id, {"traits": sorted(call.traits)}
            Decisions(work).record(DecisionKind.REJECT, "event", event_id, "not_identified", error.code, seen)
