"""Pairs that may be one: what a search proposed, the queue that people look through, and what they decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from domain.duplicates import COMPARED, ProposalStatus, RecordKind, fingerprint_of
from domain.errors import Conflict
from domain.filters import Condition, FieldType, Sort
from storage.ops.repositories.base import Repository
from storage.ops.repositories.identity_decisions import PERSON
from storage.ops.repositories.listing import ListField, Page, clause, page
from storage.ops.tables import Company, Contact, DuplicateProposal, IdentityDecision

FIELDS: Mapping[str, ListField] = {
    "entity": ListField(FieldType.TEXT, DuplicateProposal.entity),
    "status": ListField(FieldType.TEXT, DuplicateProposal.status),
    "probability": ListField(FieldType.NUMBER, DuplicateProposal.probability, is_sortable=True),
    "weight": ListField(FieldType.NUMBER, DuplicateProposal.weight, is_sortable=True),
    "left_id": ListField(FieldType.TEXT, DuplicateProposal.left_id),
    "right_id": ListField(FieldType.TEXT, DuplicateProposal.right_id),
    "batch_id": ListField(FieldType.TEXT, DuplicateProposal.batch_id),
    "created_at": ListField(FieldType.DATETIME, DuplicateProposal.created_at, is_sortable=True),
    "decided_at": ListField(FieldType.DATETIME, DuplicateProposal.decided_at, is_sortable=True),
}
SUREST = Sort("probability", descending=True)
TABLES: Mapping[RecordKind, type[Contact | Company]] = {RecordKind.CONTACT: Contact, RecordKind.COMPANY: Company}
NODES = {RecordKind.CONTACT: "contact", RecordKind.COMPANY: "company"}
Ids = tuple[str, str]
"""The two of a pair, the smaller id first."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a pair already."""

    duplicate_proposal_id: str
    status: ProposalStatus
    fingerprint: str
    probability: float


