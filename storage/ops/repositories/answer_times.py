"""Messages as an hour of the week is judged by them: when each left, to whom, and whether a person did something about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from storage.ops.repositories.base import Repository
from storage.ops.tables import Contact, MessageEvent, OutboxMessage

ANSWERS = ("clicked", "replied")
"""What people do; programs' clicks are other events, and opens are none."""


class SentTo(NamedTuple):
    outbox_message_id: str
    sent_at: datetime
    contact_id: str
    company_id: str | None
    country: str | None
    attributes: dict[str, Any] | None


class AnswerTimes(Repository):
    def newest(self, since: datetime, *, limit: int, organization_id: str | None = None) -> list[SentTo]:
        """The newest messages since a moment."""
        asked = (
            select(
                OutboxMessage.outbox_message_id, OutboxMessage.sent_at, OutboxMessage.contact_id, Contact.company_id,
                Contact.country, Contact.attributes,
            )
            .join(Contact, Contact.contact_id == OutboxMessage.contact_id)
            .where(OutboxMessage.organization_id == self.target(organization_id), OutboxMessage.sent_at > since)
            .order_by(OutboxMessage.sent_at.desc(), OutboxMessage.outbox_message_id)
            .limit(limit)
        )  # fmt: skip
        return [SentTo(*row) for row in self.session.execute(asked).tuples()]

    def answered(self, since: datetime, organization_id: str | None = None) -> set[str]:
        """Messages that a person answered, or whose link they followed, since a moment."""
        asked = select(MessageEvent.outbox_message_id).where(
            MessageEvent.organization_id == self.target(organization_id),
            MessageEvent.kind.in_(ANSWERS),
            MessageEvent.occurred_at > since,
        )
        return set(self.session.scalars(asked))
