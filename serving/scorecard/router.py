"""/v1/scorecard: what an organization wants to reach; how it did stands in marts.scorecard_monthly."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.scorecard import service
from serving.scorecard.schemas import PlanIn, PlanOut

router = APIRouter(prefix="/v1/scorecard", tags=["scorecard"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.ANALYTICS_READ)]
Designer = Annotated[Principal, may(Permission.SETTINGS_WRITE)]


@router.get("/targets")
def read_targets(store: StoreDep, principal: Reader) -> PlanOut:
    """The targets that hold now; the defaults where nobody set any."""
    with store.read(principal.scope) as work:
        return service.shown(work)


@router.put("/targets")
def put_targets(body: PlanIn, store: StoreDep, principal: Designer) -> PlanOut:
    """A new version of all targets."""
    with store.write(principal.scope, principal.actor) as work:
        return service.put(work, body)
