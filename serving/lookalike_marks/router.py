"""/v1/lookalike-marks: what people say of suggested companies, used by every ranking from then on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from domain.lookalikes import MarkKind
from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.lookalike_marks import service
from serving.lookalike_marks.schemas import LookalikeMarkIn, LookalikeMarkingOut, LookalikeMarksOut

router = APIRouter(prefix="/v1/lookalike-marks", tags=["companies"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.COMPANIES_READ)]
Writer = Annotated[Principal, may(Permission.COMPANIES_WRITE)]


@router.get("")
def list_lookalike_marks(
    store: StoreDep,
    principal: Reader,
    kind: Annotated[list[MarkKind], Query(default_factory=list, max_length=3)],
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    offset: Annotated[int, Query(ge=0, le=20_000)] = 0,
) -> LookalikeMarksOut:
    """Marks with who made them and when, the newest first."""
    with store.read(principal.scope) as work:
        return service.shown(work, kind, limit, offset)


@router.post("")
def mark_lookalikes(body: LookalikeMarkIn, store: StoreDep, principal: Writer) -> LookalikeMarkingOut:
    """Marks up to 500 companies, or excludes as many domains. What is unfit or excluded leaves the suggestions at once;
    seeds count from the next ranking on. The last mark of a company is the one that holds."""
    with store.write(principal.scope, principal.actor) as work:
        return service.mark(work, body)


@router.delete("/{lookalike_mark_id}", status_code=204)
def undo_lookalike_mark(lookalike_mark_id: str, store: StoreDep, principal: Writer) -> None:
    """As if it had not been said; the audit log keeps that it was."""
    with store.write(principal.scope, principal.actor) as work:
        service.undo(work, lookalike_mark_id)
