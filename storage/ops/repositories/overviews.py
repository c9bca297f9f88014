"""What an organization looks like this minute: today's leads, who stands where, and what waits to land."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import ColumnElement, func, literal, select

from domain.errors import NotFound
from domain.tenancy import Scope
from storage.ops.repositories.listing import COUNTED_UP_TO
from storage.ops.store import Work
from storage.ops.tables import Contact, Deal, EventInbox, FormSubmission, Organization


@dataclass(frozen=True, slots=True)
class Today:
    """The current day where the organization is."""

    time_zone: str
    begins_at: datetime
    lead_count: int
    lead_count_yesterday: int
    form_submission_count: int


class Overviews:
    """Small counts of one organization, each answered by an index."""

    def __init__(self, work: Work) -> None:
        if not isinstance(work.scope, Scope):
            raise TypeError("an overview belongs to one organization")
        self._session = work.session
        self._organization_id = work.scope.organization_id

    def midnight(self, now: datetime) -> datetime:
        """When the current day began where the organization is, in its time zone. Raises NotFound."""
        try:
            zone = ZoneInfo(self._organization.time_zone)
        except ZoneInfoNotFoundError:
            zone = ZoneInfo("UTC")
        return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)

    def today(self, now: datetime) -> Today:
        """Leads and submissions since midnight in the organization's time zone; yesterday is the whole day before."""
        midnight = self.midnight(now)
        day_before = (midnight - timedelta(hours=12)).replace(hour=0)  # a day may have 23 or 25 hours
        submissions = select(func.count()).where(
            FormSubmission.organization_id == self._organization_id, FormSubmission.submitted_at >= midnight
        )
        return Today(
            time_zone=self._organization.time_zone,
            begins_at=midnight,
            lead_count=self._contacts(Contact.created_at >= midnight),
            lead_count_yesterday=self._contacts(Contact.created_at >= day_before, Contact.created_at < midnight),
            form_submission_count=self._session.scalar(submissions) or 0,
        )

    def leads_since(self, since: datetime) -> int:
        """Contacts added since then."""
        return self._contacts(Contact.created_at >= since)

    def open_deal_count(self) -> int:
        """Deals that are neither won nor lost."""
        asked = select(func.count()).where(Deal.organization_id == self._organization_id, Deal.closed_at.is_(None))
        return self._session.scalar(asked) or 0

    def contact_count(self) -> int:
        """Exact up to 10,000; 10,001 means more."""
        some = select(literal(1)).select_from(Contact).where(*self._own()).limit(COUNTED_UP_TO + 1).subquery()
        return self._session.scalar(select(func.count()).select_from(some)) or 0

    def stage_counts(self) -> dict[str, int]:
        """Contacts by lifecycle stage."""
        asked = select(Contact.lifecycle_stage, func.count()).where(*self._own()).group_by(Contact.lifecycle_stage)
        return {row[0]: row[1] for row in self._session.execute(asked)}

    def waiting_events(self) -> tuple[int, datetime | None]:
        """Events in the inbox, and when the newest came (none when the inbox is empty)."""
        asked = select(func.count(), func.max(EventInbox.received_at)).where(
            EventInbox.organization_id == self._organization_id
        )
        count, newest = self._session.execute(asked).one()
        return count, newest

    @property
    def _organization(self) -> Organization:
        found = self._session.get(Organization, self._organization_id)
        if found is None:
            raise NotFound
        return found

    def _own(self) -> list[ColumnElement[bool]]:
        return [Contact.organization_id == self._organization_id, Contact.deleted_at.is_(None)]

    def _contacts(self, *conditions: ColumnElement[bool]) -> int:
        return self._session.scalar(select(func.count()).select_from(Contact).where(*self._own(), *conditions)) or 0
