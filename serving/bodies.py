"""Bodies of requests as bytes, up to a size: a stranger may send without end."""

from __future__ import annotations

from starlette.requests import Request


async def read_up_to(request: Request, most: int) -> bytes | None:
    """The body as it came; None where it is longer than `most` bytes, of which no more is read."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            return None
    return bytes(body)
