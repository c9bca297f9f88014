"""Security headers on every answer; the operator UI has its own content policy, which Streamlit needs."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header = tuple[bytes, bytes]

BASE: list[Header] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
]
API_POLICY = b"default-src 'none'; frame-ancestors 'none'"
UI_POLICY = (
    b"default-src 'self'; script-src 'self' blob: 'sha256-THxz9J9+wf7rhwR2YkXJoSZ13UCmYyC+3lNDv2+8ugA='; "
    b"style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    b"connect-src 'self' ws: wss:; frame-src 'self' blob:; worker-src 'self' blob:; "
    b"frame-ancestors 'self'; base-uri 'self'; object-src 'none'"
)
"""Everything Streamlit 1.67 needs and no more: no unsafe-eval; the hash is one inline line of its index page."""


class SecurityHeaders:
    """ASGI middleware: adds the headers; a page that sets its own content policy keeps it."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        base = [*BASE, (b"strict-transport-security", b"max-age=31536000")] if secure else BASE
        self._api = [*base, (b"content-security-policy", API_POLICY)]
        self._ui = [*base, (b"content-security-policy", UI_POLICY)]
        self._bare = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ours = self._ui if scope["path"].startswith("/app") else self._api

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                theirs = message.setdefault("headers", [])
                has_policy = any(name == b"content-security-policy" for name, _ in theirs)
                message["headers"] = [*theirs, *(self._bare if has_policy else ours)]
            await send(message)

        await self.app(scope, receive, send_with_headers)
