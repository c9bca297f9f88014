"""`/u/{token}`: GET shows a page and changes nothing, for scanners open every link; POST does what was chosen, and leaves at
once where nothing was (RFC 8058)."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request, Response

from domain.errors import NotFound
from domain.outreach.preferences import Choice, choice_of
from serving.bodies import read_up_to
from serving.deps import StoreDep
from serving.unsubscribe import service
from serving.unsubscribe.pages import asking_page, done_page, gone_page

router = APIRouter(prefix="/u", include_in_schema=False)
ROLES = frozenset({"capture", "api"})
LONGEST_FORM = 4_096


async def chosen(request: Request) -> Choice:
    """Read by hand: a mail program may send any form it likes, and none may keep somebody from leaving."""
    said = await read_up_to(request, LONGEST_FORM)
    if said is None:
        return Choice.EVERYTHING
    return choice_of(dict(parse_qsl(said.decode("latin-1"))).get("choice", ""))


@router.get("/{token}")
def show_leaving(token: str, store: StoreDep) -> Response:
    try:
        return asking_page(service.leaving(store, token))
    except NotFound:
        return gone_page()


@router.post("/{token}")
def leave_mailing(token: str, store: StoreDep, choice: Annotated[Choice, Depends(chosen)]) -> Response:
    """One click of a mail program, or a button of our page: no cookie, no login, no redirect."""
    try:
        return done_page(service.choose(store, token, choice))
    except NotFound:
        return gone_page()
