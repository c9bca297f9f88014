"""The gate before the operator UI: /app is for people who are signed in, over HTTP and websocket alike.

It drops every `x-lh-…` header that came in from outside and adds what Streamlit's `server.trustedUserHeaders` may
believe: `x-lh-user` (user id), `x-lh-email`, `x-lh-organization` (the first of their organizations), `x-lh-role`
(their role there) and `x-lh-csrf` (for calls that a page makes with the cookie). Signed out, a page is redirected to
/login?next=…, anything else gets 401, and a socket is closed with 4401. Streamlit's own static files pass: they say
nothing of anybody.
"""

from __future__ import annotations

from urllib.parse import quote

import msgspec
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import LeadhouseError
from serving.access import cookies
from serving.access.principals import Principal, by_session
from serving.access.visits import Visits
from serving.errors import PROBLEM_JSON, problem_body
from storage.ops.store import Store

GUARDED = "/app"
OPEN = ("/app/static/", "/app/_stcore/health")
SIGNED_OUT = 4401
"""Close code of a websocket whose session has ended or never was."""


def install(app: FastAPI) -> None:
    app.state.visits = Visits()
    app.add_middleware(AccessGate, store=app.state.store)


class AccessGate:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, *, store: Store) -> None:
        self.app = app
        self.store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if scope["type"] not in {"http", "websocket"} or not (path == GUARDED or path.startswith(GUARDED + "/")):
            await self.app(scope, receive, send)
            return
        outside = [(name, value) for name, value in scope["headers"] if not name.startswith(b"x-lh-")]
        if path.startswith(OPEN):
            await self.app({**scope, "headers": outside}, receive, send)
            return
        principal = await self._principal(outside)
        if principal is None or (scope["type"] == "websocket" and not _is_ours(outside)):
            await _turn_away(scope, receive, send)
            return
        await self.app({**scope, "headers": outside + _identity(principal)}, receive, send)

    async def _principal(self, headers: list[tuple[bytes, bytes]]) -> Principal | None:
        token = cookies.read_session(headers)
        if token is None:
            return None
        try:
            return await run_in_threadpool(by_session, self.store, token)
        except LeadhouseError:
            return None


def _identity(principal: Principal) -> list[tuple[bytes, bytes]]:
    facts = {
        "user": principal.user_id,
        "email": principal.email,
        "organization": principal.scope.organization_id,
        "role": principal.role.value,
        "csrf": principal.csrf_token,
    }
    return [(f"x-lh-{name}".encode(), (value or "").encode()) for name, value in facts.items()]


def _is_ours(raw: list[tuple[bytes, bytes]]) -> bool:
    """A page of another site may open a socket with our cookie: SameSite does not cover sockets everywhere."""
    headers = Headers(raw=raw)
    origin = headers.get("origin")
    return origin is None or cookies.is_same_origin(origin, headers.get("host"))


async def _turn_away(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()  # the connect; a code is only heard after the handshake
        offered = scope.get("subprotocols") or [None]
        await send({"type": "websocket.accept", "subprotocol": offered[0]})
        await send({"type": "websocket.close", "code": SIGNED_OUT, "reason": "sign in"})
        return
    await _answer(scope)(scope, receive, send)


def _answer(scope: Scope) -> Response:
    accepts_pages = "text/html" in Headers(scope=scope).get("accept", "")
    if scope["method"] in {"GET", "HEAD"} and accepts_pages:
        query = scope.get("query_string", b"").decode("latin-1")
        here = scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse(f"/login?next={quote(here, safe='/')}", 303)
    body = problem_body(401, "not_authenticated", "Sign in first.", hint="Open /login.")
    return Response(msgspec.json.encode(body), 401, media_type=PROBLEM_JSON)
