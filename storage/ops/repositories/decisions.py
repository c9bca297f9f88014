"""The decision ledger: automated acts and their reasons, written when a decision or its reason changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.decisions import DecisionKind
from storage.ops.repositories.base import Repository
from storage.ops.tables import DecisionLedger


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
        decided_at: datetime | None = None,
        organization_id: str | None = None,
    ) -> DecisionLedger | None:
        """Writes the decision unless it is the last one of this kind about this subject again; answers the new row."""
        target = self.target(organization_id)
        last = self.last(kind, subject_kind, subject_id, target)
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
