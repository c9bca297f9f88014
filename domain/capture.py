"""The rules of the collector, without a web server: how much of an event may be kept, and whether it may be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from domain.events import ConsentLevel

FUTURE_TOLERANCE = timedelta(minutes=10)
"""How far ahead of its own `sent_at` an event may claim to be: clocks are set while a page is open."""
CLOCK_TOLERANCE = timedelta(days=1)
"""The same without a `sent_at`, when the visitor's clock cannot be compared."""
MAX_EVENT_CHARACTERS = 65_536
"""Of one event as JSON."""
EVENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")


class Rejection(StrEnum):
    """Why an event was not accepted. Public and stable: answers, `rejected_events` and the operator's screen show it."""

    NOT_JSON = "not_json"
    SCHEMA = "schema"
    MISSING_ID = "missing_id"
    BAD_ID = "bad_id"
    MISSING_TYPE = "missing_type"
    UNKNOWN_TYPE = "unknown_type"
    MISSING_NAME = "missing_name"
    TOO_LATE = "too_late"
    IN_THE_FUTURE = "in_the_future"
    TOO_LARGE = "too_large"


def judge_time(
    occurred_at: datetime, sent_at: datetime | None, *, received_at: datetime, longest: timedelta
) -> Rejection | None:
    """Whether the event is older than `longest` (for which its id will be known) or claims to come from the future.

    Both times of the visitor's device are from one clock, so their difference is its age however wrong the clock is.
    """
    age = (sent_at or received_at) - occurred_at
    if _NO_TIME <= age <= longest:
        return None
    if age > longest:
        return Rejection.TOO_LATE
    return Rejection.IN_THE_FUTURE if age < -(FUTURE_TOLERANCE if sent_at else CLOCK_TOLERANCE) else None


_NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class Permission:
    """What may be kept of an event. `asked` is what the site said; `level` is what counts."""

    level: ConsentLevel
    asked: ConsentLevel
    is_signalled: bool
    """Global Privacy Control or Do Not Track was on."""
    is_lowered: bool
    """The signal was honoured: it said less than the site."""
    may_keep_ids: bool
    """Ids of visitor, session and ad click."""
    may_link_to_person: bool
    """The hash of an e-mail address, a contact, traits."""
    may_describe_visitor: bool
    """Truncated network, full user agent, device details: no ids, but together they may single somebody out."""


@lru_cache(maxsize=32)
def permission(asked: ConsentLevel, gpc: bool, dnt: bool) -> Permission:
    """What the visitor permits. Global Privacy Control and Do Not Track cap the level at `anonymous`, whatever the site
    says it was told: the signal is the visitor's own. That it was honoured is kept with the event."""
    is_lowered = (gpc or dnt) and asked in {ConsentLevel.SESSION, ConsentLevel.FULL}
    level = ConsentLevel.ANONYMOUS if is_lowered else asked
    return Permission(
        level,
        asked,
        is_signalled=gpc or dnt,
        is_lowered=is_lowered,
        may_keep_ids=level in {ConsentLevel.SESSION, ConsentLevel.FULL},
        may_link_to_person=level is ConsentLevel.FULL,
        may_describe_visitor=level is not ConsentLevel.NONE,
    )
