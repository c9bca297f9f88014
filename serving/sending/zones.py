"""Where a contact's clock stands, as far as it is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytz  # type: ignore[import-untyped]

from domain.time_zones import time_zone_names
from storage.ops.repositories.outreach_facts import Known

ATTRIBUTE = "time_zone"


def zone_of(known: Known, now: datetime) -> str | None:
    """The contact's own attribute, else its country's zone where all of the country has one time now, else unknown."""
    return zone_named(known.contact.attributes, known.contact.country, now)


def zone_named(attributes: Mapping[str, Any] | None, country: str | None, now: datetime) -> str | None:
    """The same of somebody of whom no more is read."""
    told = (attributes or {}).get(ATTRIBUTE)
    if isinstance(told, str) and told in time_zone_names():
        return told
    zones = pytz.country_timezones.get(country or "", [])
    offsets = {now.astimezone(ZoneInfo(zone)).utcoffset() for zone in zones}
    return str(zones[0]) if len(offsets) == 1 else None
