"""What the store alone knows of a contact's story: activities, and events that have not landed in the lake yet."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.tenancy import Scope
from storage.ops.store import Work
from storage.ops.tables import Activity, EventInbox, FormSubmission

INBOX_LOOK_BACK = 5_000
"""The inbox is trimmed every minute; more than this many newer events of an organization are not searched."""


@dataclass(frozen=True, slots=True)
class UnlandedEvent:
    """An accepted event that is still in the inbox."""

    event_id: str
    type: str
    name: str
    occurred_at: datetime
    received_at: datetime
    page_url: str
    page_title: str
    is_bot: bool
    engaged_seconds: float
    """Time spent on the page since the last such report; reports are `page_ping` events."""


class Timelines:
    """Questions about one contact of one organization."""

    def __init__(self, work: Work) -> None:
        if not isinstance(work.scope, Scope):
            raise TypeError("a timeline belongs to one organization")
        self._session = work.session
        self._organization_id = work.scope.organization_id

    def activities(self, contact_id: str, *, limit: int, before: datetime | None = None) -> list[Activity]:
        """Newest first."""
        asked = select(Activity).where(
            Activity.organization_id == self._organization_id, Activity.contact_id == contact_id
        )
        if before:
            asked = asked.where(Activity.occurred_at < before)
        return list(
            self._session.scalars(asked.order_by(Activity.occurred_at.desc(), Activity.activity_id.desc()).limit(limit))
        )

    def anonymous_ids(self, contact_id: str) -> set[str]:
        """The browsers in which this contact sent a form, as far as the store knows."""
        asked = select(FormSubmission.anonymous_id).where(
            FormSubmission.organization_id == self._organization_id,
            FormSubmission.contact_id == contact_id,
            FormSubmission.anonymous_id.is_not(None),
        )
        return {found for found in self._session.scalars(asked.distinct()) if found}

    def unlanded_events(self, contact_id: str, email_hash: str | None, anonymous_ids: set[str]) -> list[UnlandedEvent]:
        """Events of this contact among the newest of the inbox, newest first."""
        asked = (
            select(EventInbox.event_id, EventInbox.received_at, EventInbox.body, EventInbox.context)
            .where(EventInbox.organization_id == self._organization_id)
            .order_by(EventInbox.seq.desc())
            .limit(INBOX_LOOK_BACK)
        )
        wanted = {contact_id, email_hash or contact_id, *anonymous_ids}
        found = []
        for event_id, received_at, body, context in self._session.execute(asked):
            if not any(value in body for value in wanted):  # letters first: most events are somebody else's
                continue
            event = json.loads(body)
            of_contact = event.get("contact_id") == contact_id or (email_hash and event.get("email_hash") == email_hash)
            if of_contact or event.get("anonymous_id") in anonymous_ids:
                found.append(_event(event_id, received_at, event, json.loads(context or "{}")))
        return found


def _event(event_id: str, received_at: datetime, event: dict[str, Any], context: dict[str, Any]) -> UnlandedEvent:
    page = event.get("page") or {}
    try:
        occurred_at = datetime.fromisoformat(str(event.get("occurred_at")))
    except ValueError:
        occurred_at = received_at
    return UnlandedEvent(
        event_id=event_id,
        type=str(event.get("type") or ""),
        name=str(event.get("name") or ""),
        occurred_at=occurred_at if occurred_at.tzinfo else received_at,
        received_at=received_at,
        page_url=str(page.get("url") or ""),
        page_title=str(page.get("title") or ""),
        is_bot=bool(context.get("is_bot")),
        engaged_seconds=_seconds((event.get("properties") or {}).get("engaged_seconds")),
    )


def _seconds(value: Any) -> float:
    """Between nothing and ten minutes, as dbt's `int_events_timed` reads it."""
    try:
        return min(max(float(value), 0.0), 600.0)
    except (TypeError, ValueError):
        return 0.0
