"""The collector's answers, built from ready pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from starlette.types import Send

from domain.errors import LeadhouseError
from serving.capture.keys import WriteKey
from serving.capture.reading import Refused
from serving.errors import PROBLEM_JSON, problem_body, retry_headers
from storage.ops.inbox.base import Entry

Header = tuple[bytes, bytes]

VARY = (b"vary", b"origin")
EXPOSE = (b"access-control-expose-headers", b"retry-after")
JSON = (b"content-type", b"application/json")
PROBLEM = (b"content-type", PROBLEM_JSON.encode())
ANY_HEADER = b"content-type, x-lh-key"
_LENGTHS = [(b"content-length", str(length).encode()) for length in range(1024)]


async def send_answer(send: Send, status: int, body: bytes, headers: Sequence[Header]) -> None:
    """One complete answer."""
    kind = PROBLEM if status >= 400 else JSON
    length = _LENGTHS[len(body)] if len(body) < 1024 else (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [kind, length, *headers]})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, error: LeadhouseError, headers: Sequence[Header]) -> None:
    """The answer to a request of which nothing was taken."""
    body = msgspec.json.encode(problem_body(error.status, error.code, error.message, error.hint))
    wait = [(name.lower().encode(), value.encode()) for name, value in retry_headers(error.retry_after).items()]
    await send_answer(send, error.status, body, [*headers, *wait, EXPOSE] if wait else headers)


def cors_headers(headers: Mapping[bytes, bytes]) -> list[Header]:
    """What lets a page read the answer. No credentials are asked for, and an answer to a POST is kept by no cache."""
    origin = headers.get(b"origin")
    return [] if origin is None else [(b"access-control-allow-origin", origin)]


async def preflight(send: Send, headers: Mapping[bytes, bytes], key: WriteKey | None) -> None:
    """Whether a page may send. A key in a header is not known yet: then the request itself is checked."""
    origin = headers.get(b"origin", b"").decode("latin-1")
    is_allowed = (
        key.allows(origin) if key else b"x-lh-key" in headers.get(b"access-control-request-headers", b"").lower()
    )
    allowed: list[Header] = []
    if is_allowed and origin:
        allowed = [
            *cors_headers(headers),
            VARY,
            (b"access-control-allow-methods", b"POST, OPTIONS"),
            (b"access-control-allow-headers", ANY_HEADER),
            (b"access-control-max-age", b"86400"),
        ]
    await send({"type": "http.response.start", "status": 204 if is_allowed else 403, "headers": allowed})
    await send({"type": "http.response.body", "body": b""})


def accepted_one(event_id: str, *, is_duplicate: bool) -> bytes:
    """The answer to a single event. An id holds no character that JSON would escape."""
    if is_duplicate:
        return (
            f'{{"accepted":0,"duplicates":1,"rejected":0,"results":[{{"event_id":"{event_id}","status":"duplicate"}}]}}'
        ).encode()
    return (
        f'{{"accepted":1,"duplicates":0,"rejected":0,"results":[{{"event_id":"{event_id}","status":"accepted"}}]}}'
    ).encode()


def answer_batch(results: Sequence[str | Refused], entry: Entry) -> bytes:
    """The answer to a batch: counts, and a result for each event in the order they were sent."""
    known = entry.duplicates
    parts: list[str] = []
    place = 0  # among the events that were written
    for result in results:
        if isinstance(result, Refused):
            told = {
                "event_id": result.event_id,
                "status": "rejected",
                "reason": result.reason,
                "message": result.message,
            }
            parts.append(msgspec.json.encode(told).decode())
        else:
            status = "duplicate" if place in known else "accepted"
            parts.append(f'{{"event_id":"{result}","status":"{status}"}}')
            place += 1
    accepted, duplicates, rejected = place - len(known), len(known), len(results) - place
    return (
        f'{{"accepted":{accepted},"duplicates":{duplicates},"rejected":{rejected},"results":[{",".join(parts)}]}}'
    ).encode()
