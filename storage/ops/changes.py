"""The change log: what every unit of work changed, written in the same transaction, for the lake to follow."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, event, insert, inspect
from sqlalchemy.orm import Session, UOWTransaction, sessionmaker

from domain.clock import utc_now
from storage.ops.tables import Base, ChangeLog


def record(sessions: sessionmaker[Session]) -> None:
    """Makes every flush of these sessions write the change-log rows of the objects it touched."""

    @event.listens_for(sessions, "after_flush")
    def _after_flush(session: Session, _context: UOWTransaction) -> None:
        touched = [("insert", found) for found in session.new]
        touched += [("update", found) for found in session.dirty if session.is_modified(found)]
        touched += [("delete", found) for found in session.deleted]
        rows = [_entry(op, found) for op, found in touched if getattr(found, "__entity__", None)]
        if rows:
            session.connection().execute(insert(ChangeLog), rows)


def log_rows(connection: Connection, table: type[Base], op: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """For bulk statements, which no flush sees: writes the change-log rows of mappings of column to value."""
    key = inspect(table).primary_key[0].name
    entries = [_values(table, op, row, str(row[key])) for row in rows]
    if entries:
        connection.execute(insert(ChangeLog), entries)


def _entry(op: str, found: Any) -> dict[str, Any]:
    mapper = inspect(type(found))
    row = {column.key: getattr(found, column.key) for column in mapper.column_attrs}
    identity = ":".join(str(getattr(found, column.name)) for column in mapper.primary_key)
    return _values(type(found), op, row, identity)


def _values(table: type[Base], op: str, row: Mapping[str, Any], identity: str) -> dict[str, Any]:
    return {
        "organization_id": row.get("organization_id") or "",
        "entity": table.__entity__,
        "entity_id": identity,
        "op": op,
        "row": json.dumps({name: value for name, value in row.items() if not isinstance(value, bytes)}, default=_plain),
        "changed_at": utc_now(),
    }


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} cannot go into the change log")
