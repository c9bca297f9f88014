"""What became of the messages of mailboxes, as their health is judged by it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select

from domain.outreach.health import MONTH, WEEK, Outcomes
from storage.ops.repositories.base import Repository
from storage.ops.tables import Mailbox, MessageEvent, OutboxMessage

TELLING = ("bounced", "refused", "complained")
COUNTED_BOUNCES = frozenset({"hard", "block"})
"""A full mailbox and somebody's house rules say nothing of the sender (`domain.replies.failures.BounceKind`)."""


class MailboxOutcomes(Repository):
    def of_mailboxes(
        self, mailbox_ids: Collection[str], now: datetime, organization_id: str | None = None
    ) -> dict[str, tuple[Outcomes, Outcomes]]:
        """Of the last seven days and of the last thirty, by mailbox; a message counts on the day it left. Messages before
        `health_from` of their mailbox do not count."""
        target = self.target(organization_id)
        found = {mailbox_id: [Outcomes(), Outcomes()] for mailbox_id in mailbox_ids}
        for mailbox_id, in_week, in_month in self._sent(mailbox_ids, now, target):
            found[mailbox_id] = [Outcomes(tried=int(in_week)), Outcomes(tried=int(in_month))]
        for mailbox_id, at, outcomes in self._failed(mailbox_ids, now, target):
            for place, since in enumerate((now - WEEK, now - MONTH)):
                if at > since:
                    found[mailbox_id][place] += outcomes
        return {mailbox_id: (week, month) for mailbox_id, (week, month) in found.items()}

    def _sent(self, mailbox_ids: Collection[str], now: datetime, target: str) -> list[tuple[str, int, int]]:
        asked = (
            select(
                OutboxMessage.mailbox_id,
                func.sum(case((OutboxMessage.counted_at > now - WEEK, 1), else_=0)),
                func.count(),
            )
            .join(Mailbox, Mailbox.mailbox_id == OutboxMessage.mailbox_id)
            .where(
                OutboxMessage.organization_id == target,
                OutboxMessage.mailbox_id.in_(sorted(mailbox_ids)),
                OutboxMessage.status == "sent",
                OutboxMessage.counted_at > now - MONTH,
                or_(Mailbox.health_from.is_(None), OutboxMessage.counted_at > Mailbox.health_from),
            )
            .group_by(OutboxMessage.mailbox_id)
        )
        return list(self.session.execute(asked).tuples())

    def _failed(
        self, mailbox_ids: Collection[str], now: datetime, target: str
    ) -> list[tuple[str, datetime, Outcomes]]:  # fmt: skip
        """Of each message that failed: when it left, or was tried, and what it adds. One that was refused at once was
        never sent, and is tried all the same."""
        asked = (
            select(
                MessageEvent.mailbox_id,
                MessageEvent.kind,
                MessageEvent.detail,
                OutboxMessage.outbox_message_id,
                OutboxMessage.status,
                func.coalesce(OutboxMessage.sent_at, OutboxMessage.first_tried_at, OutboxMessage.decided_at),
                Mailbox.health_from,
            )
            .join(OutboxMessage, OutboxMessage.outbox_message_id == MessageEvent.outbox_message_id)
            .join(Mailbox, Mailbox.mailbox_id == MessageEvent.mailbox_id)
            .where(
                MessageEvent.organization_id == target,
                MessageEvent.mailbox_id.in_(sorted(mailbox_ids)),
                MessageEvent.kind.in_(TELLING),
                MessageEvent.occurred_at > now - MONTH,
            )
        )
        bounced: dict[str, tuple[str, datetime, Outcomes]] = {}
        complained: dict[str, tuple[str, datetime, Outcomes]] = {}
        for mailbox_id, kind, detail, key, status, at, counts_from in self.session.execute(asked).tuples():
            if counts_from is not None and at <= counts_from:
                continue
            if kind == "complained":
                complained[key] = (mailbox_id, at, Outcomes(complaints=1))
            elif _counts(kind, detail or {}):
                bounced[key] = (mailbox_id, at, Outcomes(tried=0 if status == "sent" else 1, bounces=1))
        return [*bounced.values(), *complained.values()]


def _counts(kind: str, detail: Mapping[str, Any]) -> bool:
    if kind == "refused":
        return detail.get("class") == "blocked"
    return detail.get("bounce", "hard") in COUNTED_BOUNCES
