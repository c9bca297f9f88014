"""One day of an organization in a few numbers, each answered by an index: what leads wrote, and what people did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from domain.tasks import TOUCHES
from storage.ops.repositories.base import Repository
from storage.ops.tables import Activity, Contact

ANSWERS = frozenset({"email", "linkedin", "sms", "whatsapp", "chat", "call", "meeting"})
"""Kinds of activity by which a contact answers, where the timeline says that the contact did it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A contact wrote, or called."""

    activity: Activity
    contact: Contact


class Days(Repository):
    def reply_count(self, since: datetime) -> int:
        """How often contacts wrote since then."""
        asked = select(func.count()).where(*self._replies(since))
        return self.session.scalar(asked) or 0

    def replies(self, since: datetime, *, limit: int) -> list[Reply]:
        """The newest of them, of contacts that are there."""
        asked = (
            select(Activity, Contact)
            .join(Contact, Contact.contact_id == Activity.contact_id)
            .where(*self._replies(since), Contact.deleted_at.is_(None))
            .order_by(Activity.occurred_at.desc(), Activity.activity_id.desc())
        )
        return [Reply(activity, contact) for activity, contact in self.session.execute(asked.limit(limit))]

    def touch_counts(self, since: datetime) -> dict[str, int]:
        """How often people here reached out since then, by person."""
        asked = (
            select(Activity.actor_id, func.count())
            .where(
                Activity.organization_id == self.target(),
                Activity.occurred_at >= since,
                Activity.kind.in_(sorted(TOUCHES)),
                Activity.actor_kind == "human",
            )
            .group_by(Activity.actor_id)
        )
        return {str(actor_id): count for actor_id, count in self.session.execute(asked).tuples()}

    def _replies(self, since: datetime) -> tuple[ColumnElement[bool], ...]:
        return (
            Activity.organization_id == self.target(),
            Activity.occurred_at >= since,
            Activity.kind.in_(sorted(ANSWERS)),
            Activity.actor_kind == "contact",
        )
