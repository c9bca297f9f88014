"""The change log: what every unit of work changed, written in the same transaction, for the lake to follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, LargeBinary, event, insert, inspect
from sqlalchemy.orm import Session, UOWTransaction, sessionmaker

from domain.clock import utc_now
from storage.ops import insertion
from storage.ops.tables import Base, ChangeLog

_encode = msgspec.json.Encoder().encode  # moments become RFC 3339 with Z


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


def log_rows(
    connection: Connection, table: type[Base], op: str, rows: Iterable[Mapping[str, Any]], at: datetime | None = None
) -> None:
    """For bulk statements, which no flush sees: writes the change-log rows of mappings of column to value."""
    found = entries(table, op, rows, at or utc_now())
    insertion.insert_rows(connection, ChangeLog.__table__, found)  # type: ignore[arg-type]


def entries(table: type[Base], op: str, rows: Iterable[Mapping[str, Any]], at: datetime) -> list[dict[str, Any]]:
    """The change-log rows of mappings of column to value, for those who insert them themselves."""
    keys = [column.name for column in inspect(table).primary_key]
    if len(keys) == 1:
        return [_values(table, op, row, str(row[keys[0]]), at) for row in rows]
    return [_values(table, op, row, ":".join([str(row[key]) for key in keys]), at) for row in rows]


def _entry(op: str, found: Any) -> dict[str, Any]:
    mapper = inspect(type(found))
    row = {column.key: getattr(found, column.key) for column in mapper.column_attrs}
    identity = ":".join(str(getattr(found, column.name)) for column in mapper.primary_key)
    return _values(type(found), op, row, identity, utc_now())


def _values(table: type[Base], op: str, row: Mapping[str, Any], identity: str, at: datetime) -> dict[str, Any]:
    return {
        "organization_id": row.get("organization_id") or "",
        "entity": table.__entity__,
        "entity_id": identity,
        "op": op,
        "row": _encode(_without_bytes(table, row)).decode(),
        "changed_at": at,
    }


def _without_bytes(table: type[Base], row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keys and sealed values stay in the store."""
    secret = _binary_columns(table)
    return {name: value for name, value in row.items() if name not in secret} if secret else row


@cache
def _binary_columns(table: type[Base]) -> frozenset[str]:
    return frozenset(column.key for column in table.__table__.columns if isinstance(column.type, LargeBinary))
