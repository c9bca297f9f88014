"""Scores of contacts, and the features they were made of, as the lake's models last wrote them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from storage.ops import changes
from storage.ops.insertion import upsertion
from storage.ops.repositories.base import Repository
from storage.ops.tables import Base, Contact, ContactFeatureSnapshot, FormSubmission, Score

COMPARED_COLUMNS = ("score", "band", "fit_score", "engagement_score", "grade", "model_version")
"""What a score says, without its probability and reasons, which go with it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a contact's current score says, in the order of COMPARED_COLUMNS."""

    said: tuple[Any, ...]
    probability: float | None
    is_provisional: bool
    scored_at: datetime


class Scores(Repository):
    """A contact has one current score; its history is in the change log, and so in the lake."""

    def find(self, contact_id: str) -> Score | None:
        return self.by_id(Score, contact_id)

    def of(self, contact_ids: Sequence[str]) -> dict[str, Score]:
        """The current scores of these contacts, by contact id."""
        query = select(Score).where(Score.contact_id.in_(contact_ids), self.readable(Score.organization_id))
        return {found.contact_id: found for found in self.session.scalars(query)}

    def standing(self, contact_ids: Sequence[str]) -> dict[str, Standing]:
        """What the current scores of these contacts say, by contact id: plain columns, for comparing many."""
        columns = [getattr(Score, name) for name in COMPARED_COLUMNS]
        query = select(Score.contact_id, Score.probability, Score.is_provisional, Score.scored_at, *columns).where(
            Score.contact_id.in_(contact_ids), self.readable(Score.organization_id)
        )
        return {row[0]: Standing(tuple(row[4:]), row[1], row[2], row[3]) for row in self.session.execute(query)}

    def best(self, limit: int) -> list[tuple[Score, Contact]]:
        """The highest scores with their contacts."""
        found = self.session.execute(
            select(Score, Contact)
            .join(Contact, Contact.contact_id == Score.contact_id)
            .where(self.readable(Score.organization_id), Contact.deleted_at.is_(None))
            .order_by(Score.score.desc(), Score.contact_id)
            .limit(limit)
        )
        return [(score, contact) for score, contact in found]

    def scorable(self, contact_ids: Sequence[str]) -> set[str]:
        """Which of these contacts are (still) there."""
        query = select(Contact.contact_id).where(
            Contact.contact_id.in_(contact_ids), Contact.deleted_at.is_(None), self.readable(Contact.organization_id)
        )
        return set(self.session.scalars(query))

    def put(self, rows: Sequence[Mapping[str, Any]], *, known: Sequence[str]) -> int:
        """Writes whole rows over what is there; `known` are the contacts that had a score. ≤ 500 in a transaction."""
        complete = [{**row, "organization_id": self.target(row.get("organization_id"))} for row in rows]
        had_one = set(known)
        self._upsert(Score, complete)
        for op, is_old in (("insert", False), ("update", True)):
            written = [row for row in complete if (row["contact_id"] in had_one) is is_old]
            changes.log_rows(self.session.connection(), Score, op, written, self.work.now())
        return len(complete)

    def snapshot(self, contact_id: str) -> ContactFeatureSnapshot | None:
        """The features of the last build that had this contact."""
        return self.by_id(ContactFeatureSnapshot, contact_id)

    def snapshots(self, contact_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The features kept for these contacts, by contact id."""
        query = select(ContactFeatureSnapshot.contact_id, ContactFeatureSnapshot.features).where(
            ContactFeatureSnapshot.contact_id.in_(contact_ids), self.readable(ContactFeatureSnapshot.organization_id)
        )
        return {str(row.contact_id): row.features for row in self.session.execute(query)}

    def put_snapshots(self, rows: Sequence[Mapping[str, Any]]) -> int:
        """Writes features over what is there; they are derived, so no change is logged. ≤ 500 in a transaction."""
        complete = [{**row, "organization_id": self.target(row.get("organization_id"))} for row in rows]
        self._upsert(ContactFeatureSnapshot, complete)
        return len(complete)

    def submitted_since(self, contact_id: str, since: datetime) -> list[datetime]:
        """When this contact sent forms that were accepted, after a moment."""
        query = select(FormSubmission.submitted_at).where(
            FormSubmission.contact_id == contact_id,
            FormSubmission.submitted_at > since,
            FormSubmission.status == "accepted",
            self.readable(FormSubmission.organization_id),
        )
        return list(self.session.scalars(query.order_by(FormSubmission.submitted_at)))

    def _upsert(self, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        statement = upsertion(table, self.session.get_bind().dialect)
        replaced = {name: statement.excluded[name] for name in rows[0] if name not in {"contact_id", "organization_id"}}
        # Another organization's row under this id is left alone, whatever the caller believes.
        own = table.organization_id == statement.excluded.organization_id  # type: ignore[attr-defined]
        self.session.execute(
            statement.on_conflict_do_update(index_elements=["contact_id"], set_=replaced, where=own), list(rows)
        )
