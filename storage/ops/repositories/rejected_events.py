"""Events that failed their contract: kept as they came, with the reason, until they are replayed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from storage.ops.repositories.base import Repository
from storage.ops.repositories.refusals import tried_again, waiting_by_reason
from storage.ops.tables import RejectedEvent


class RejectedEvents(Repository):
    def add(
        self,
        *,
        reason: str,
        body: str,
        message: str = "",
        event_id: str | None = None,
        source: str = "website_events",
        context: str = "{}",
        received_at: datetime | None = None,
        organization_id: str | None = None,
    ) -> RejectedEvent:
        """Keeps one, whatever its body."""
        made = RejectedEvent(
            organization_id=self.target(organization_id),
            event_id=event_id[:64] if event_id else None,
            source=source,
            reason=reason,
            message=message,
            body=body,
            context=context,
            received_at=received_at or self.work.now(),
        )
        self.session.add(made)
        self.session.flush()
        return made

    def open(
        self, *, reason: str | None = None, ids: Sequence[str] | None = None, limit: int = 500
    ) -> list[RejectedEvent]:
        """Those that wait, oldest first, of one reason or by id."""
        query = select(RejectedEvent).where(
            self.readable(RejectedEvent.organization_id), RejectedEvent.replayed_at.is_(None)
        )
        if reason is not None:
            query = query.where(RejectedEvent.reason == reason)
        if ids is not None:
            query = query.where(RejectedEvent.rejected_event_id.in_(ids))
        return list(
            self.session.scalars(
                query.order_by(RejectedEvent.received_at, RejectedEvent.rejected_event_id).limit(limit)
            )
        )

    def counts(self) -> dict[str, int]:
        """How many wait, by reason."""
        return waiting_by_reason(self.work, RejectedEvent, self.readable(RejectedEvent.organization_id))

    def note_attempt(self, event: RejectedEvent, *, got_through: bool, reason: str = "", message: str = "") -> None:
        """Counts a replay; one that got through is done, another keeps the newest reason."""
        self.writable(event.organization_id)
        tried_again(self.work, event, got_through=got_through, reason=reason, message=message)
