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
from serving.service_levels.schemas import ClocksOut, ServiceLevelsIn, ServiceLevelsOut

router = APIRouter(prefix="/v1/service-levels", tags=["service levels"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.SETTINGS_READ)]
Designer = Annotated[Principal, may(Permission.SETTINGS_WRITE)]
Worker = Annotated[Principal, may(Permission.TASKS_READ)]


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


@router.get("/clocks")
def list_clocks(store: StoreDep, principal: Worker, clock: ClockDep, limit: Limit = 100) -> ClocksOut:
    """Clocks that run, those at risk first; of the 1,000 oldest."""
    with store.read(principal.scope) as work:
        return service.clocks(work, clock(), limit=limit)
