"""`/u/{token}`: GET shows a page and changes nothing, for scanners open every link; POST leaves at once (RFC 8058)."""

from __future__ import annotations

from fastapi import APIRouter, Response

from serving.deps import StoreDep
from serving.unsubscribe import service
from serving.unsubscribe.pages import asking_page, done_page

router = APIRouter(prefix="/u", include_in_schema=False)
ROLES = frozenset({"capture", "api"})


@router.get("/{token}")
def show_leaving(token: str, store: StoreDep) -> Response:
    return asking_page(service.leaving(store, token))


@router.post("/{token}")
def leave_mailing(token: str, store: StoreDep) -> Response:
    """One click of a mail program, or the button of our page: no cookie, no login, no redirect."""
    return done_page(service.leave(store, token))
