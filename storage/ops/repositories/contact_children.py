"""What belongs to a contact and goes with it, when two contacts become one and when they are two again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, inspect, select, update
from sqlalchemy.orm import InstrumentedAttribute

from storage.ops import changes
from storage.ops.repositories.base import Repository
from storage.ops.repositories.consents import Suppressions
from storage.ops.tables import (
    Activity,
    Consent,
    Contact,
    Deal,
    FormSubmission,
    LifecycleChange,
    Notification,
    RevenueEntry,
    ServiceClock,
    Suppression,
    Task,
)

OWNERS: Mapping[str, InstrumentedAttribute[Any]] = {
    column.class_.__tablename__: column
    for column in (
        Activity.contact_id, Consent.contact_id, Deal.contact_id, FormSubmission.contact_id,
        LifecycleChange.contact_id, Notification.contact_id, RevenueEntry.contact_id, ServiceClock.contact_id,
        Suppression.contact_id, Task.contact_id,
        Contact.merged_into_id,
    )
}  # fmt: skip
"""The column that says whose a row is, by table. A record merged earlier follows too, so that every old id leads to the
survivor in one step."""
STAYING = frozenset({"scores", "contact_feature_snapshots", "erasures"})
"""Derived anew for whoever is left, or about the one record alone."""
BEGAN: Mapping[str, InstrumentedAttribute[Any]] = {
    column.class_.__tablename__: column
    for column in (
        Activity.known_at, Consent.occurred_at, Deal.created_at, FormSubmission.submitted_at, LifecycleChange.known_at,
        Notification.created_at, RevenueEntry.created_at, ServiceClock.created_at, Suppression.created_at,
        Task.created_at,
    )
}  # fmt: skip
"""When a row came to be, by table."""
ROWS = 500


class ContactChildren(Repository):
    def move_all(self, from_id: str, to_id: str) -> dict[str, list[str]]:
        """Everything of one contact becomes another's; answers {table: ids}."""
        moved = {}
        for name, column in OWNERS.items():
            table = column.class_
            key = inspect(table).primary_key[0]
            asked = select(key).where(table.organization_id == self.target(), column == from_id).order_by(key)
            ids: list[str] = list(self.session.scalars(asked))
            if ids:
                moved[name] = self._hand_over(column, ids, from_id, to_id)
        return moved

    def return_all(self, moved: Mapping[str, Sequence[str]], from_id: str, to_id: str) -> dict[str, list[str]]:
        """Rows that went with a merge go back; those that are gone, or somebody else's by now, are left as they are."""
        returned = {name: self._hand_over(OWNERS[name], ids, from_id, to_id) for name, ids in moved.items()}
        return {name: ids for name, ids in returned.items() if ids}

    def began_since(self, contact_id: str, at: Any) -> dict[str, int]:
        """How many rows of a contact came to be after a moment, by table."""
        counts = {}
        for name, began in BEGAN.items():
            asked = select(func.count()).where(
                began.class_.organization_id == self.target(), OWNERS[name] == contact_id, began > at
            )
            counts[name] = int(self.session.scalar(asked) or 0)
        return {name: count for name, count in counts.items() if count}

    def suppress_alike(self, one: Contact, other: Contact, source: str) -> list[str]:
        """Whoever is left alone at one address or telephone is left alone at the other's too; answers new rows' ids.

        A suppression is a hash: the hash of the other record's address stands beside it.
        """
        suppressions, made = Suppressions(self.work), []
        for kind, values in (("email", (one.email, other.email)), ("phone", (one.phone, other.phone))):
            told = [value for value in values if value]
            if len(set(told)) < 2:
                continue
            hashes = [suppressions.hashed(kind, value, self.target()) for value in told]
            held = self._holding(kind, hashes)
            for (_, campaign_id), found in held.items():
                for value, value_hash, contact in zip(told, hashes, (one, other), strict=True):
                    if (value_hash, campaign_id) not in held:
                        added = suppressions.add(
                            kind, value, reason=found.reason, source=source, contact_id=contact.contact_id,
                            campaign_id=campaign_id,
                        )  # fmt: skip
                        made.append(added.suppression_id)
        return made

    def _holding(self, kind: str, hashes: Sequence[str]) -> dict[tuple[str, str], Suppression]:
        asked = select(Suppression).where(
            Suppression.organization_id == self.target(),
            Suppression.kind == kind,
            Suppression.value_hash.in_(hashes),
            Suppression.lifted_at.is_(None),
        )
        return {(found.value_hash, found.campaign_id): found for found in self.session.scalars(asked)}

    def _hand_over(self, column: InstrumentedAttribute[Any], ids: Sequence[str], from_id: str, to_id: str) -> list[str]:
        table: Any = column.class_
        relation = table.__table__
        key = inspect(table).primary_key[0]
        values: dict[str, Any] = {column.key: to_id}
        if "updated_at" in relation.c:
            values["updated_at"] = self.work.now()
        connection, done = self.session.connection(), []
        for first in range(0, len(ids), ROWS):
            rows = connection.execute(
                update(relation)
                .where(
                    relation.c.organization_id == self.target(),
                    relation.c[key.name].in_(ids[first : first + ROWS]),
                    relation.c[column.key] == from_id,
                )
                .values(values)
                .returning(relation)
            ).mappings()
            written = [dict(row) for row in rows]
            done += [str(row[key.name]) for row in written]
            if table.__entity__ and written:
                changes.log_rows(connection, table, "update", written, self.work.now())
        return sorted(done)
