"""The API behind signals: the feed, warm companies, plays, and what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.api_transport import LONG_SECONDS, Json, Transport

AT_ONCE = 200
"""What one request may carry."""


class SignalsApi(Transport):
    """What the Signals page asks."""

    def signals(self, filters: Sequence[str] = (), *, limit: int = 100) -> Json:
        asked = [*(("filter", each) for each in filters), ("limit", str(limit))]
        return self._object("GET", "/v1/signals", params=asked)

    def warm_companies(self) -> Json:
        return self._object("GET", "/v1/signals/companies")

    def tell_signals(self, items: Sequence[Json], source: str) -> Json:
        """All of them, in as many requests as it takes; answers how many were kept, known and refused."""
        told = {"kept": 0, "known": 0, "refused": 0}
        for start in range(0, len(items), AT_ONCE):
            body = {"source": source, "items": list(items[start : start + AT_ONCE])}
            answer = self._object("POST", "/v1/signals", json=body, timeout=LONG_SECONDS)
            told = {name: count + answer[name] for name, count in told.items()}
        return told

    def rejected_signals(self) -> Json:
        return self._object("GET", "/v1/signals/rejected")

    def replay_rejected_signals(self) -> Json:
        return self._object("POST", "/v1/signals/rejected/replay", timeout=LONG_SECONDS)

    def signal_feeds(self) -> Json:
        return self._object("GET", "/v1/signal-feeds")

    def create_signal_feed(self, **wanted: Any) -> Json:
        return self._object("POST", "/v1/signal-feeds", json=wanted)

    def read_signal_feed(self, signal_feed_id: str) -> Json:
        return self._object("POST", f"/v1/signal-feeds/{signal_feed_id}/read")

    def remove_signal_feed(self, signal_feed_id: str) -> None:
        self._send("DELETE", f"/v1/signal-feeds/{signal_feed_id}")

    def plays(self) -> Json:
        return self._object("GET", "/v1/plays")

    def put_plays(self, plays: Sequence[Json], etag: str) -> Json:
        return self._object("PUT", "/v1/plays", json={"plays": list(plays)}, headers={"If-Match": etag})

    def play_runs(self) -> list[Json]:
        found: list[Json] = self._object("GET", "/v1/plays/runs")["items"]
        return found

    def try_plays(self, plays: Sequence[Json]) -> Json:
        return self._object("POST", "/v1/plays/try", json={"plays": list(plays)}, timeout=LONG_SECONDS)