class Duplicates(Repository):
    def records_after(self, kind: RecordKind, last_id: str, limit: int) -> list[Mapping[str, Any]]:
        """What records are compared by, in order of id, after one: for a walk over all that are there."""
        table = TABLES[kind]
        key = _key(kind)
        names = [key.key, *COMPARED[kind], "attributes"]
        names += ["country"] if kind is RecordKind.CONTACT else ["industry"]
        asked = (
            select(*(getattr(table, name) for name in names))
            .where(table.organization_id == self.target(), key > last_id, *_present(kind))
            .order_by(key)
            .limit(limit)
        )
        return [dict(row) for row in self.session.execute(asked).mappings()]

    def changed_at(self, kind: RecordKind) -> datetime | None:
        """When a record of this kind last changed; None where there is none."""
        table = TABLES[kind]
        asked = select(func.max(table.updated_at)).where(table.organization_id == self.target())
        found: datetime | None = self.session.scalar(asked)
        return found

    def known(self, kind: RecordKind) -> dict[Ids, Known]:
        """Every pair that was ever proposed."""
        asked = select(
            DuplicateProposal.left_id, DuplicateProposal.right_id, DuplicateProposal.duplicate_proposal_id,
            DuplicateProposal.status, DuplicateProposal.fingerprint, DuplicateProposal.probability,
        ).where(self._own(kind))  # fmt: skip
        return {
            (left, right): Known(proposal_id, ProposalStatus(status), fingerprint, probability)
            for left, right, proposal_id, status, fingerprint, probability in self.session.execute(asked)
        }

    def kept_apart(self, kind: RecordKind) -> set[Ids]:
        """Pairs that somebody said are two, wherever they said it."""
        prefix = f"{NODES[kind]}:"
        asked = select(IdentityDecision.left_node, IdentityDecision.right_node).where(
            IdentityDecision.organization_id == self.target(),
            IdentityDecision.rule == PERSON,
            IdentityDecision.verdict == "different",
            IdentityDecision.revoked_at.is_(None),
            IdentityDecision.left_node.startswith(prefix),
            IdentityDecision.right_node.startswith(prefix),
        )
        return {(left.removeprefix(prefix), right.removeprefix(prefix)) for left, right in self.session.execute(asked)}

    def add(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """New proposals, as mappings of column to value; ≤ 500 in a transaction."""
        return self.insert_rows(DuplicateProposal, rows)

    def refresh(self, duplicate_proposal_id: str, values: Mapping[str, Any]) -> bool:
        """What a new search says of a pair that nobody has decided since: whether it still was as the search saw it."""
        found = self.session.execute(
            update(DuplicateProposal)
            .where(
                DuplicateProposal.organization_id == self.target(),
                DuplicateProposal.duplicate_proposal_id == duplicate_proposal_id,
                DuplicateProposal.status != ProposalStatus.MERGED,
            )
            .values(**values, updated_at=self.work.now())
        )
        return bool(found.rowcount)  # type: ignore[attr-defined]

    def retire(self, duplicate_proposal_ids: Sequence[str]) -> int:
        """Open pairs that look like one no more leave the queue; ≤ 500 in a transaction."""
        found = self.session.execute(
            update(DuplicateProposal)
            .where(
                DuplicateProposal.organization_id == self.target(),
                DuplicateProposal.duplicate_proposal_id.in_(duplicate_proposal_ids),
                DuplicateProposal.status == ProposalStatus.OPEN,
            )
            .values(status=ProposalStatus.GONE.value, reason="no_more_alike", updated_at=self.work.now())
        )
        return int(found.rowcount)  # type: ignore[attr-defined]

    def page(
        self, conditions: Iterable[Condition], *, sort: Sort = SUREST, limit: int = 50, cursor: str | None = None
    ) -> Page:
        asked = select(DuplicateProposal).where(DuplicateProposal.organization_id == self.target())
        asked = asked.where(*(clause(condition, FIELDS[condition.field]) for condition in conditions))
        return page(
            self.work, asked, fields=FIELDS, key=DuplicateProposal.duplicate_proposal_id, sort=sort, limit=limit,
            cursor=cursor, with_total=True,
        )  # fmt: skip

    def get(self, duplicate_proposal_id: str) -> DuplicateProposal:
        """Raises NotFound."""
        return self.one(
            select(DuplicateProposal).where(
                DuplicateProposal.duplicate_proposal_id == duplicate_proposal_id,
                DuplicateProposal.organization_id == self.target(),
            )
        )

    def held(self, duplicate_proposal_id: str) -> DuplicateProposal:
        """One, held until the unit of work ends. Raises NotFound."""
        return self.one(
            select(DuplicateProposal)
            .where(
                DuplicateProposal.duplicate_proposal_id == duplicate_proposal_id,
                DuplicateProposal.organization_id == self.target(),
            )
            .with_for_update()
        )

    def open_counts(self) -> dict[RecordKind, int]:
        """How many pairs wait, by what they are."""
        asked = (
            select(DuplicateProposal.entity, func.count())
            .where(DuplicateProposal.organization_id == self.target(), DuplicateProposal.status == ProposalStatus.OPEN)
            .group_by(DuplicateProposal.entity)
        )
        found = {RecordKind(entity): int(count) for entity, count in self.session.execute(asked)}
        return {kind: found.get(kind, 0) for kind in RecordKind}

    def open_at_least(self, kind: RecordKind, probability: float, limit: int) -> list[str]:
        """Ids of open pairs that are so sure, the surest first."""
        asked = (
            select(DuplicateProposal.duplicate_proposal_id)
            .where(
                self._own(kind),
                DuplicateProposal.status == ProposalStatus.OPEN,
                DuplicateProposal.probability >= probability,
            )
            .order_by(DuplicateProposal.probability.desc(), DuplicateProposal.duplicate_proposal_id.desc())
            .limit(limit)
        )
        return list(self.session.scalars(asked))

    def of_batch(self, batch_id: str) -> list[DuplicateProposal]:
        """Pairs that were accepted together and are still one, the last first."""
        asked = (
            select(DuplicateProposal)
            .where(
                DuplicateProposal.organization_id == self.target(),
                DuplicateProposal.batch_id == batch_id,
                DuplicateProposal.status == ProposalStatus.MERGED,
            )
            .order_by(DuplicateProposal.decided_at.desc(), DuplicateProposal.duplicate_proposal_id.desc())
        )
        return list(self.session.scalars(asked))

    def decided_weights(self, kind: RecordKind) -> list[tuple[float, bool]]:
        """Weight of each pair that a person decided, and whether the two were one: what calibration learns from."""
        asked = select(DuplicateProposal.weight, DuplicateProposal.status).where(
            self._own(kind),
            DuplicateProposal.status.in_([ProposalStatus.MERGED, ProposalStatus.DISMISSED]),
            DuplicateProposal.batch_id.is_(None),
        )
        return [(weight, status == ProposalStatus.MERGED) for weight, status in self.session.execute(asked)]

    def fingerprint(self, kind: RecordKind, left_id: str, right_id: str) -> str:
        """Of what the two say now."""
        table, key = TABLES[kind], _key(kind)
        asked = select(key, *(getattr(table, name) for name in COMPARED[kind])).where(
            table.organization_id == self.target(), key.in_([left_id, right_id])
        )
        found = {row[key.key]: dict(row) for row in self.session.execute(asked).mappings()}
        return fingerprint_of(kind, found.get(left_id, {}), found.get(right_id, {}))

    def decide(
        self, proposal: DuplicateProposal, status: ProposalStatus, reason: str, *, merge_id: str | None = None,
        batch_id: str | None = None,
    ) -> None:  # fmt: skip
        """Writes down what became of a held pair. Raises Conflict for one that is merged already."""
        self.writable(proposal.organization_id)
        if status is not ProposalStatus.MERGED and proposal.status == ProposalStatus.MERGED:
            raise Conflict("the two were merged already", hint="Undo the merge first.")
        kind = RecordKind(proposal.entity)
        proposal.status, proposal.reason = status.value, reason
        proposal.merge_id, proposal.batch_id = merge_id, batch_id
        if status is not ProposalStatus.MERGED:
            proposal.fingerprint = self.fingerprint(kind, proposal.left_id, proposal.right_id)
        proposal.decided_by = self.work.actor.id or self.work.actor.kind
        proposal.decided_at = proposal.updated_at = self.work.now()
        self.session.flush()

    def of_pair(self, kind: RecordKind, one_id: str, other_id: str) -> DuplicateProposal | None:
        left, right = sorted((one_id, other_id))
        return self.session.scalars(
            select(DuplicateProposal).where(
                self._own(kind), DuplicateProposal.left_id == left, DuplicateProposal.right_id == right
            )
        ).first()

    def follow_merge(self, kind: RecordKind, survivor_id: str, merged_id: str, merge_id: str, reason: str) -> None:
        """Two became one, wherever somebody decided it: their pair is merged, and other pairs of the merged record are
        pairs of the survivor now, unless it has one with the same third record."""
        pair = self.of_pair(kind, survivor_id, merged_id)
        if pair is not None and pair.status != ProposalStatus.MERGED:
            self.decide(pair, ProposalStatus.MERGED, reason, merge_id=merge_id)
        asked = select(DuplicateProposal).where(
            self._own(kind),
            DuplicateProposal.status == ProposalStatus.OPEN,
            or_(DuplicateProposal.left_id == merged_id, DuplicateProposal.right_id == merged_id),
        )
        for proposal in self.session.scalars(asked).all():
            third = proposal.right_id if proposal.left_id == merged_id else proposal.left_id
            proposal.status, proposal.reason = ProposalStatus.GONE.value, "merged_elsewhere"
            if self.of_pair(kind, survivor_id, third) is None:
                left, right = sorted((survivor_id, third))
                moved = ("entity", "probability", "weight", "evidence", "model_version", "organization_id")
                self.session.add(
                    DuplicateProposal(
                        **{name: getattr(proposal, name) for name in moved}, left_id=left, right_id=right,
                        fingerprint=self.fingerprint(kind, left, right), created_at=self.work.now(),
                        updated_at=self.work.now(),
                    )
                )  # fmt: skip
        self.session.flush()

    def follow_undo(self, kind: RecordKind, survivor_id: str, merged_id: str) -> None:
        """Two again: their pair counts as said to be two, until one of them says something else."""
        pair = self.of_pair(kind, survivor_id, merged_id)
        if pair is not None and pair.status == ProposalStatus.MERGED:
            pair.status = ProposalStatus.OPEN.value
            self.decide(pair, ProposalStatus.DISMISSED, "undone")

    def records(self, kind: RecordKind, ids: Sequence[str]) -> dict[str, Any]:
        """Whole records by id, merged and deleted ones too."""
        table, key = TABLES[kind], _key(kind)
        asked = select(table).where(table.organization_id == self.target(), key.in_(ids))
        return {str(getattr(found, key.key)): found for found in self.session.scalars(asked)}

    def _own(self, kind: RecordKind) -> ColumnElement[bool]:
        return and_(DuplicateProposal.organization_id == self.target(), DuplicateProposal.entity == kind.value)


def _key(kind: RecordKind) -> Any:
    return Contact.contact_id if kind is RecordKind.CONTACT else Company.company_id


def _present(kind: RecordKind) -> tuple[ColumnElement[bool], ...]:
    if kind is RecordKind.CONTACT:
        return (Contact.deleted_at.is_(None), Contact.merged_into_id.is_(None))
    return (Company.merged_into_id.is_(None),)
