"""`Idempotency-Key` on any POST, PATCH, PUT or DELETE of /v1: the request is carried out once, and its answer is given
again to whoever sends the same request with the same key within 24 hours (`Idempotency-Replayed: true`).

Only answers that changed something (2xx, 3xx) are kept; after any other the key is free again. A request that was saved
but whose answer was lost in a crash is answered 409 `answer_lost`, never carried out twice. Captured events need none of
this: their `event_id` is their key.
"""

from __future__ import annotations

import hashlib

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import InvalidInput, LeadhouseError, TooLarge
from serving.access.principals import SAFE_METHODS, Principal, principal_of
from serving.bodies import read_up_to
from serving.errors import problem_of
from storage.ops.repositories.idempotency_keys import IdempotencyKeys, KeptAnswer
from storage.ops.requests import carrying_out
from storage.ops.store import Store

HEADER = b"idempotency-key"
LONGEST_KEY = 255
LARGEST_BODY = 1024 * 1024
"""Bytes; a larger request (a file) is its own content hash elsewhere."""
KEPT_HEADERS = ("content-type", "etag", "location", "content-disposition")


def install(app: FastAPI) -> None:
    app.add_middleware(IdempotentRequests, store=app.state.store)


class IdempotentRequests:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, *, store: Store) -> None:
        self.app = app
        self.store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key_of(scope)
        if key is None:
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            principal = await run_in_threadpool(principal_of, request)
        except LeadhouseError as error:
            await problem_of(error)(scope, receive, send)
            return
        try:
            body = await _body_of(request)
            wanted = _hash_of(request, body)
            found = await run_in_threadpool(self._reserve, principal, _checked(key), wanted)
        except LeadhouseError as error:
            await problem_of(error)(scope, receive, send)
            return
        if isinstance(found, KeptAnswer):
            await _replayed(found)(scope, receive, send)
            return
        await self._carry_out(found, principal, body, scope, send)

    async def _carry_out(self, reserved: str, principal: Principal, body: bytes, scope: Scope, send: Send) -> None:
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def hold(message: Message) -> None:
            messages.append(message)

        try:
            with carrying_out(reserved):
                await self.app(scope, receive, hold)
        finally:
            answer = _answer_of(messages)
            await run_in_threadpool(self._settle, reserved, principal, answer)
        for message in messages:
            await send(message)

    def _reserve(self, principal: Principal, key: str, wanted: str) -> str | KeptAnswer:
        with self.store.write(principal.scope, principal.actor) as work:
            return IdempotencyKeys(work).reserve(f"{principal.actor.kind}:{principal.actor.id}", key, wanted)

    def _settle(self, reserved: str, principal: Principal, answer: KeptAnswer | None) -> None:
        with self.store.write(principal.scope, principal.actor) as work:
            keys = IdempotencyKeys(work)
            if answer is not None and answer.status < 400:
                keys.keep(reserved, answer)
            else:
                keys.release(reserved)


def _key_of(scope: Scope) -> bytes | None:
    if scope["type"] != "http" or scope["method"] in SAFE_METHODS or not scope["path"].startswith("/v1/"):
        return None
    headers = dict(scope["headers"])
    signed_in = b"authorization" in headers or b"cookie" in headers
    return headers.get(HEADER) if signed_in else None


def _checked(key: bytes) -> str:
    try:
        text = key.decode("ascii").strip()
    except UnicodeDecodeError:
        text = ""
    if not 1 <= len(text) <= LONGEST_KEY:
        raise InvalidInput(f"an Idempotency-Key is 1 to {LONGEST_KEY} ASCII characters")
    return text


async def _body_of(request: Request) -> bytes:
    body = await read_up_to(request, LARGEST_BODY)
    if body is None:
        raise TooLarge(f"a request with an Idempotency-Key is at most {LARGEST_BODY} bytes")
    return body


def _hash_of(request: Request, body: bytes) -> str:
    digest = hashlib.sha256()
    for part in (request.method, request.url.path, request.url.query):
        digest.update(part.encode() + b"\x00")
    digest.update(body)
    return digest.hexdigest()


def _answer_of(messages: list[Message]) -> KeptAnswer | None:
    """None where the app did not get to the end of an answer."""
    if not messages or messages[-1].get("more_body", False) or messages[-1]["type"] != "http.response.body":
        return None
    headers = MutableHeaders(raw=messages[0]["headers"])
    kept = [(name, headers[name]) for name in KEPT_HEADERS if name in headers]
    return KeptAnswer(messages[0]["status"], kept, b"".join(message.get("body", b"") for message in messages[1:]))


def _replayed(answer: KeptAnswer) -> Response:
    return Response(answer.body, answer.status, {**dict(answer.headers), "Idempotency-Replayed": "true"})
