"""Events as a site sends them."""

from __future__ import annotations

from typing import Any

from domain.ids import new_id

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
NOON = "2026-03-02T12:00:00Z"
"""The moment at which the tests' clock stands."""


def make_event(**changes: Any) -> dict[str, Any]:
    """A page view with full consent, at noon; a change of None takes the field away."""
    event = {
        "event_id": new_id(),
        "type": "page_view",
        "anonymous_id": "visitor-1",
        "session_id": "session-1",
        "occurred_at": NOON,
        "consent": "full",
        "page": {"url": "https://www.example.com/pricing?utm_source=google", "title": "Pricing", "referrer": ""},
        "utm": {"source": "google"},
        "device": {"viewport": "1440x900", "language": "en", "time_zone": "Europe/London"},
    } | changes
    return {name: value for name, value in event.items() if value is not None}
