"""`/o/{token}`: the picture of a message. `/c/{token}`: one of its links, led to where the message says that it leads."""

from __future__ import annotations

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from serving.capture.no_script import GIF
from serving.deps import StoreDep
from serving.sending.tracking import CLICKS_PATH, OPENS_PATH
from serving.tracking import service
from serving.unsubscribe.pages import gone_page

router = APIRouter(include_in_schema=False)
ROLES = frozenset({"capture", "api"})
UNKEPT = {"Cache-Control": "no-store, max-age=0", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


@router.api_route(f"{OPENS_PATH}/{{token}}", methods=["GET", "HEAD"])
def show_pixel(token: str) -> Response:  # noqa: ARG001  every picture is the same
    """Whatever the token: a mail program shows nothing to anybody."""
    return Response(GIF, headers=UNKEPT, media_type="image/gif")


@router.api_route(f"{CLICKS_PATH}/{{token}}", methods=["GET", "HEAD"])
def follow_link(token: str, store: StoreDep) -> Response:
    """A link that nobody was sent leads nowhere."""
    target = service.target_of(store, token)
    return RedirectResponse(target, 302, UNKEPT) if target else gone_page()
