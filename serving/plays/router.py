"""/v1/plays: what signals set off, tried on the past before it is switched on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from domain.permissions import Permission
from serving import etags
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.lists import IfMatch
from serving.plays import service
from serving.plays.schemas import PlayRunListOut, PlaysIn, PlaysOut, TrialIn, TrialOut

router = APIRouter(prefix="/v1/plays", tags=["signals"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.SETTINGS_READ)]
Designer = Annotated[Principal, may(Permission.SETTINGS_WRITE)]


@router.get("")
def read_plays(store: StoreDep, principal: Reader, response: Response) -> PlaysOut:
    """The plays that hold, and what came of them in the last 90 days."""
    with store.read(principal.scope) as work:
        return etags.tagged(response, service.shown(work))


@router.put("")
def put_plays(
    *, body: PlaysIn, store: StoreDep, principal: Designer, response: Response, if_match: IfMatch = None
) -> PlaysOut:
    """A new version of all plays, which holds for signals that come in from now on."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.put(work, body, if_match))


@router.get("/runs")
def list_play_runs(
    store: StoreDep, principal: Reader, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> PlayRunListOut:
    """What plays made of signals, newest first: fired or skipped, and why."""
    with store.read(principal.scope) as work:
        return service.newest(work, limit=limit)


@router.post("/try")
def try_plays(body: TrialIn, store: StoreDep, principal: Reader) -> TrialOut:
    """What plays would have done in the last days. Nothing is written."""
    return service.try_out(store, principal, body)
