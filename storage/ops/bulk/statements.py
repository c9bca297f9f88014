"""Statements for many rows whose parameters are made ready before the write lock is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    Dialect,
    Result,
    Text,
    bindparam,
    delete,
    insert,
    inspect,
    update,
)
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import Delete, Insert, Update

from storage.ops import contact_index
from storage.ops.store import Work
from storage.ops.tables import Base, ChangeLog, ContactValue

_encode = msgspec.json.Encoder().encode


class Statement:
    """An INSERT or UPDATE of one table as the driver takes it: its text, and how a row becomes parameters.

    What SQLAlchemy would do for each row at execution (moments to text, JSON) is done in `parameters`, outside the lock.
    """

    def __init__(self, statement: Insert | Update | Delete, dialect: Dialect, columns: list[str] | None = None) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        assert isinstance(compiled, SQLCompiler)
        self.sql = str(compiled)
        self._is_positional = bool(compiled.positional)
        order = list(compiled.positiontup or ()) or list(compiled.binds)
        processors: dict[str, Any] = dict(compiled._bind_processors)  # noqa: SLF001  the very ones of execution
        if dialect.name == "sqlite":
            processors |= {name: _json for name, bind in compiled.binds.items() if isinstance(bind.type, JSON)}
        self._names = order
        names = [name.removeprefix("new_") for name in order]
        self._values: Callable[[Any], tuple[Any, ...]] = (
            itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
        )
        self._processed = [
            (position, process) for position, name in enumerate(order) if (process := processors.get(name)) is not None
        ]

    def parameters(self, rows: Iterable[Mapping[str, Any]]) -> list[Any]:
        """Parameters for the driver, one set a row."""
        columns: list[Any] = list(zip(*map(self._values, rows), strict=True))
        if not columns:
            return []
        for position, process in self._processed:
            columns[position] = _converted(columns[position], process)
        ready = zip(*columns, strict=True)
        return list(ready) if self._is_positional else [dict(zip(self._names, row, strict=True)) for row in ready]


def _converted(values: Iterable[Any], process: Callable[[Any], Any]) -> list[Any]:
    """The values of a column as the driver takes them; its moments are the same few over and over."""
    known: dict[datetime, Any] = {}
    converted: list[Any] = []
    last = last_converted = None
    for value in values:
        if value is not last:
            last = value
            if type(value) is not datetime:
                last_converted = None if value is None else process(value)
            elif value in known:
                last_converted = known[value]
            else:
                last_converted = known[value] = process(value)
        converted.append(last_converted)
    return converted


def _json(value: Any) -> str:
    """What `json.dumps` would write for SQLite, at a quarter of its cost."""
    return _encode(value).decode()


@cache
def insertion_into(table: type[Base], dialect: Dialect) -> Statement:
    """INSERT of whole rows, compiled once a process and dialect."""
    left_out = {"seq", "transaction_id"} if table is ChangeLog else set()
    names = [column.name for column in table.__table__.columns if column.name not in left_out]
    return Statement(insert(inspect(table).local_table), dialect, names)  # type: ignore[arg-type]


@cache
def update_of(table: type[Base], dialect: Dialect, columns: frozenset[str] | None = None) -> Statement:
    """UPDATE of rows by their key, compiled once for a process, dialect and set of columns; without `columns`, of whole
    rows. An index is written anew for each of its columns that is named, changed or not."""
    mapped = inspect(table).local_table
    key = inspect(table).primary_key[0]
    fixed = {key.name, "organization_id", "created_at"}
    names = [one.name for one in mapped.columns if one.name not in fixed and (columns is None or one.name in columns)]
    values = {name: bindparam(f"new_{name}", type_=mapped.c[name].type) for name in names}
    return Statement(update(mapped).where(mapped.c[key.name] == bindparam(f"new_{key.name}")).values(values), dialect)  # type: ignore[arg-type]


@cache
def indexing(dialect: Dialect) -> Statement:
    """Words of contacts (`contact_index.words`), compiled once a process and dialect."""
    return Statement(contact_index.insertion(dialect), dialect, list(contact_index.WORDS_COLUMNS))


@cache
def emptying(dialect: Dialect) -> Statement:
    """DELETE of the values of contacts, one a parameter set."""
    table = ContactValue.__table__
    return Statement(delete(table).where(table.c.contact_id == bindparam("contact_id", type_=Text)), dialect)  # type: ignore[arg-type]


def rows_of(result: Result[Any]) -> list[dict[str, Any]]:
    """Every row by its column names."""
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result]


def run_ready(work: Work, statement: Statement, parameters: list[Any]) -> None:
    """Runs it in this transaction."""
    if parameters:
        work.session.connection().exec_driver_sql(statement.sql, parameters)
