"""What happens to a job that failed: tried again later, or put aside as a dead letter. Chance is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

FIRST_DELAY = timedelta(seconds=2)
LONGEST_DELAY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Retry:
    """Whether a failed job is tried again, after how long, and why not where it is not."""

    again: bool
    delay: timedelta
    reason: str


def after_failure(
    attempts: int, *, max_attempts: int, retryable: bool, chance: float, retry_after: float | None = None
) -> Retry:
    """What to do after attempt number `attempts` (1 is the first).

    The delay doubles from 2 s up to 30 min, and `chance` (0 to 1) takes up to half of it away, so that jobs that failed
    together do not come back together. A provider's own `retry_after` (seconds) is a lower bound.
    """
    if not retryable:
        return Retry(False, timedelta(0), "not_retryable")
    if attempts >= max_attempts:
        return Retry(False, timedelta(0), "attempts_exhausted")
    full = min(FIRST_DELAY * 2 ** min(attempts - 1, 20), LONGEST_DELAY)
    delay = full * (1 - chance / 2)
    return Retry(True, max(delay, timedelta(seconds=retry_after or 0)), "retry")
