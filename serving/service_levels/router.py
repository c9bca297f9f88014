"""/v1/service-levels: how soon leads are to be touched, and which are not."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import ClockDep, StoreDep
from serving.lists import Limit
from serving.service_levels import service
from serving.service_levels.schemas import ClockOut, ClocksOut, PauseIn, ServiceLevelsIn, ServiceLevelsOut

router = APIRouter(prefix="/v1/service-levels", tags=["service levels"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.SETTINGS_READ)]
Designer = Annotated[Principal, may(Permission.SETTINGS_WRITE)]
Worker = Annotated[Principal, may(Permission.TASKS_READ)]
TaskWriter = Annotated[Principal, may(Permission.TASKS_WRITE)]


@router.get("")
def read_service_levels(store: StoreDep, principal: Reader) -> ServiceLevelsOut:
    """The policies that hold now."""
    with store.read(principal.scope) as work:
        return service.shown(work)


@router.put("")
def put_service_levels(body: ServiceLevelsIn, store: StoreDep, principal: Designer) -> ServiceLevelsOut:
    """A new version of all policies, for leads to come."""
    with store.write(principal.scope, principal.actor) as work:
        return service.put(work, body)


@router.post("/clocks/{service_clock_id}/pause")
def pause_clock(
    service_clock_id: str, body: PauseIn, store: StoreDep, principal: TaskWriter, clock: ClockDep
) -> ClockOut:
    """Time that does not count: until a moment, or until the lead is heard of again. It stands in the timeline."""
    with store.write(principal.scope, principal.actor) as work:
        return service.pause(work, service_clock_id, body, clock())


@router.post("/clocks/{service_clock_id}/resume")
def resume_clock(service_clock_id: str, store: StoreDep, principal: TaskWriter, clock: ClockDep) -> ClockOut:
    """The clock goes on now. 409 for one that is not paused."""
    with store.write(principal.scope, principal.actor) as work:
        return service.resume(work, service_clock_id, clock())


@router.get("/clocks")
def list_clocks(store: StoreDep, principal: Worker, clock: ClockDep, limit: Limit = 100) -> ClocksOut:
    """Clocks that run, those at risk first; of the 1,000 oldest."""
    with store.read(principal.scope) as work:
        return service.clocks(work, clock(), limit=limit)
