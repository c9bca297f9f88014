"""What handlers ask for, as annotated dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from domain.clock import Clock
from domain.errors import InvalidInput, NotAuthenticated
from domain.settings import Settings
from serving.capture.keys import WriteKey, WriteKeys
from serving.client_address import client_address
from storage.ops.store import Store

if TYPE_CHECKING:
    from serving.access.principals import Principal
else:
    Principal = Any


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _clock(request: Request) -> Clock:
    clock: Clock = request.app.state.clock
    return clock


def _address(request: Request) -> str:
    trusted = request.app.state.settings.web.trusted_proxies
    return client_address(request.scope.get("client"), request.scope["headers"], trusted)


def current_principal(request: Request) -> Principal:
    """The dependency behind `PrincipalDep`; the description of the API knows closed routes by it."""
    from serving.access.principals import principal_of

    found = principal_of(request)
    if b"%00" in request.scope["query_string"] or "\x00" in request.scope["path"]:
        # PostgreSQL holds no NUL in text, and an answer that is streamed finds out too late.
        raise InvalidInput("an address has no NUL character")
    request.state.allowance = request.app.state.request_limiter.take(f"{found.actor.kind}:{found.actor.id}")
    return found


def write_key_of(request: Request) -> WriteKey:
    """Raises NotAuthenticated without a known key, NotAllowed for a revoked one or another site's page."""
    key = request.headers.get("x-lh-key") or request.query_params.get("k", "")
    if not key:
        raise NotAuthenticated("This needs a write key.", hint="Send it as ?k= or in the X-LH-Key header.")
    keys: WriteKeys = request.app.state.write_keys
    found = keys.get(key)
    found.check_origin(request.headers.get("origin"))
    return found


StoreDep = Annotated[Store, Depends(_store)]
SettingsDep = Annotated[Settings, Depends(_settings)]
ClockDep = Annotated[Clock, Depends(_clock)]
AddressDep = Annotated[str, Depends(_address)]
"""The visitor's full address, as text. It is resolved and truncated, never stored."""
PrincipalDep = Annotated[Principal, Depends(current_principal)]
"""The signed-in person or secret key, with the chosen organization as `.scope`; 401 without one, 429 above the limit."""
WriteKeyDep = Annotated[WriteKey, Depends(write_key_of)]
"""The public key of a site, from `X-LH-Key` or `?k=`, used from one of its allowed origins."""
