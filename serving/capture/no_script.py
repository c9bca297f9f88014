"""GET /v1/p.gif: a page view without JavaScript, by the same durable path.

`<noscript><img src="…/v1/p.gif?k=KEY&t=Title" alt=""></noscript>`. The browser makes no event id, so the server does: one id
for each address, user agent and page in ten seconds. A reload within that time, or a proxy that repeats the request, counts
once; the image is never cached, so that a later visit counts again. Consent is `none` unless the page says `c=anonymous`.
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from starlette.types import Receive, Scope, Send

from domain.clock import Clock
from domain.errors import LeadhouseError
from domain.events import ConsentLevel, EventType
from serving.capture.collector import Collector
from serving.client_address import FORWARDED_FOR, forwarded_address
from serving.errors import retry_headers

GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b")
SAME_VIEW_SECONDS = 10
CLICK_IDS = ("gclid", "fbclid", "msclkid", "li_fat_id", "ttclid")


class NoScriptPixel:
    """A transparent image of one pixel, answered when the page view is on the disk; an error answers without an image."""

    def __init__(self, collector: Collector, clock: Clock, trusted: frozenset[str]) -> None:
        self._collector = collector
        self._clock = clock
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI's signature
        status, body, headers = 200, GIF, [(b"content-type", b"image/gif")]
        try:
            await self._collect(scope)
        except LeadhouseError as error:
            status, body = error.status, b""
            headers = [
                (name.lower().encode(), value.encode()) for name, value in retry_headers(error.retry_after).items()
            ]
        headers += [(b"cache-control", b"no-store, max-age=0"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _collect(self, scope: Scope) -> None:
        headers = dict(scope["headers"])
        key = await self._collector.key_of(scope, headers)
        asked = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=False))
        url = asked.get("u") or headers.get(b"referer", b"").decode("latin-1")
        address = forwarded_address(scope.get("client"), headers.get(FORWARDED_FOR), self._trusted)
        window = int(self._clock().timestamp()) // SAME_VIEW_SECONDS
        view = "\x00".join(
            [key.api_key_id, address, headers.get(b"user-agent", b"").decode("latin-1"), url, str(window)]
        )
        event: dict[str, Any] = {
            "event_id": "p-" + hashlib.sha256(view.encode()).hexdigest()[:32],
            "type": EventType.PAGE_VIEW,
            "consent": ConsentLevel.ANONYMOUS if asked.get("c") == "anonymous" else ConsentLevel.NONE,
            "page": {"url": url[:8_000], "title": asked.get("t", "")[:2_000], "referrer": asked.get("r", "")[:8_000]},
            "properties": {"no_script": True},
        }
        tags = dict(parse_qsl(urlsplit(url).query)) if "?" in url else {}
        event["utm"] = {name[4:]: value[:2_000] for name, value in tags.items() if name.startswith("utm_")}
        event["click_ids"] = {name: tags[name][:2_000] for name in CLICK_IDS if name in tags}
        body = msgspec.json.encode(event)
        await self._collector.collect(key, body, headers, self._collector.visitor(scope, headers))
