"""The one tree of errors. An error knows its public code, its HTTP status and whether trying again can help.

LeadhouseError
├── InvalidInput            422  what was sent cannot be understood
│   ├── EventRejected       422  one event failed its contract; it is kept with the reason
│   └── ImportRejected      422  a file cannot be imported as asked
├── NotAuthenticated        401  nobody, or an expired session or key
├── NotAllowed              403  known, but not permitted
├── NotFound                404  absent, or another organization's: the two look alike on purpose
├── Conflict                409  the state changed underneath, or the thing exists already
├── TooLarge                413  body, batch or file above its limit
├── TooManyRequests         429  a rate limit; `retry_after` seconds
├── NotConfigured           501  a part that needs a setting or an account that is not there
├── ProviderRefused         502  an outside service said no, for good
├── ProviderBusy            503  an outside service may answer later
└── StoreBusy               503  a queue is full or a lock is held; `retry_after` seconds
"""

from __future__ import annotations


class LeadhouseError(Exception):
    """Base of every error raised on purpose. Only edges (HTTP, worker, command line, asset) catch it."""

    code = "internal"
    """Stable and public; never reworded."""
    status = 500
    """What an HTTP edge answers."""
    retryable = False
    """Whether a worker or an asset should try again."""
    hint: str | None = None
    """What a person can do next, in one sentence."""

    def __init__(self, message: str = "", *, hint: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message or (self.__doc__ or self.code).strip())
        self.message = str(self)
        self.hint = hint or type(self).hint
        self.retry_after = retry_after


class InvalidInput(LeadhouseError):
    """What was sent cannot be understood."""

    code, status = "invalid_input", 422


class EventRejected(InvalidInput):
    """An event failed its contract."""

    code = "event_rejected"

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason


class ImportRejected(InvalidInput):
    """A file cannot be imported as asked."""

    code = "import_rejected"


class QueryRefused(InvalidInput):
    """A question in SQL is not one SELECT, or means nothing over the organization's marts."""

    code = "query_refused"


class QueryTooDear(InvalidInput):
    """A question in SQL takes more time or memory than it may: ask for fewer rows, or for sums of them."""

    code = "query_too_dear"


class NotAuthenticated(LeadhouseError):
    """Sign in, or send a valid key."""

    code, status = "not_authenticated", 401


class NotAllowed(LeadhouseError):
    """Your role does not permit this."""

    code, status = "not_allowed", 403


class NotFound(LeadhouseError):
    """There is no such thing here."""

    code, status = "not_found", 404


class Conflict(LeadhouseError):
    """The state changed underneath, or the thing exists already."""

    code, status = "conflict", 409


class TooLarge(LeadhouseError):
    """Larger than the limit."""

    code, status = "too_large", 413


class TooManyRequests(LeadhouseError):
    """Too many requests; wait and try again."""

    code, status, retryable = "too_many_requests", 429, True


class NotConfigured(LeadhouseError):
    """This part needs a setting or an account that is not there."""

    code, status = "not_configured", 501


class ProviderRefused(LeadhouseError):
    """An outside service refused."""

    code, status = "provider_refused", 502


class ProviderBusy(LeadhouseError):
    """An outside service is busy or away."""

    code, status, retryable = "provider_busy", 503, True


class StoreBusy(LeadhouseError):
    """A queue is full or a lock is held; try again shortly."""

    code, status, retryable = "store_busy", 503, True
