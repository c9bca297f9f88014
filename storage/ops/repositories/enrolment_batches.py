"""Many people put into a sequence by one act: what is left to do, and what came of the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from domain.errors import NotFound
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.tables import EnrolmentBatch, EnrolmentBatchPart, OutreachSequence


class EnrolmentBatches(Repository):
    def add(self, sequence_id: str, version: int, parts: Sequence[Sequence[str]]) -> EnrolmentBatch:
        """A batch of contacts in the parts that it will be done in. Raises NotFound for another organization's sequence."""
        target = self.target()
        made = EnrolmentBatch(
            organization_id=target,
            sequence_id=self.own(OutreachSequence, sequence_id, target),
            version=version,
            contact_count=sum(map(len, parts)),
            started_by=self.work.actor.id or self.work.actor.kind,
        )
        self.session.add(made)
        self.session.flush()
        self.insert_rows(
            EnrolmentBatchPart,
            [
                {"enrolment_batch_id": made.enrolment_batch_id, "number": number, "contact_ids": list(part)}
                for number, part in enumerate(parts)
            ],
        )
        Audit(self.work).record("start", "enrolment_batch", made.enrolment_batch_id, after=_shown(made))
        return made

    def get(self, enrolment_batch_id: str) -> EnrolmentBatch:
        """Raises NotFound."""
        found = self.by_id(EnrolmentBatch, enrolment_batch_id)
        if found is None:
            raise NotFound("There is no such batch here.")
        return found

    def newest(self, sequence_id: str, *, limit: int = 20) -> list[EnrolmentBatch]:
        """Of a sequence, newest first."""
        asked = select(EnrolmentBatch).where(
            EnrolmentBatch.organization_id == self.target(), EnrolmentBatch.sequence_id == sequence_id
        )
        newest = (EnrolmentBatch.created_at.desc(), EnrolmentBatch.enrolment_batch_id.desc())
        return list(self.session.scalars(asked.order_by(*newest).limit(limit)))

    def hold(self, enrolment_batch_id: str, organization_id: str | None = None) -> EnrolmentBatch:
        """The batch, held until the unit of work ends. Raises NotFound."""
        return self.one(
            select(EnrolmentBatch)
            .where(
                EnrolmentBatch.enrolment_batch_id == enrolment_batch_id,
                EnrolmentBatch.organization_id == self.target(organization_id),
            )
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    def next_part(self, batch: EnrolmentBatch) -> EnrolmentBatchPart | None:
        """The first of a batch in hand that is not done; None where all are."""
        asked = select(EnrolmentBatchPart).where(
            EnrolmentBatchPart.organization_id == self.writable(batch.organization_id),
            EnrolmentBatchPart.enrolment_batch_id == batch.enrolment_batch_id,
            EnrolmentBatchPart.done_at.is_(None),
        )
        return self.session.scalars(asked.order_by(EnrolmentBatchPart.number).limit(1)).first()

    def settle(
        self, batch: EnrolmentBatch, part: EnrolmentBatchPart, enrolled_count: int, refused: Mapping[str, int]
    ) -> None:
        """A part is done, with how many were put in and how many not, by reason."""
        self.writable(batch.organization_id)
        self.writable(part.organization_id)
        part.done_at = batch.updated_at = self.work.now()
        batch.done_count += len(part.contact_ids)
        batch.enrolled_count += enrolled_count
        batch.refused = dict(Counter(batch.refused) + Counter(refused))
        self.session.flush()

    def end(self, batch: EnrolmentBatch, status: str) -> None:
        """`finished`, or `stopped` by a person, who answers for it."""
        self.writable(batch.organization_id)
        before = _shown(batch)
        batch.status, batch.finished_at, batch.updated_at = status, self.work.now(), self.work.now()
        self.session.flush()
        if status == "stopped":
            Audit(self.work).record(
                "switch", "enrolment_batch", batch.enrolment_batch_id, before=before, after=_shown(batch)
            )


def _shown(batch: EnrolmentBatch) -> dict[str, Any]:
    return {name: getattr(batch, name) for name in ("sequence_id", "version", "status", "contact_count")}
