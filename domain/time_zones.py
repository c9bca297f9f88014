"""Names of time zones (IANA). The list is on disk, in hundreds of files: it is read once a process."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones


@cache
def time_zone_names() -> frozenset[str]:
    """All names that `ZoneInfo` takes here."""
    return frozenset(available_timezones())
