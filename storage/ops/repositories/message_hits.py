"""Requests for pictures and links of messages: kept as they come, flagged where a program made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from storage.ops.repositories.base import Repository
from storage.ops.tables import MessageHit, OutboxMessage

MOST_KEPT = 200
"""Requests about one message that are kept: whoever asks more often is no reader."""


class MessageHits(Repository):
    def add(self, message: OutboxMessage, facts: Mapping[str, Any]) -> MessageHit:
        """One request about a message."""
        made = MessageHit(
            organization_id=self.target(self.writable(message.organization_id)),
            outbox_message_id=message.outbox_message_id,
            sequence_id=message.sequence_id,
            step_id=message.step_id,
            mailbox_id=message.mailbox_id,
            contact_id=message.contact_id,
            **{"occurred_at": self.work.now(), **facts},
        )
        self.session.add(made)
        self.session.flush()
        return made

    def of_message(self, outbox_message_id: str) -> list[MessageHit]:
        """Those of a message, in order."""
        asked = (
            select(MessageHit)
            .where(MessageHit.outbox_message_id == outbox_message_id, self.readable(MessageHit.organization_id))
            .order_by(MessageHit.occurred_at, MessageHit.message_hit_id)
            .limit(MOST_KEPT)
        )
        return list(self.session.scalars(asked))

    def flag(self, hit: MessageHit, reasons: Sequence[str]) -> None:
        """Why it is taken for a program's; without reasons it may be a person's."""
        self.writable(hit.organization_id)
        if list(hit.reasons or ()) != list(reasons):
            hit.reasons, hit.is_machine = list(reasons), bool(reasons)
            self.session.flush()

    def count_of_messages(self, sequence_id: str) -> dict[tuple[str, bool], int]:
        """How many messages of a sequence were opened or clicked, by kind and by whether programs did."""
        asked = (
            select(MessageHit.kind, MessageHit.is_machine, func.count(MessageHit.outbox_message_id.distinct()))
            .where(MessageHit.sequence_id == sequence_id, self.readable(MessageHit.organization_id))
            .group_by(MessageHit.kind, MessageHit.is_machine)
        )
        return {(kind, is_machine): int(count) for kind, is_machine, count in self.session.execute(asked).tuples()}
