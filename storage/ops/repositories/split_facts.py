"""What became of the arms of a sequence: who was dealt what, when they first met it, and what they did."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, distinct, func, select

from storage.ops.repositories.base import Repository
from storage.ops.tables import Enrolment, InboundMessage, MessageEvent, OutboxMessage

NEWEST_DELAYS = 2_000


@dataclass(frozen=True, slots=True)
class Way:
    """Somebody's way through a sequence with an A/B step in it."""

    enrolment_id: str
    contact_id: str
    company_id: str | None
    version: int
    arms: dict[str, str]


class SplitFacts(Repository):
    def ways(self, sequence_id: str, organization_id: str) -> list[Way]:
        """Everybody who was ever put into the sequence."""
        asked = select(
            Enrolment.enrolment_id, Enrolment.contact_id, Enrolment.company_id, Enrolment.version, Enrolment.arms
        ).where(Enrolment.sequence_id == sequence_id, Enrolment.organization_id == organization_id,
                self.readable(Enrolment.organization_id))  # fmt: skip
        return [Way(*row[:4], dict(row[4] or {})) for row in self.session.execute(asked).tuples()]

    def first_sent(
        self, sequence_id: str, step_ids: Collection[str], organization_id: str
    ) -> dict[tuple[str, str], datetime]:
        """When each of these steps first left, by enrolment and step."""
        asked = (
            select(OutboxMessage.enrolment_id, OutboxMessage.step_id, func.min(OutboxMessage.sent_at))
            .where(
                OutboxMessage.sequence_id == sequence_id,
                OutboxMessage.organization_id == organization_id,
                self.readable(OutboxMessage.organization_id),
                OutboxMessage.step_id.in_(sorted(step_ids)),
                OutboxMessage.sent_at.is_not(None),
            )
            .group_by(OutboxMessage.enrolment_id, OutboxMessage.step_id)
        )
        rows = self.session.execute(asked).tuples()
        return {(enrolment, step): at for enrolment, step, at in rows if at is not None}

    def events(self, sequence_id: str, kinds: Collection[str], organization_id: str) -> list[tuple[str, str, datetime]]:
        """(kind, contact, moment) of what happened to messages of the sequence."""
        asked = select(MessageEvent.kind, MessageEvent.contact_id, MessageEvent.occurred_at).where(
            MessageEvent.sequence_id == sequence_id,
            MessageEvent.organization_id == organization_id,
            self.readable(MessageEvent.organization_id),
            MessageEvent.kind.in_(sorted(kinds)),
        )
        return list(self.session.execute(asked).tuples())

    def answers(self, sequence_id: str, intents: Collection[str], organization_id: str) -> list[tuple[str, datetime]]:
        """(contact, moment) of people's answers that want one of these; what a person said of one goes before what was
        read."""
        intent = case(
            (InboundMessage.corrected_intent != "", InboundMessage.corrected_intent), else_=InboundMessage.intent
        )
        asked = select(InboundMessage.contact_id, InboundMessage.received_at).where(
            InboundMessage.sequence_id == sequence_id,
            InboundMessage.organization_id == organization_id,
            self.readable(InboundMessage.organization_id),
            InboundMessage.contact_id.is_not(None),
            intent.in_(sorted(intents)),
        )
        return [(str(row[0]), row[1]) for row in self.session.execute(asked)]

    def rate_before(self, sequence_id: str, before: datetime, organization_id: str) -> tuple[int, int]:
        """People whom other sequences wrote to before a moment, and how many of them had answered by then."""
        contacted: Row[Any] = self.session.execute(
            select(func.count(distinct(OutboxMessage.contact_id))).where(
                OutboxMessage.organization_id == organization_id,
                self.readable(OutboxMessage.organization_id),
                OutboxMessage.sequence_id != sequence_id,
                OutboxMessage.sent_at < before,
            )
        ).one()
        answered: Row[Any] = self.session.execute(
            select(func.count(distinct(MessageEvent.contact_id))).where(
                MessageEvent.organization_id == organization_id,
                self.readable(MessageEvent.organization_id),
                MessageEvent.sequence_id != sequence_id,
                MessageEvent.kind == "replied",
                MessageEvent.occurred_at < before,
            )
        ).one()
        return int(contacted[0]), min(int(answered[0]), int(contacted[0]))

    def delays(self, sent_before: datetime, organization_id: str) -> list[float]:
        """Days from a message to its answer, of messages that had time for one; the newest 2,000."""
        asked = (
            select(OutboxMessage.sent_at, MessageEvent.occurred_at)
            .join(OutboxMessage, OutboxMessage.outbox_message_id == MessageEvent.outbox_message_id)
            .where(
                MessageEvent.organization_id == organization_id,
                self.readable(MessageEvent.organization_id),
                OutboxMessage.organization_id == MessageEvent.organization_id,
                MessageEvent.kind == "replied",
                OutboxMessage.sent_at < sent_before,
            )
            .order_by(OutboxMessage.sent_at.desc(), MessageEvent.message_event_id)
            .limit(NEWEST_DELAYS)
        )
        rows = self.session.execute(asked).tuples()
        return [(answered - sent).total_seconds() / 86_400 for sent, answered in rows if sent is not None]
