"""POST /v1/collect: events in, committed, answered one by one. Raw ASGI, for every microsecond here is paid per visit.

202 with a result for each event; 422 for a single event that was refused (and kept); 401, 403, 413, 429 and 503 mean that
nothing of the request was taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import msgspec
from starlette.types import Receive, Scope, Send

from domain.capture import MAX_EVENT_CHARACTERS, Rejection
from domain.clock import Clock
from domain.errors import LeadhouseError, NotAuthenticated, TooLarge, TooManyRequests
from domain.ids import new_id
from domain.page_urls import is_trap
from domain.settings import Settings
from serving.capture.answers import accepted_one, answer_batch, cors_headers, preflight, refuse, send_answer
from serving.capture.keeping import identify_payload, keep, may_hold_address, take_traits
from serving.capture.keys import WriteKey, WriteKeys
from serving.capture.rates import RateLimiter
from serving.capture.reading import MESSAGES, Refused, judge, read
from serving.capture.schemas import Event, encode
from serving.capture.visitors import Visitor, Visitors
from serving.capture.writer import GroupCommit
from serving.client_address import FORWARDED_FOR, forwarded_address
from serving.errors import problem_body
from storage.ops.inbox.base import Entry, EventRow, JobRow, RejectedRow

SOURCE = "website_events"
IDENTIFY = "identify"

Headers = Mapping[bytes, bytes]


class Collector:
    """The collector of one process: what it needs for a request, looked up once."""

    def __init__(
        self, settings: Settings, clock: Clock, keys: WriteKeys, visitors: Visitors, writer: GroupCommit
    ) -> None:
        self._limits = settings.capture
        self._longest = timedelta(days=settings.capture.event_keep_days)
        self._trusted = settings.web.trusted_proxies
        self._clock = clock
        self._keys = keys
        self._visitors = visitors
        self._writer = writer
        self._rates = RateLimiter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: Headers = dict(scope["headers"])
        method = scope["method"]
        if method == "OPTIONS":
            await preflight(send, headers, await self._key_for_preflight(scope, headers))
            return
        cors = cors_headers(headers)
        try:
            if method != "POST":
                await send_answer(send, 405, b"", [(b"allow", b"POST, OPTIONS")])
                return
            key = await self.key_of(scope, headers)
            body = await self._body(receive, headers)
            status, answer = await self.collect(key, body, headers, self.visitor(scope, headers))
        except LeadhouseError as error:
            # Without CORS headers a page of another site could not read why it was refused; it may know that much.
            await refuse(send, error, cors)
        else:
            await send_answer(send, status, answer, cors)

    async def collect(self, key: WriteKey, body: bytes, headers: Headers, visitor: Visitor) -> tuple[int, bytes]:
        """Takes a body, waits for its commit, and answers status and JSON."""
        reading = read(body)
        events = reading.events
        count = len(events)
        if count > self._limits.max_batch:
            raise TooLarge(f"A batch holds at most {self._limits.max_batch} events.", hint="Send smaller batches.")
        self.spend(key, count)
        received_at = self._clock()
        results, entry = self._prepare(key, reading.events, body, headers, visitor, received_at)
        if count:
            await self._writer.submit(entry)
        if reading.is_batch:
            return 202, answer_batch(results, entry)
        refused = results[0]
        if isinstance(refused, Refused):
            problem = problem_body(
                422, "event_rejected", refused.message, reason=refused.reason, event_id=refused.event_id
            )
            return 422, msgspec.json.encode(problem)
        return 202, accepted_one(refused, is_duplicate=bool(entry.duplicates))

    def visitor(self, scope: Scope, headers: Headers) -> Visitor:
        """Who is asking, as far as the server can see."""
        address = forwarded_address(scope.get("client"), headers.get(FORWARDED_FOR), self._trusted)
        return self._visitors.get(headers.get(b"user-agent", b""), address, headers.get(b"sec-ch-ua", b""))

    def spend(self, key: WriteKey, count: int) -> None:
        """Raises TooManyRequests when the key has sent more than its share of this minute."""
        seconds = self._rates.wait(key.api_key_id, count, key.rate_per_minute or self._limits.rate_per_minute)
        if seconds:
            raise TooManyRequests("This key sends more events than it may.", retry_after=seconds)

    async def key_of(self, scope: Scope, headers: Headers) -> WriteKey:
        """The write key of a request, allowed for its origin; raises NotAuthenticated or NotAllowed."""
        text = _key_text(scope["query_string"], headers)
        if not text:
            raise NotAuthenticated("This needs a write key.", hint="Send it as ?k= or in the X-LH-Key header.")
        key = self._keys.cached(text)
        if key is None:
            key = await asyncio.to_thread(self._keys.get, text)
        origin = headers.get(b"origin")
        if origin is not None and key.allowed_origins:
            key.check_origin(origin.decode("latin-1"))
        return key

    async def _key_for_preflight(self, scope: Scope, headers: Headers) -> WriteKey | None:
        try:
            return await self.key_of(scope, headers)
        except LeadhouseError:
            return None

    async def _body(self, receive: Receive, headers: Headers) -> bytes:
        most = self._limits.max_body_bytes
        stated = headers.get(b"content-length", b"0")
        size = int(stated) if len(stated) < 15 and stated.isdigit() else most + 1
        parts: list[bytes] = []
        received = 0
        while size <= most and received <= most:
            message = await receive()
            part: bytes = message.get("body", b"")
            if not message.get("more_body") and not parts and len(part) <= most:
                return part
            parts.append(part)
            received += len(part)
            if not message.get("more_body") and received <= most:
                return b"".join(parts)
        raise TooLarge(f"A request holds at most {most} bytes.", hint="Send smaller batches.")

    def _prepare(
        self,
        key: WriteKey,
        events: Sequence[Event | Refused],
        body: bytes,
        headers: Headers,
        visitor: Visitor,
        received_at: datetime,
    ) -> tuple[Sequence[str | Refused], Entry]:
        """The rows of a request, and for each event its id or why it was refused."""
        stamp = self._writer.inbox.stamp(received_at)
        circumstances = Circumstances(
            headers.get(b"sec-gpc") == b"1", headers.get(b"dnt") == b"1", may_hold_address(body), received_at
        )
        organization_id = key.organization_id
        rows: list[EventRow] = []
        results: list[str | Refused] = []
        entry = Entry(rows)
        for event in events:
            refused = self._judged(event, body, received_at, alone=len(events) == 1)
            if refused is None:
                assert isinstance(event, Event)
                text, context, job = kept(event, key, visitor, circumstances)
                if len(text) <= MAX_EVENT_CHARACTERS:
                    if job is not None:
                        entry.jobs[len(rows)] = JobRow(new_id(), organization_id, IDENTIFY, job, stamp)
                    rows.append(EventRow(organization_id, event.event_id, SOURCE, stamp, text, context))
                    results.append(event.event_id)
                    continue
                refused = Refused(Rejection.TOO_LARGE, MESSAGES[Rejection.TOO_LARGE], text.encode(), event.event_id)
            results.append(refused)
            entry.rejected.append(_rejected_row(refused, organization_id, visitor, stamp))
        return results, entry

    def _judged(self, event: Event | Refused, body: bytes, received_at: datetime, *, alone: bool) -> Refused | None:
        if isinstance(event, Refused):
            return event
        reason = judge(event, received_at, self._longest)
        return _refusal(event, reason, body, alone=alone) if reason is not None else None


class Circumstances(NamedTuple):
    """What all events of a request share."""

    gpc: bool
    dnt: bool
    may_hold_address: bool
    received_at: datetime


def kept(event: Event, key: WriteKey, visitor: Visitor, circumstances: Circumstances) -> tuple[str, str, str | None]:
    """Body and context to store, and the payload of an identify job where there is something to do."""
    gpc, dnt, suspicious, received_at = circumstances
    user_hash = event.user_hash
    allowed = keep(event, gpc=gpc, dnt=dnt, may_hold_address=suspicious)
    job = None
    if event.traits is not None and (traits := take_traits(event, allowed, key.hash_key)):
        job = identify_payload(event, traits, user_hash, received_at)
    event.user_hash = None
    device = event.device
    driven = device is not None and device.hints is not None and device.hints.get("webdriver") is True
    trapped = event.page is not None and is_trap(event.page.url)
    return encode(event).decode(), visitor.context(allowed.may_describe_visitor, driven, trapped), job


def _refusal(event: Event, reason: Rejection, body: bytes, *, alone: bool) -> Refused:
    raw = body if alone else encode(event)
    message = MESSAGES.get(reason, "The event does not fit.")
    event_id = event.event_id if reason not in {Rejection.MISSING_ID, Rejection.BAD_ID} else None
    return Refused(reason, message, raw, event_id)


def _rejected_row(refused: Refused, organization_id: str, visitor: Visitor, stamp: Any) -> RejectedRow:
    return RejectedRow(
        new_id(),
        organization_id,
        refused.event_id,
        SOURCE,
        refused.reason,
        refused.message,
        refused.raw.decode("utf-8", "replace").replace("\x00", "�"),
        visitor.context(False, False),
        stamp,
    )


def _key_text(query: bytes, headers: Headers) -> str:
    found = headers.get(b"x-lh-key")
    if found is not None:
        return found.decode("latin-1")
    if query.startswith(b"k=") and b"&" not in query and b"%" not in query:
        return query[2:].decode("latin-1")
    return parse_qs(query.decode("latin-1")).get("k", [""])[0]
