"""Statements for many rows whose parameters are made ready before the write lock is taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Dialect, bindparam, insert, inspect, update
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import Insert, Update

from storage.ops.store import Work
from storage.ops.tables import Base, ChangeLog


class Statement:
    """An INSERT or UPDATE of one table as the driver takes it: its text, and how a row becomes parameters.

    What SQLAlchemy would do for each row at execution (moments to text, JSON) is done in `parameters`, outside the lock.
    """

    def __init__(self, statement: Insert | Update, dialect: Dialect, names: list[str] | None = None) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=names)
        assert isinstance(compiled, SQLCompiler)
        self.sql = str(compiled)
        self._is_positional = bool(compiled.positional)
        order = list(compiled.positiontup or ()) or list(compiled.binds)
        processors: dict[str, Any] = dict(compiled._bind_processors)  # noqa: SLF001  the very ones of execution
        self._names = order
        self._values = itemgetter(*(name.removeprefix("new_") for name in order))
        self._processed = [
            (position, process) for position, name in enumerate(order) if (process := processors.get(name)) is not None
        ]

    def parameters(self, rows: Iterable[Mapping[str, Any]]) -> list[Any]:
        """Parameters for the driver, one set a row."""
        moments: dict[datetime, Any] = {}
        ready: list[Any] = []
        for row in rows:
            values = list(self._values(row))
            for position, process in self._processed:
                value = values[position]
                if type(value) is datetime:
                    if value not in moments:
                        moments[value] = process(value)
                    values[position] = moments[value]
                elif value is not None:
                    values[position] = process(value)
            ready.append(tuple(values) if self._is_positional else dict(zip(self._names, values, strict=True)))
        return ready


@cache
def insertion_into(table: type[Base], dialect: Dialect) -> Statement:
    """INSERT of whole rows, compiled once a process and dialect."""
    left_out = {"seq", "transaction_id"} if table is ChangeLog else set()
    names = [column.name for column in table.__table__.columns if column.name not in left_out]
    return Statement(insert(inspect(table).local_table), dialect, names)  # type: ignore[arg-type]


@cache
def update_of(table: type[Base], dialect: Dialect) -> Statement:
    """UPDATE of whole rows by their key, compiled once a process and dialect."""
    mapped = inspect(table).local_table
    key = inspect(table).primary_key[0]
    names = [column.name for column in mapped.columns if column.name not in {key.name, "organization_id", "created_at"}]
    values = {name: bindparam(f"new_{name}", type_=mapped.c[name].type) for name in names}
    return Statement(update(mapped).where(mapped.c[key.name] == bindparam(f"new_{key.name}")).values(values), dialect)  # type: ignore[arg-type]


def run_ready(work: Work, statement: Statement, parameters: list[Any]) -> None:
    """Runs it in this transaction."""
    if parameters:
        work.session.connection().exec_driver_sql(statement.sql, parameters)
