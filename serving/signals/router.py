"""/v1/signals: what happened at companies and with people, kept once, weighed by age; and what was refused."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from domain.ids import new_id
from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.lists import Cursor, Filters, Limit
from serving.signals import service
from serving.signals.schemas import (
    AT_ONCE,
    RejectedSignalOut,
    RejectedSignalsOut,
    ReplayedOut,
    SignalListOut,
    SignalsIn,
    SignalsTakenOut,
    TakenOut,
    WarmthOut,
)
from serving.signals.taking import note_telling, replay_some, take
from storage.ops import requests
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.signals import RejectedSignals

router = APIRouter(prefix="/v1/signals", tags=["signals"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.COMPANIES_READ)]
Writer = Annotated[Principal, may(Permission.COMPANIES_WRITE)]
Viewer = Annotated[Principal, may(Permission.QUALITY_READ)]
Replayer = Annotated[Principal, may(Permission.QUALITY_WRITE)]
SHOWN = 100


@router.post("", status_code=202)
def tell_signals(body: SignalsIn, store: StoreDep, principal: Writer) -> SignalsTakenOut:
    """Keeps each signal once; sent again it is `known`. What is refused is kept with its reason and can be tried again."""
    with store.write(principal.scope, principal.actor) as work:
        taken = take(work, body.items, source=body.source)
        counts = note_telling(work, taken, source=body.source)
    return SignalsTakenOut(
        kept=counts["kept"],
        known=counts["known"],
        refused=counts["refused"],
        results=[TakenOut(outcome=one.outcome, reason=one.reason, message=one.message) for one in taken],
    )


@router.get("")
def list_signals(
    *,
    store: StoreDep,
    principal: Reader,
    filters: Filters = [],  # noqa: B006  FastAPI copies it
    cursor: Cursor = None,
    limit: Limit = 50,
) -> SignalListOut:
    """A page of signals, newest first, each with what is left of it today."""
    with store.read(principal.scope) as work:
        return service.feed(work, filters, limit=limit, cursor=cursor)


@router.get("/companies")
def list_warm_companies(
    store: StoreDep, principal: Reader, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> WarmthOut:
    """Companies by what their signals weigh today, and every one that has more than it is used to."""
    with store.read(principal.scope) as work:
        return service.warmth(work, limit=limit)


@router.get("/rejected")
def list_rejected_signals(store: StoreDep, principal: Viewer) -> RejectedSignalsOut:
    """What was refused and waits, oldest first."""
    with store.read(principal.scope) as work:
        rejected = RejectedSignals(work)
        return RejectedSignalsOut(
            items=[RejectedSignalOut.model_validate(row, from_attributes=True) for row in rejected.open(limit=SHOWN)],
            reasons=rejected.counts(),
        )


@router.post("/rejected/replay")
def replay_rejected_signals(store: StoreDep, principal: Replayer) -> ReplayedOut:
    """Tries all that wait again, as they came. What is refused again stays, with the newest reason."""
    tried, got_through, after = 0, 0, None
    while True:
        store.give_way()
        with requests.in_part(is_last=False), store.write(principal.scope, principal.actor) as work:
            taken, last = replay_some(work, limit=AT_ONCE, after=after)
        if last is None:
            break
        after = last
        tried += len(taken)
        got_through += sum(one.outcome != "refused" for one in taken)
    with store.write(principal.scope, principal.actor) as work:
        Audit(work).record("replay", "signals", new_id(), after={"tried": tried, "got_through": got_through})
    return ReplayedOut(tried=tried, got_through=got_through)
