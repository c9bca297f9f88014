"""/v1/quality: what was refused, held or failed, and the buttons that try it again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from domain.errors import NotFound
from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.quality.schemas import (
    DeadJobOut,
    HeldSubmissionOut,
    JobQueuedOut,
    QuarantineReplayOut,
    ReasonOut,
    RejectedEventOut,
    RejectedEventsOut,
    ReplayQuarantine,
    ReplayRejected,
    RequeuedOut,
    RequeueJobs,
    TroubleOut,
)
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.quality_lists import QualityLists
from storage.ops.tables import QuarantineReplay

router = APIRouter(prefix="/v1/quality", tags=["quality"])
ROLES = frozenset({"api", "ui"})
Viewer = Annotated[Principal, may(Permission.QUALITY_READ)]
Replayer = Annotated[Principal, may(Permission.QUALITY_WRITE)]


@router.get("/summary")
def read_trouble(store: StoreDep, principal: Viewer) -> TroubleOut:
    """How much waits for somebody."""
    with store.read(principal.scope) as work:
        return TroubleOut(**QualityLists(work).counts())


@router.get("/rejected-events")
def list_rejected_events(
    *,
    store: StoreDep,
    principal: Viewer,
    reason: Annotated[str | None, Query(max_length=60)] = None,
    replayed: bool = False,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RejectedEventsOut:
    """Refused events, newest first, with a count for each reason."""
    with store.read(principal.scope) as work:
        lists = QualityLists(work)
        rows, next_cursor = lists.rejected_events(reason=reason, replayed=replayed, limit=limit, cursor=cursor)
        return RejectedEventsOut(
            items=[RejectedEventOut.model_validate(row, from_attributes=True) for row in rows],
            next_cursor=next_cursor,
            reasons=[ReasonOut.model_validate(found, from_attributes=True) for found in lists.rejected_reasons()],
        )


@router.post("/rejected-events/replay", status_code=202)
def replay_rejected_events(body: ReplayRejected, store: StoreDep, principal: Replayer) -> JobQueuedOut:
    """Queues another try; events that pass now are accepted as if they had come today."""
    organization_id = principal.scope.organization_id
    with store.write(principal.scope, principal.actor) as work:
        ids = QualityLists(work).waiting_rejected_ids(body.ids, body.reason)
        if not ids:
            return JobQueuedOut(job_id=None, count=0)
        payload = {"organization_id": organization_id, "ids": ids}
        job_id = Jobs(work).enqueue("replay_rejected", organization_id=organization_id, payload=payload, priority=5)
        Audit(work).record(
            "replay", "rejected_events", organization_id, after={"count": len(ids), "reason": body.reason}
        )
        return JobQueuedOut(job_id=job_id, count=len(ids))


@router.get("/quarantine/replays")
def list_quarantine_replays(store: StoreDep, principal: Viewer) -> list[QuarantineReplayOut]:
    """The newest twenty requests and what came of them."""
    with store.read(principal.scope) as work:
        return [_replay(found) for found in QualityLists(work).quarantine_replays(20)]


@router.post("/quarantine/replay", status_code=202)
def replay_quarantine(body: ReplayQuarantine, store: StoreDep, principal: Replayer) -> QuarantineReplayOut:
    """Asks that quarantined rows be tried again. Only landing writes the lake, so it answers at its next run."""
    with store.write(principal.scope, principal.actor) as work:
        asked = QualityLists(work).ask_replay(body.source, body.ids, principal.email)
        kept = {"source": body.source, "count": len(body.ids or ())}
        Audit(work).record("replay", "quarantine", asked.quarantine_replay_id, after=kept)
        return _replay(asked)


@router.get("/held-submissions")
def list_held_submissions(store: StoreDep, principal: Viewer) -> list[HeldSubmissionOut]:
    """The newest hundred form submissions held as spam."""
    with store.read(principal.scope) as work:
        return [
            HeldSubmissionOut(
                form_submission_id=found.form_submission_id,
                form_id=found.form_id,
                form_name=form_name,
                answers=found.answers or {},
                page_url=found.page_url,
                held_reason=found.held_reason,
                submitted_at=found.submitted_at,
            )
            for found, form_name in QualityLists(work).held_submissions(100)
        ]


@router.get("/dead-jobs")
def list_dead_jobs(store: StoreDep, principal: Viewer) -> list[DeadJobOut]:
    """The newest hundred jobs that failed for good."""
    with store.read(principal.scope) as work:
        return [DeadJobOut.model_validate(found, from_attributes=True) for found in QualityLists(work).dead_jobs(100)]


@router.post("/dead-jobs/requeue", status_code=202)
def requeue_dead_jobs(body: RequeueJobs, store: StoreDep, principal: Replayer) -> RequeuedOut:
    """Gives the named jobs all their attempts again; 404 if one of them is not here."""
    with store.write(principal.scope, principal.actor) as work:
        here = {found.job_id for found in QualityLists(work).dead_jobs(10_000)}
        if not set(body.ids) <= here:
            raise NotFound("Some of these jobs are not here, or are not dead.")
        count = Jobs(work).requeue_dead(body.ids)
        Audit(work).record("requeue", "jobs", principal.scope.organization_id, after={"ids": body.ids, "count": count})
        return RequeuedOut(count=count)


def _replay(found: QuarantineReplay) -> QuarantineReplayOut:
    return QuarantineReplayOut(
        quarantine_replay_id=found.quarantine_replay_id,
        source=found.source,
        asked_count=len(found.quarantine_ids) or None,
        status=found.status,
        replayed_count=found.replayed_count,
        created_at=found.created_at,
        finished_at=found.finished_at,
    )
