"""The values of two records that become one, written and taken back; and the rows that belong to one and go with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import func, inspect, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.survivorship import ATTRIBUTE, Choice, Side
from storage.ops import changes, contact_index
from storage.ops.repositories.base import Repository
from storage.ops.repositories.consents import Suppressions, holds
from storage.ops.tables import Company, Contact, Suppression

MOMENTS = frozenset({"known_at"})
SURVIVOR, MERGED = Side.SURVIVOR.value, Side.MERGED.value
ROWS = 500
Wanted = dict[str, dict[str, Any]]
"""{survivor|merged: {field: value}}."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did: rows that went back and rows that came after the merge and stay, by table, and fields that
    somebody has changed since, which stay too."""

    returned: Mapping[str, int]
    stayed: Mapping[str, int]
    kept_fields: Sequence[str]

    def as_report(self) -> dict[str, Any]:
        return {"returned": dict(self.returned), "stayed": dict(self.stayed), "kept_fields": list(self.kept_fields)}


@dataclass(frozen=True, slots=True)
class MergedValues:
    """`keys` are unique in an organization, `texts` are empty where nothing is known; `follow` is called for a record
    whose key has changed."""

    session: Session
    keys: Collection[str]
    texts: Collection[str]
    follow: Callable[[Any, str], None] = lambda _record, _key: None

    def change(
        self, survivor: Any, merged: Any, choices: Sequence[Choice], more: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Writes the chosen values, and `more` of the survivor's; answers {side: {field: {was, became}}}.

        A key that becomes the survivor's gives its place to the one it had: the two keep both between them.
        """
        wanted: Wanted = {SURVIVOR: dict(more or {}), MERGED: {}}
        for choice in choices:
            if choice.is_differing and choice.kept is Side.MERGED:
                wanted[SURVIVOR][choice.field] = choice.merged_value
                if choice.field in self.keys:
                    wanted[MERGED][choice.field] = choice.survivor_value
        records = {SURVIVOR: survivor, MERGED: merged}
        changed = {
            side: {
                name: {"was": _plain(_get(records[side], name)), "became": _plain(value)}
                for name, value in values.items()
            }
            for side, values in wanted.items()
        }
        self._write(records, wanted)
        return changed

    def restore(self, survivor: Any, merged: Any, changed: Mapping[str, Any]) -> list[str]:
        """Gives both their former values; answers the fields that somebody has changed since, which stay."""
        kept: set[str] = set()
        wanted: dict[str, dict[str, Any]] = {}
        records = {SURVIVOR: survivor, MERGED: merged}
        for side, record in records.items():
            wanted[side] = {}
            for name, one in changed.get(side, {}).items():
                if _plain(_get(record, name)) == one["became"]:
                    wanted[side][name] = _read(name, one["was"])
                else:
                    kept.add(name)
        self._write(records, wanted)
        return sorted(kept)

    def _write(self, records: Mapping[str, Any], wanted: Wanted) -> None:
        """Keys are unique, so both are emptied before either is set."""
        for side, values in wanted.items():
            for name in self.keys:
                if name in values:
                    setattr(records[side], name, None)
        self.session.flush()
        for side, values in wanted.items():
            self._set(records[side], values)
            for name in self.keys:
                if name in values:
                    self.follow(records[side], name)
        self.session.flush()

    def _set(self, record: Any, values: Mapping[str, Any]) -> None:
        attributes = dict(record.attributes or {})
        for name, value in values.items():
            if not name.startswith(ATTRIBUTE):
                setattr(record, name, "" if value is None and name in self.texts else value)
            elif value is None:
                attributes.pop(name.removeprefix(ATTRIBUTE), None)
            else:
                attributes[name.removeprefix(ATTRIBUTE)] = value
        if attributes != (record.attributes or {}):
            record.attributes = attributes


class Children(Repository):
    """What belongs to a record and goes with it. `OWNERS`: the column that says whose a row is, by table; `BEGAN`: when
    a row came to be."""

    OWNERS: ClassVar[Mapping[str, InstrumentedAttribute[Any]]] = {}
    BEGAN: ClassVar[Mapping[str, InstrumentedAttribute[Any]]] = {}

    def move_all(self, from_id: str, to_id: str) -> dict[str, list[str]]:
        """Everything of one record becomes another's; answers {table: ids}."""
        moved = {}
        for name, column in self.OWNERS.items():
            table = column.class_
            key = inspect(table).primary_key[0]
            asked = select(key).where(table.organization_id == self.target(), column == from_id).order_by(key)
            ids: list[str] = list(self.session.scalars(asked))
            if ids:
                moved[name] = self._hand_over(column, ids, from_id, to_id)
        return moved

    def return_all(self, moved: Mapping[str, Sequence[str]], from_id: str, to_id: str) -> dict[str, list[str]]:
        """Rows that went with a merge go back; those that are gone, or somebody else's by now, are left as they are."""
        returned = {name: self._hand_over(self.OWNERS[name], ids, from_id, to_id) for name, ids in moved.items()}
        return {name: ids for name, ids in returned.items() if ids}

    def suppress_both(
        self, reached_by: Mapping[str, Sequence[tuple[str | None, str | None]]], source: str
    ) -> list[str]:
        """Whoever is left alone by what one of the two is reached by is left alone by the other's too; answers new rows' ids.

        `reached_by`: (value, contact id) of each of the two, by kind of suppression. A suppression is a hash: the hash of
        the other record's value stands beside it.
        """
        suppressions, made = Suppressions(self.work), []
        for kind, pairs in reached_by.items():
            told = [(value, contact_id) for value, contact_id in pairs if value]
            hashes = [suppressions.hashed(kind, value, self.target()) for value, _ in told]
            held = self._held_by(kind, hashes)
            for (_, campaign_id), found in held.items():
                for (value, contact_id), value_hash in zip(told, hashes, strict=True):
                    if (value_hash, campaign_id) not in held:
                        added = suppressions.add(
                            kind, value, reason=found.reason, source=source, contact_id=contact_id,
                            campaign_id=campaign_id, until=found.lifted_at,
                        )  # fmt: skip
                        made.append(added.suppression_id)
        return made

    def _held_by(self, kind: str, hashes: Sequence[str]) -> dict[tuple[str, str], Suppression]:
        asked = select(Suppression).where(
            Suppression.organization_id == self.target(),
            Suppression.kind == kind,
            Suppression.value_hash.in_(hashes),
            holds(self.work.now()),
        )
        return {(found.value_hash, found.campaign_id): found for found in self.session.scalars(asked)}

    def began_since(self, record_id: str, at: Any) -> dict[str, int]:
        """How many rows of a record came to be after a moment, by table."""
        counts = {}
        for name, began in self.BEGAN.items():
            asked = select(func.count()).where(
                began.class_.organization_id == self.target(), self.OWNERS[name] == record_id, began > at
            )
            counts[name] = int(self.session.scalar(asked) or 0)
        return {name: count for name, count in counts.items() if count}

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
            if table is Contact:
                contact_index.write(connection, written)
        return sorted(done)


def by_table(*columns: InstrumentedAttribute[Any]) -> dict[str, InstrumentedAttribute[Any]]:
    """Columns by the name of their table."""
    return {column.class_.__tablename__: column for column in columns}


def _get(record: Contact | Company, name: str) -> Any:
    if name.startswith(ATTRIBUTE):
        return (record.attributes or {}).get(name.removeprefix(ATTRIBUTE))
    return getattr(record, name)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return None if value == "" else value


def _read(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in MOMENTS and value else value
