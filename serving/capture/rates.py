"""How many events a key may send: a sliding minute, in memory, for one process."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable

from starlette.datastructures import State

from domain.errors import TooManyRequests

WINDOW_SECONDS = 60.0
MOST_KEYS = 10_000


def spend(state: State, what: str, key: str, per_minute: int, refusal: str) -> None:
    """Counts one request for `what` by a key (or network), in an app's state. On the event loop only, so that counting needs
    no lock. Raises TooManyRequests, with `refusal` as its words."""
    if not hasattr(state, "limiters"):
        state.limiters = defaultdict(RateLimiter)
    limiters: dict[str, RateLimiter] = state.limiters
    if wait := limiters[what].wait(key, 1, per_minute):
        raise TooManyRequests(refusal, retry_after=wait)


class RateLimiter:
    """Counts of this minute and the one before, weighted by how much of it still counts. N processes allow N times."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._counts: dict[str, tuple[int, int, int]] = {}

    def wait(self, key: str, count: int, per_minute: int) -> float:
        """0 if `count` more events are within the limit, and then they are counted; else the seconds to wait."""
        moment = self._now() / WINDOW_SECONDS
        window = int(moment)
        passed = moment - window
        kept, before, current = self._counts.get(key, (window, 0, 0))
        if kept != window:
            before, current = (current if kept == window - 1 else 0), 0
        used = before * (1 - passed) + current
        if used + count > per_minute:
            self._counts[key] = window, before, current
            return self._until_free(used + count - per_minute, before, passed)
        if len(self._counts) > MOST_KEYS:
            self._counts.clear()
        self._counts[key] = window, before, current + count
        return 0.0

    @staticmethod
    def _until_free(excess: float, before: int, passed: float) -> float:
        left = (1 - passed) * WINDOW_SECONDS
        if before and excess <= before * (1 - passed):
            return max(0.1, excess / before * WINDOW_SECONDS)
        return max(0.1, left)
