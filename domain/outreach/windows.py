"""When several windows are open at one time: the campaign's, the mailbox's, and where wanted the contact's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

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
