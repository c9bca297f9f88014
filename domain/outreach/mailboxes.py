"""What a mailbox may carry: its limits, its way up, its hours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from domain.outreach.deciding import Mailbox
from domain.outreach.health import Band
from domain.outreach.limits import YOUNG, YOUNG_PER_DAY, Cap, Ramp, SendTimes, ramp_begins
from domain.outreach.sequences import Window
from domain.outreach.steps import Part


class RampTerms(Part):
    """`start` messages on the first day, `step` more on each day after, up to `ceiling`."""

    start: int = Field(10, ge=1, le=1000)
    step: int = Field(5, ge=0, le=1000)
    ceiling: int = Field(50, ge=1, le=10_000)


class Terms(Part):
    """What somebody set for a mailbox. `per_day` is what one wants, `provider_per_day` what the provider allows."""

    per_day: int = Field(40, ge=1, le=10_000)
    per_hour: int = Field(10, ge=1, le=5_000)
    provider_per_day: int = Field(500, ge=1, le=100_000)
    min_gap_seconds: int = Field(600, ge=0, le=86_400)
    gap_jitter_seconds: int = Field(300, ge=0, le=86_400)
    ramp: RampTerms | None = RampTerms()
    in_use_since: date | None = None
    """Since when the account exists; one younger than 30 days carries at most 20 messages a day."""
    window: Window = Window()


def terms_of(kept: Mapping[str, Any]) -> Terms:
    """Terms as a mailbox keeps them, parsed once a process."""
    return _parsed(json.dumps(kept, sort_keys=True))


@lru_cache(maxsize=2048)
def _parsed(kept: str) -> Terms:
    return Terms.model_validate_json(kept)


def mailbox_of(
    terms: Terms,
    times: SendTimes,
    *,
    mailbox_id: str,
    address: str,
    time_zone: str,
    ramp_began_on: date,
    last_sent_on: date | None,
    now: datetime,
    domain_cap: Cap | None = None,
    band: Band = Band.UNKNOWN,
    closed: str = "",
) -> Mailbox:
    """The mailbox as a decision sees it, with its caps stacked. `time_zone` holds where its window names none."""
    window = terms.window.hours(time_zone)
    zone = window.time_zone
    today = now.astimezone(ZoneInfo(zone)).date()
    caps = [
        Cap("provider_per_day", terms.provider_per_day, times, time_zone=zone),
        Cap("mailbox_per_day", terms.per_day, times, time_zone=zone),
        Cap("mailbox_per_hour", terms.per_hour, times, per="hour"),
    ]
    if terms.ramp is not None:
        ramp = Ramp(terms.ramp.start, terms.ramp.step, terms.ramp.ceiling)
        began = ramp_begins(ramp_began_on, last_sent_on, today)
        caps.append(Cap("ramp", ramp.allowed(began, today), times, time_zone=zone))
    if today - (terms.in_use_since or ramp_began_on) < YOUNG:
        caps.append(Cap("young_mailbox", YOUNG_PER_DAY, times, time_zone=zone))
    if band is Band.WATCH:
        caps.append(Cap("health", max(1, terms.per_day // 2), times, time_zone=zone))
    if domain_cap is not None:
        caps.append(domain_cap)
    return Mailbox(
        mailbox_id=mailbox_id,
        address=address,
        window=window,
        caps=tuple(caps),
        times=times,
        min_gap=timedelta(seconds=terms.min_gap_seconds),
        gap_jitter=timedelta(seconds=terms.gap_jitter_seconds),
        closed=closed,
    )
