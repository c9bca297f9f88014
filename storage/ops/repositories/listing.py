"""Conditions and orders of `domain.filters` as SQL, and paging by key over any of them.

Orders put rows without a value last in both directions, on both dialects, and end in the table's key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, func, literal, or_, select, tuple_
from sqlalchemy.types import TypeEngine

from domain.errors import InvalidInput
from domain.filters import Condition, FieldType, Op, Sort, read_value
from domain.paging import decode_cursor, encode_cursor
from storage.ops.store import Work

COUNTED_UP_TO = 10_000
"""Totals are exact up to here; above it a list says "10,000+"."""


@dataclass(frozen=True, slots=True)
class ListField:
    """A field that a list knows: what it holds, where it is, and whether the list may be sorted by it."""

    type: FieldType
    column: SQLColumnExpression[Any]
    is_sortable: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in order, the cursor of the next page (None at the end), and the total where it was asked for."""

    rows: list[Any]
    next_cursor: str | None
    total: int | None
    """Exact up to 10,000; 10,001 means more than that."""


def types_of(fields: Mapping[str, ListField]) -> dict[str, FieldType]:
    return {name: field.type for name, field in fields.items()}


def sortable(fields: Mapping[str, ListField]) -> list[str]:
    return [name for name, field in fields.items() if field.is_sortable]


def clause(condition: Condition, field: ListField) -> ColumnElement[bool]:
    """A condition as SQL. `ne` and `not_in` hold for rows without a value, as people expect."""
    if condition.op in {Op.EMPTY, Op.FILLED}:
        empty = _is_empty(field)
        return empty if condition.op is Op.EMPTY else ~empty
    return _COMPARED[condition.op](field.column, condition.values)


_COMPARED: Mapping[Op, Callable[[SQLColumnExpression[Any], tuple[Any, ...]], ColumnElement[bool]]] = {
    Op.EQ: lambda column, values: column == values[0],
    Op.NE: lambda column, values: or_(column != values[0], column.is_(None)),
    Op.IN: lambda column, values: column.in_(values),
    Op.NOT_IN: lambda column, values: or_(column.not_in(values), column.is_(None)),
    Op.CONTAINS: lambda column, values: column.icontains(values[0], autoescape=True),
    Op.STARTS: lambda column, values: column.istartswith(values[0], autoescape=True),
    Op.GT: lambda column, values: column > values[0],
    Op.GTE: lambda column, values: column >= values[0],
    Op.LT: lambda column, values: column < values[0],
    Op.LTE: lambda column, values: column <= values[0],
}


def page(
    work: Work,
    asked: Select[*tuple[Any, ...]],
    *,
    fields: Mapping[str, ListField],
    key: SQLColumnExpression[str],
    sort: Sort,
    limit: int,
    cursor: str | None,
    with_total: bool,
) -> Page:
    """One page of `asked`, whose first column is the entity and which carries its filters already.

    Raises InvalidInput for a cursor of another order.
    """
    column = fields[sort.field].column
    value, last_key = _read_cursor(cursor, sort, fields[sort.field].type) if cursor else (None, None)
    found: list[Any] = []
    for is_filled in _stretches(column, begins_empty=last_key is not None and value is None):
        walked = _walked(asked, column, key, sort, is_filled=is_filled)
        if last_key is not None:
            walked = walked.where(_after(column, key, sort, value, last_key))
        found += work.session.execute(walked.limit(limit + 1 - len(found))).all()
        last_key = None
        if len(found) > limit:
            break
    more = len(found) > limit
    found = found[:limit]
    following = encode_cursor(sort.text, [_written(found[-1][-2]), found[-1][-1]]) if more else None
    total = count(work, asked, key) if with_total and not cursor else None
    wide = len(found[0]) > 3 if found else False
    return Page([tuple(row[:-2]) if wide else row[0] for row in found], following, total)


def _stretches(column: SQLColumnExpression[Any], *, begins_empty: bool) -> list[bool]:
    """Rows with a value, then those without: each in an order that an index gives on both dialects, which one query with
    NULLS LAST has not."""
    if begins_empty:
        return [False]
    return [True, False] if _may_be_empty(column) else [True]


def _may_be_empty(column: SQLColumnExpression[Any]) -> bool:
    return bool(getattr(column, "nullable", True))


def _walked(
    asked: Select[*tuple[Any, ...]],
    column: SQLColumnExpression[Any],
    key: SQLColumnExpression[str],
    sort: Sort,
    *,
    is_filled: bool,
) -> Select[*tuple[Any, ...]]:
    """Rows with a value in their order, or rows without one in the order of their key."""
    walked = asked.add_columns(column.label("_sorted_by"), key.label("_key"))
    by_key = key.desc() if sort.descending else key.asc()
    if not is_filled:
        return walked.where(column.is_(None)).order_by(by_key)
    if _may_be_empty(column):
        walked = walked.where(column.is_not(None))
    return walked.order_by(column.desc() if sort.descending else column.asc(), by_key)


def count(work: Work, asked: Select[*tuple[Any, ...]], key: SQLColumnExpression[str]) -> int:
    """How many rows there are, up to 10,001."""
    some = asked.with_only_columns(key).order_by(None).limit(COUNTED_UP_TO + 1).subquery()
    return work.session.scalar(select(func.count()).select_from(some)) or 0


def owned(work: Work, column: SQLColumnExpression[str], organization_id: str) -> ColumnElement[bool]:
    """Whether a row is an organization's, beside ids by which it is looked up. SQLite has no statistics, and would rather
    read all of an organization than look ten ids up, so its index over organizations is hidden."""
    return (column.concat("") if work.store.dialect == "sqlite" else column) == organization_id


def _is_empty(field: ListField) -> ColumnElement[bool]:
    if field.type is FieldType.TEXT:
        return or_(field.column.is_(None), field.column == "")
    return field.column.is_(None)


def _after(
    column: SQLColumnExpression[Any], key: SQLColumnExpression[str], sort: Sort, value: Any, last_key: str
) -> ColumnElement[bool]:
    if value is None:
        return key < last_key if sort.descending else key > last_key
    here, told = tuple_(column, key), tuple_(literal(value, _type_of(column)), literal(last_key))
    return here < told if sort.descending else here > told


def _type_of(column: SQLColumnExpression[Any]) -> TypeEngine[Any]:
    """Of a mapped attribute or an expression."""
    found: TypeEngine[Any] = column.__clause_element__().type if hasattr(column, "__clause_element__") else column.type  # type: ignore[attr-defined]
    return found


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _read_cursor(cursor: str, sort: Sort, kind: FieldType) -> tuple[Any, str]:
    value, key = decode_cursor(cursor, sort.text, 2)
    fits = value is None or isinstance(value, str) == (kind in _WRITTEN_AS_TEXT)
    if not fits or not isinstance(key, str):
        raise InvalidInput("not a cursor of this list", hint="Start again without `cursor`.")
    if value is None or kind not in {FieldType.DATE, FieldType.DATETIME}:
        return value, key
    return read_value(sort.field, kind, value), key


_WRITTEN_AS_TEXT = {FieldType.TEXT, FieldType.DATE, FieldType.DATETIME}
