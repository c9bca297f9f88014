"""When several windows are open at one time: the campaign's, the mailbox's, and where wanted the contact's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.working_hours import HORIZON, WorkingHours


def opens(windows: Sequence[WorkingHours], since: datetime) -> datetime | None:
    """The moment itself where all are open, else the next one at which all are; None where there is none in a year.

    Each window that is closed moves the moment on to where it opens, until none is: the moment only ever grows, by a
    block at least, so the walk ends.
    """
    at = since
    while at - since <= HORIZON:
        moved = at
        for window in windows:
            opening = window.opens(moved)
            if opening is None:
                return None
            moved = max(moved, opening)
        if moved == at:
            return at
        at = moved
    return None


def shared(windows: Sequence[WorkingHours], since: datetime, until: datetime) -> timedelta:
    """How long all of them are open at one time between two moments."""
    spans = [(since, until)]
    for window in windows:
        spans = [
            (max(starts, opened), min(ends, closed))
            for starts, ends in spans
            for opened, closed in window.spans(starts, ends)
            if max(starts, opened) < min(ends, closed)
        ]
    return sum((ends - starts for starts, ends in spans), timedelta())
