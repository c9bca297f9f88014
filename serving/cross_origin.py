"""Routes that pages of other sites call without credentials: every answer of theirs, errors too, may be read there."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from domain.errors import LeadhouseError
from serving.errors import problem_of, validation_problem

HEADERS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
"""No credentials are ever allowed, so that a visitor's cookies with us say nothing to another site."""
PREFLIGHT = {
    **HEADERS,
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, X-LH-Key",
    "Access-Control-Max-Age": "86400",
}


class PublicRoute(APIRoute):
    """A route whose answers and problems carry the headers above."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_openly(request: Request) -> Response:
            try:
                response = await handle(request)
            except LeadhouseError as error:
                response = problem_of(error)
            except RequestValidationError as error:
                response = validation_problem(error)
            response.headers.update(HEADERS)
            return response

        return handle_openly


async def preflight() -> Response:
    """The answer to a browser that asks before it sends."""
    return Response(status_code=204, headers=PREFLIGHT)
