"""Requests of a person or key in a sliding minute, counted in this process: N processes allow N times."""

from __future__ import annotations

import time
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from domain.errors import TooManyRequests


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of the limit: requests a minute, requests that may still follow, seconds until one is free again."""

    limit: int
    remaining: int
    reset_seconds: int

    def headers(self) -> list[tuple[bytes, bytes]]:
        """As the draft for RateLimit header fields writes them (draft-ietf-httpapi-ratelimit-headers-06)."""
        values = {"limit": self.limit, "remaining": self.remaining, "reset": self.reset_seconds}
        return [(f"ratelimit-{name}".encode(), str(value).encode()) for name, value in values.items()]


class RequestLimiter:
    """One for each process."""

    def __init__(self, per_minute: int) -> None:
        self._item = RateLimitItemPerMinute(per_minute)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def take(self, who: str) -> Allowance:
        """Counts one request. Raises TooManyRequests (429) with the seconds to wait; it is not counted then."""
        taken = self._limiter.hit(self._item, who)
        stats = self._limiter.get_window_stats(self._item, who)
        reset = max(1, round(stats.reset_time - time.time()))
        if not taken:
            raise TooManyRequests(
                f"More than {self._item.amount} requests in a minute.",
                hint="Wait, or ask for more in one request: lists answer 200 rows, bulk routes take 500.",
                retry_after=reset,
            )
        return Allowance(self._item.amount, stats.remaining, reset)
