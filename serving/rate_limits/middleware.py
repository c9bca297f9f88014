"""Puts what is left of a caller's limit on the answer; who it is, the routes find out (`serving.deps`)."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.rate_limits.limiter import Allowance, RequestLimiter


def install(app: FastAPI) -> None:
    app.state.request_limiter = RequestLimiter(app.state.settings.web.requests_per_minute)
    app.add_middleware(AllowanceHeaders)


class AllowanceHeaders:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def send_with_headers(message: Message) -> None:
            allowance: Allowance | None = state.get("allowance")
            if message["type"] == "http.response.start" and allowance is not None:
                message["headers"] = [*message.get("headers", []), *allowance.headers()]
            await send(message)

        await self.app(scope, receive, send_with_headers)
