"""Events as the pixel sends them, and the visitors who send them: 20 browsers at 200 addresses."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

BROWSERS = [
    f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
    for system in ("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64")
    for version in range(120, 127)
][:20]
ADDRESSES = [f"192.28.{third}.{fourth}" for third in range(1, 21) for fourth in range(1, 11)]

TIMED, RANDOM = "@@TIMED-ID@@", "@@RANDOM-ID@@"
"""Marks in a template for an id as our pixel makes them (by time), or as others do (random)."""


def event(event_id: str | None = None) -> dict[str, object]:
    """One page view with a campaign, about 900 bytes of JSON."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "event_id": event_id or str(uuid.uuid4()),
        "type": "page_view",
        "anonymous_id": "8c2f7c1e-1b1d-4c5e-9a51-6f0a2d1b7c33",
        "session_id": "5f0f3a52-50a5-4a1b-8d5e-0d7b6c1f2a44",
        "occurred_at": now,
        "sent_at": now,
        "consent": "full",
        "signals": {"gpc": False, "dnt": False},
        "page": {
            "url": "https://www.example.com/services/paid-search?utm_source=google&utm_medium=cpc&utm_campaign=spring",
            "title": "Paid search for growing companies – Example Agency",
            "referrer": "https://www.google.com/",
        },
        "utm": {"source": "google", "medium": "cpc", "campaign": "spring"},
        "click_ids": {"gclid": "EAIaIQobChMI4v2Zk5Hn-AIVi-N3Ch0aXQ"},
        "device": {
            "viewport": "1440x900",
            "language": "en-GB",
            "time_zone": "Europe/London",
            "hints": {"platform": "Windows", "mobile": False, "webdriver": False},
        },
        "properties": {"section": "services", "variant": "b"},
    }


def body(count: int, mark: str = TIMED) -> str:
    """A request of `count` events whose ids are marks for the load generator to fill in."""
    if count == 1:
        return json.dumps(event(mark), separators=(",", ":"))
    return json.dumps({"batch": [event(mark) for _ in range(count)]}, separators=(",", ":"))
