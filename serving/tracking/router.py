"""`/o/{token}`: the picture of a message. `/c/{token}`: one of its links, led to where the message says that it leads."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from domain.outreach.tracking import PIXEL
from serving.capture.no_script import GIF
from serving.client_address import client_address
from serving.deps import SettingsDep, StoreDep
from serving.sending.tracking import CLICKS_PATH, OPENS_PATH
from serving.tracking.recording import Visitor, keep
from serving.tracking.service import find
from serving.unsubscribe.pages import gone_page

router = APIRouter(include_in_schema=False)
ROLES = frozenset({"capture", "api"})
UNKEPT = {"Cache-Control": "no-store, max-age=0", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


@router.api_route(f"{OPENS_PATH}/{{token}}", methods=["GET", "HEAD"])
def show_pixel(token: str, request: Request, store: StoreDep, settings: SettingsDep) -> Response:
    """The same picture whatever the token: a mail program shows nothing to anybody."""
    found = find(store, token)
    if found is not None and found.mark.number == PIXEL:
        keep(store, request.app.state.networks, found, _visitor(request, settings.web.trusted_proxies))
    return Response(GIF, headers=UNKEPT, media_type="image/gif")


@router.api_route(f"{CLICKS_PATH}/{{token}}", methods=["GET", "HEAD"])
def follow_link(token: str, request: Request, store: StoreDep, settings: SettingsDep) -> Response:
    """A link that nobody was sent leads nowhere."""
    found = find(store, token)
    if found is None or found.mark.number == PIXEL:
        return gone_page()
    keep(store, request.app.state.networks, found, _visitor(request, settings.web.trusted_proxies))
    return RedirectResponse(found.target, 302, UNKEPT) if found.target else gone_page()


def _visitor(request: Request, trusted: frozenset[str]) -> Visitor:
    return Visitor(
        method=request.method,
        user_agent=request.headers.get("user-agent", ""),
        client_hints=request.headers.get("sec-ch-ua", ""),
        address=client_address(request.scope.get("client"), request.scope["headers"], trusted),
    )
