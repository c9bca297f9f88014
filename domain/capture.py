"""The rules of the collector, without a web server: how much of an event may be kept, and whether it may be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

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
    occurred_at: datetime, sent_at: datetime | None, *, received_at: datetime, keep_days: int
) -> Rejection | None:
    """Whether the event is too old to be known again (ids are kept `keep_days`) or claims to come from the future.

    Both times of the visitor's device are from one clock, so their difference is its age however wrong the clock is.
    """
    age = (sent_at or received_at) - occurred_at
    if age > timedelta(days=keep_days):
        return Rejection.TOO_LATE
    if age < -(FUTURE_TOLERANCE if sent_at else CLOCK_TOLERANCE):
        return Rejection.IN_THE_FUTURE
    return None


@dataclass(frozen=True, slots=True)
class Permission:
    """What may be kept of an event. `asked` is what the site said; `level` is what counts."""

    level: ConsentLevel
    asked: ConsentLevel
    is_gpc: bool
    is_dnt: bool

    @property
    def may_keep_ids(self) -> bool:
        """Ids of visitor, session and ad click."""
        return self.level in {ConsentLevel.SESSION, ConsentLevel.FULL}

    @property
    def may_link_to_person(self) -> bool:
        """The hash of an e-mail address, a contact, traits."""
        return self.level is ConsentLevel.FULL

    @property
    def may_describe_visitor(self) -> bool:
        """Truncated network, full user agent, device details: no ids, but together they may single somebody out."""
        return self.level is not ConsentLevel.NONE

    @property
    def is_lowered(self) -> bool:
        """Whether a signal was honoured that said less than the site."""
        return self.level is not self.asked


def permission(asked: ConsentLevel, *, gpc: bool, dnt: bool) -> Permission:
    """What the visitor permits. Global Privacy Control and Do Not Track cap the level at `anonymous`, whatever the site
    says it was told: the signal is the visitor's own. That it was honoured is kept with the event."""
    capped = (gpc or dnt) and asked in {ConsentLevel.SESSION, ConsentLevel.FULL}
    return Permission(ConsentLevel.ANONYMOUS if capped else asked, asked, gpc, dnt)
