"""Many ids as one parameter of a statement: however many they are, it is compiled once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Dialect, SQLColumnExpression, Text, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY


def among(
    column: SQLColumnExpression[str], dialect: Dialect, values: Collection[str] | None = None
) -> ColumnElement[bool]:
    """Whether a text column is one of `values`, or, without them, of what the parameter `keys` holds (see `keys_of`)."""
    given: dict[str, Any] = {} if values is None else {"value": _packed(values, dialect), "unique": True}
    if dialect.name == "postgresql":
        return column == any_(bindparam("keys", type_=ARRAY(Text), **given))
    each = func.json_each(bindparam("keys", type_=Text, **given)).table_valued("value")
    return column.in_(select(each.c.value))


def keys_of(keys: Iterable[str], dialect: Dialect) -> dict[str, Any]:
    """The parameter of `among`."""
    return {"keys": _packed(sorted(keys), dialect)}


def _packed(values: Collection[str], dialect: Dialect) -> list[str] | str:
    return list(values) if dialect.name == "postgresql" else msgspec.json.encode(list(values)).decode()
