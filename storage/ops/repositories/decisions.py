"""The decision ledger: automated acts and their reasons, written when a decision or its reason changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Subquery, delete, exists, func, select
from sqlalchemy.orm import aliased

from domain.decisions import DecisionKind
from storage.ops.repositories.base import Repository
from storage.ops.tables import ChangeLog, DecisionLedger


class Decisions(Repository):
    def record(
        self,
        kind: DecisionKind,
        subject_kind: str,
        subject_id: str,
        outcome: str,
        reason: str,
        detail: Mapping[str, Any] | None = None,
        rule_version: str = "",
        *,
        is_act: bool = False,
        decided_at: datetime | None = None,
        organization_id: str | None = None,
    ) -> DecisionLedger | None:
        """Writes the decision unless it is the last one of this kind about this subject again; answers the new row.

        `is_act`: something was done, and is written down however often it is done.
        """
        target = self.target(organization_id)
        last = None if is_act else self.last(kind, subject_kind, subject_id, target)
        if last is not None and (last.outcome, last.reason) == (outcome, reason):
            return None
        made = DecisionLedger(
            organization_id=target,
            kind=kind.value,
            subject_kind=subject_kind,
            subject_id=subject_id,
            outcome=outcome,
            reason=reason,
            detail=dict(detail or {}),
            rule_version=rule_version,
            actor_kind=self.work.actor.kind,
            actor_id=self.work.actor.id,
            decided_at=decided_at or self.work.now(),
        )
        self.session.add(made)
        self.session.flush()
        return made

    def record_many(self, rows: Iterable[Mapping[str, Any]]) -> int:
        """Acts in bulk, as mappings of column to value, all decided now; answers how many. ≤ 500 in a transaction."""
        said = {"actor_kind": self.work.actor.kind, "actor_id": self.work.actor.id, "decided_at": self.work.now()}
        return len(self.insert_rows(DecisionLedger, [{**said, **row} for row in rows]))

    def record_each(
        self,
        kind: DecisionKind,
        subject_kind: str,
        lines: Sequence[Mapping[str, Any]],
        *,
        organization_id: str | None = None,
    ) -> int:
        """Many decisions at once: each row has `subject_id`, `outcome`, `reason`, `detail`, `rule_version`. Those that say
        what the last one of this kind about the subject said are left out; answers how many were written."""
        target, now = self.target(organization_id), self.work.now()
        newest = _newest(kind, subject_kind, {str(row["subject_id"]) for row in lines}, target)
        said = self.session.execute(
            select(newest.c.subject_id, newest.c.outcome, newest.c.reason).where(newest.c.newest_first == 1)
        )
        last = {row[0]: (row[1], row[2]) for row in said}
        fresh = [
            {
                **row,
                "kind": kind.value,
                "subject_kind": subject_kind,
                "organization_id": target,
                "actor_kind": self.work.actor.kind,
                "actor_id": self.work.actor.id,
                "decided_at": now,
            }
            for row in lines
            if last.get(str(row["subject_id"])) != (row["outcome"], row["reason"])
        ]
        self.insert_rows(DecisionLedger, fresh)
        return len(fresh)

    def last(
        self, kind: DecisionKind, subject_kind: str, subject_id: str, organization_id: str | None = None
    ) -> DecisionLedger | None:
        """The newest decision of this kind about this subject."""
        return self.session.scalars(
            select(DecisionLedger)
            .where(
                DecisionLedger.organization_id == self.target(organization_id),
                DecisionLedger.subject_kind == subject_kind,
                DecisionLedger.subject_id == subject_id,
                DecisionLedger.kind == kind.value,
            )
            .order_by(DecisionLedger.decided_at.desc(), DecisionLedger.decision_id.desc())
            .limit(1)
        ).first()

    def newest_about(
        self, kind: DecisionKind, subject_kind: str, subject_ids: Collection[str], organization_id: str | None = None
    ) -> dict[str, DecisionLedger]:
        """The newest decision of this kind about each of many subjects."""
        ranked = _newest(kind, subject_kind, subject_ids, self.target(organization_id))
        newest = select(ranked.c.decision_id).where(ranked.c.newest_first == 1)
        found = self.session.scalars(select(DecisionLedger).where(DecisionLedger.decision_id.in_(newest)))
        return {one.subject_id: one for one in found}

    def about(self, subject_kind: str, subject_id: str, *, limit: int = 100) -> list[DecisionLedger]:
        """Everything decided about a subject, newest first."""
        return list(
            self.session.scalars(
                select(DecisionLedger)
                .where(
                    DecisionLedger.subject_kind == subject_kind,
                    DecisionLedger.subject_id == subject_id,
                    self.readable(DecisionLedger.organization_id),
                )
                .order_by(DecisionLedger.decided_at.desc(), DecisionLedger.decision_id.desc())
                .limit(limit)
            )
        )

    def trim(self, decided_before: datetime, limit: int) -> int:
        """Deletes old rows that have landed in the lake (SystemScope); answers how many. The newest decision of each
        kind about a subject stays: whether the next one is a change is judged by it."""
        self.require_system()
        newer = aliased(DecisionLedger)
        superseded = exists().where(
            newer.organization_id == DecisionLedger.organization_id,
            newer.subject_kind == DecisionLedger.subject_kind,
            newer.subject_id == DecisionLedger.subject_id,
            newer.kind == DecisionLedger.kind,
            newer.decided_at > DecisionLedger.decided_at,
        )
        waiting = select(ChangeLog.entity_id).where(ChangeLog.entity == DecisionLedger.__entity__)
        old = self.session.scalars(
            select(DecisionLedger.decision_id)
            .where(DecisionLedger.decided_at < decided_before, superseded, DecisionLedger.decision_id.not_in(waiting))
            .order_by(DecisionLedger.decided_at)
            .limit(limit)
        ).all()
        self.session.execute(delete(DecisionLedger).where(DecisionLedger.decision_id.in_(old)))
        return len(old)


def _newest(kind: DecisionKind, subject_kind: str, subject_ids: Collection[str], organization_id: str) -> Subquery:
    """Decisions of a kind about subjects, numbered for each of them: `newest_first` is 1 for the newest."""
    return (
        select(
            DecisionLedger.decision_id,
            DecisionLedger.subject_id,
            DecisionLedger.outcome,
            DecisionLedger.reason,
            func.row_number()
            .over(
                partition_by=DecisionLedger.subject_id,
                order_by=(DecisionLedger.decided_at.desc(), DecisionLedger.decision_id.desc()),
            )
            .label("newest_first"),
        )
        .where(
            DecisionLedger.organization_id == organization_id,
            DecisionLedger.subject_kind == subject_kind,
            DecisionLedger.subject_id.in_(sorted(subject_ids)),
            DecisionLedger.kind == kind.value,
        )
        .subquery()
    )
