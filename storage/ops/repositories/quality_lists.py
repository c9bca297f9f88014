"""What went wrong and waits for somebody: refused events, held submissions, dead jobs, quarantine replays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_

from domain.errors import InvalidInput, NotFound
from domain.paging import decode_cursor, encode_cursor
from domain.tenancy import Scope
from storage.ops.store import Work
from storage.ops.tables import Form, FormSubmission, Job, QuarantineReplay, RejectedEvent


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many refused events share a reason, and when the newest came."""

    reason: str
    count: int
    newest_at: datetime


class QualityLists:
    """Questions and small acts about one organization's troubles."""

    def __init__(self, work: Work) -> None:
        if not isinstance(work.scope, Scope):
            raise TypeError("these lists belong to one organization")
        self._session = work.session
        self._organization_id = work.scope.organization_id

    def rejected_events(
        self, *, reason: str | None, replayed: bool, limit: int, cursor: str | None
    ) -> tuple[list[RejectedEvent], str | None]:
        """Newest first, with the cursor of the next page: those waiting, or those that got through on replay."""
        asked = select(RejectedEvent).where(RejectedEvent.organization_id == self._organization_id)
        done = RejectedEvent.replayed_at
        asked = asked.where(done.is_not(None) if replayed else done.is_(None))
        if reason:
            asked = asked.where(RejectedEvent.reason == reason)
        if cursor:
            at, last = decode_cursor(cursor, "rejected", 2)
            try:
                moment = datetime.fromisoformat(str(at))
            except ValueError as error:
                raise InvalidInput("not a cursor of this list") from error
            asked = asked.where(
                tuple_(RejectedEvent.received_at, RejectedEvent.rejected_event_id) < tuple_(moment, last)
            )
        order = (RejectedEvent.received_at.desc(), RejectedEvent.rejected_event_id.desc())
        rows = list(self._session.scalars(asked.order_by(*order).limit(limit + 1)))
        more = len(rows) > limit
        rows = rows[:limit]
        end = [rows[-1].received_at.isoformat(), rows[-1].rejected_event_id] if more else None
        return rows, encode_cursor("rejected", end) if end else None

    def rejected_reasons(self) -> list[ReasonCount]:
        """Reasons of the events that wait, most frequent first."""
        asked = (
            select(RejectedEvent.reason, func.count(), func.max(RejectedEvent.received_at))
            .where(RejectedEvent.organization_id == self._organization_id, RejectedEvent.replayed_at.is_(None))
            .group_by(RejectedEvent.reason)
            .order_by(func.count().desc(), RejectedEvent.reason)
        )
        return [ReasonCount(*row) for row in self._session.execute(asked)]

    def waiting_rejected_ids(self, ids: Sequence[str], reason: str | None, limit: int = 500) -> list[str]:
        """The waiting events among `ids`, or the oldest of a reason (or of all). Unknown ids raise NotFound."""
        asked = select(RejectedEvent.rejected_event_id).where(
            RejectedEvent.organization_id == self._organization_id, RejectedEvent.replayed_at.is_(None)
        )
        if ids:
            found = list(self._session.scalars(asked.where(RejectedEvent.rejected_event_id.in_(ids))))
            if len(found) != len(set(ids)):
                raise NotFound("Some of these events are not here, or were replayed already.")
            return found
        if reason:
            asked = asked.where(RejectedEvent.reason == reason)
        return list(self._session.scalars(asked.order_by(RejectedEvent.received_at).limit(limit)))

    def held_submissions(self, limit: int) -> list[tuple[FormSubmission, str]]:
        """Submissions held as spam, newest first, each with the name of its form."""
        asked = (
            select(FormSubmission, Form.name)
            .join(Form, Form.form_id == FormSubmission.form_id)
            .where(FormSubmission.organization_id == self._organization_id, FormSubmission.status == "held")
            .order_by(FormSubmission.submitted_at.desc(), FormSubmission.form_submission_id.desc())
            .limit(limit)
        )
        return [(submission, name) for submission, name in self._session.execute(asked)]

    def dead_jobs(self, limit: int) -> list[Job]:
        """Jobs that failed for good, newest first."""
        asked = select(Job).where(Job.organization_id == self._organization_id, Job.status == "dead")
        return list(self._session.scalars(asked.order_by(Job.updated_at.desc(), Job.job_id).limit(limit)))

    def quarantine_replays(self, limit: int) -> list[QuarantineReplay]:
        asked = select(QuarantineReplay).where(QuarantineReplay.organization_id == self._organization_id)
        order = (QuarantineReplay.created_at.desc(), QuarantineReplay.quarantine_replay_id)
        return list(self._session.scalars(asked.order_by(*order).limit(limit)))

    def ask_replay(self, source: str, quarantine_ids: Sequence[str], requested_by: str) -> QuarantineReplay:
        """Writes down that quarantined rows be tried again; the next landing answers it."""
        asked = QuarantineReplay(
            organization_id=self._organization_id,
            source=source,
            quarantine_ids=list(quarantine_ids),
            status="asked",
            requested_by=requested_by,
        )
        self._session.add(asked)
        self._session.flush()
        return asked

    def counts(self) -> dict[str, int]:
        """How many of each wait: {rejected_events, held_submissions, dead_jobs, quarantine_replays}."""
        own = self._organization_id
        questions = {
            "rejected_events": select(func.count())
            .select_from(RejectedEvent)
            .where(RejectedEvent.organization_id == own, RejectedEvent.replayed_at.is_(None)),
            "held_submissions": select(func.count())
            .select_from(FormSubmission)
            .where(FormSubmission.organization_id == own, FormSubmission.status == "held"),
            "dead_jobs": select(func.count()).select_from(Job).where(Job.organization_id == own, Job.status == "dead"),
            "quarantine_replays": select(func.count())
            .select_from(QuarantineReplay)
            .where(QuarantineReplay.organization_id == own, QuarantineReplay.status == "asked"),
        }
        return {name: self._session.scalar(question) or 0 for name, question in questions.items()}
