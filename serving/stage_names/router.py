"""/v1/lifecycle-stages: the stages that people go through, and what this organization calls them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.stage_names import service
from serving.stage_names.schemas import StageNamesIn, StagesOut

router = APIRouter(prefix="/v1", tags=["settings"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.CONTACTS_READ)]
Writer = Annotated[Principal, may(Permission.SETTINGS_WRITE)]


@router.get("/lifecycle-stages")
def list_lifecycle_stages(store: StoreDep, principal: Reader) -> StagesOut:
    """Every stage in the order of the funnel, with its name here."""
    with store.read(principal.scope) as work:
        return service.stages(work)


@router.put("/lifecycle-stages")
def put_lifecycle_stages(body: StageNamesIn, store: StoreDep, principal: Writer) -> StagesOut:
    """Names for stages, in place of those before; a stage without one is called as by default. Filters, rules and exports
    go on to know a stage by its key."""
    with store.write(principal.scope, principal.actor) as work:
        service.put(work, body.names)
        return service.stages(work)
