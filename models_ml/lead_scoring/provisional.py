"""The facts of a lead right now: its last built features, what its record says, and what came in since that build.

Counts here mean what dbt's `int_contact_features_at_moments` means by them; a parity test bounds the difference. What
has landed but is not yet built is in neither place, and is missing until the next build: hence "provisional".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models_ml.lead_scoring.features import PREFIX

SESSION_GAP = timedelta(minutes=30)
ZEROES = (
    "sessions_7d",
    "sessions_30d",
    "page_views_7d",
    "page_views_30d",
    "engaged_seconds_30d",
    "pricing_views_30d",
    "downloads_30d",
    "sessions_before_known",
    "page_views_before_known",
    "pricing_views_before_known",
    "form_submissions_30d",
    "emails_sent_30d",
    "human_clicks_30d",
    "replies_30d",
    "linkedin_events_30d",
)
"""Counts of a lead that no build has seen."""
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class RecordNow:
    """What the contact's record says at this moment."""

    known_at: datetime
    source: str
    country: str | None
    email_domain_type: str
    """`corporate`, `free`, `disposable` or `none`."""
    has_phone: bool
    has_company: bool
    title: str
    attributes: Mapping[str, Any]
    company_industry: str | None = None
    company_employee_count: int | None = None


@dataclass(frozen=True, slots=True)
class VisitEvent:
    """One event of the contact's browser that the build has not seen."""

    occurred_at: datetime
    type: str
    page_path: str = ""
    engaged_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The features of the last build, and when it looked."""

    as_of_at: datetime
    features: Mapping[str, Any]


def facts_now(
    record: RecordNow,
    snapshot: Snapshot | None,
    events: Iterable[VisitEvent],
    submitted_at: Sequence[datetime],
    now: datetime,
) -> dict[str, Any]:
    """Columns of `features.contact_features` as of `now`; attributes as `attributes.<key>`.

    `events` are those since the snapshot; `submitted_at` are the accepted form submissions since it (without one: all
    within 30 days).
    """
    facts = {**dict.fromkeys(ZEROES, 0), **(snapshot.features if snapshot else {}), **_from_record(record, now)}
    last = facts.get("days_since_last_visit")
    if snapshot and last is not None:
        facts["days_since_last_visit"] = last + (now - snapshot.as_of_at).total_seconds() / DAY
    month_ago = now - timedelta(days=30)
    facts["form_submissions_30d"] += sum(month_ago < at <= now for at in submitted_at)
    seen = sorted((event for event in events if event.occurred_at > month_ago), key=lambda event: event.occurred_at)
    if seen:
        _count(facts, seen, snapshot, now, record.known_at)
    return facts


def _from_record(record: RecordNow, now: datetime) -> dict[str, Any]:
    return {
        "source": record.source or None,
        "country": record.country,
        "email_domain_type": record.email_domain_type,
        "has_phone": record.has_phone,
        "has_company": record.has_company,
        "company_industry": record.company_industry,
        "company_employee_count": record.company_employee_count,
        "has_title": bool(record.title),
        "title": record.title or None,
        "days_since_known": max((now - record.known_at).total_seconds() / DAY, 0.0),
        **{PREFIX + key: value for key, value in record.attributes.items()},
    }


def _count(
    facts: dict[str, Any], seen: Sequence[VisitEvent], snapshot: Snapshot | None, now: datetime, known_at: datetime
) -> None:
    """Adds new events to the counts; a visit that was open when the build looked goes on and is not counted twice."""
    week_ago = now - timedelta(days=7)
    previous = _last_visit(snapshot)
    for event in seen:
        is_week, is_view = event.occurred_at > week_ago, event.type == "page_view"
        is_before = event.occurred_at <= known_at
        pause = event.occurred_at - previous if previous else None
        if pause is None or pause > SESSION_GAP:
            facts["sessions_30d"] += 1
            facts["sessions_7d"] += is_week
            facts["sessions_before_known"] += is_before
        facts["engaged_seconds_30d"] += event.engaged_seconds if event.type == "page_ping" else 0.0
        facts["page_views_30d"] += is_view
        facts["page_views_7d"] += is_view and is_week
        facts["page_views_before_known"] += is_view and is_before
        is_pricing = is_view and any(word in event.page_path.lower() for word in ("pricing", "/plans"))
        facts["pricing_views_30d"] += is_pricing
        facts["pricing_views_before_known"] += is_pricing and is_before
        facts["downloads_30d"] += event.type == "file_download"
        previous = event.occurred_at
    facts["engaged_seconds_30d"] = round(facts["engaged_seconds_30d"])
    facts["days_since_last_visit"] = max((now - seen[-1].occurred_at).total_seconds() / DAY, 0.0)


def _last_visit(snapshot: Snapshot | None) -> datetime | None:
    age = snapshot.features.get("days_since_last_visit") if snapshot else None
    return None if snapshot is None or age is None else snapshot.as_of_at - timedelta(days=float(age))
