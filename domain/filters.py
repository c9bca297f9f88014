"""The one grammar by which every list of the API is filtered and sorted.

`filter=<field>:<op>[:<value>]`, repeated, all of them must hold: `filter=amount_minor:gte:100000`,
`filter=stage:in:proposal,negotiation`, `filter=attributes.budget:gt:5000`, `filter=owner_user_id:empty`.
`sort=<field>` ascends, `sort=-<field>` descends. A value may hold colons; in a list, a comma inside a value is `\\,`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from domain.errors import InvalidInput

MOST_FILTERS = 20
MOST_VALUES = 100


class Op(StrEnum):
    """How a field is compared. `contains` and `starts` ignore case; `empty` and `filled` take no value."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IN = "in"
    NOT_IN = "not_in"
    CONTAINS = "contains"
    STARTS = "starts"
    EMPTY = "empty"
    FILLED = "filled"


class FieldType(StrEnum):
    """What a field holds; values are read as this."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"


_ORDERED = {Op.GT, Op.GTE, Op.LT, Op.LTE}
_LISTS = {Op.IN, Op.NOT_IN}
_ANY = {Op.EQ, Op.NE, Op.EMPTY, Op.FILLED}
ALLOWED: Mapping[FieldType, frozenset[Op]] = {
    FieldType.TEXT: frozenset(_ANY | _LISTS | {Op.CONTAINS, Op.STARTS}),
    FieldType.INTEGER: frozenset(_ANY | _LISTS | _ORDERED),
    FieldType.NUMBER: frozenset(_ANY | _LISTS | _ORDERED),
    FieldType.BOOLEAN: frozenset(_ANY),
    FieldType.DATE: frozenset(_ANY | _LISTS | _ORDERED),
    FieldType.DATETIME: frozenset(_ANY | _ORDERED),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter, its values read as the field's type: none for `empty` and `filled`, many for `in` and `not_in`."""

    field: str
    op: Op
    values: tuple[Any, ...] = ()

    @property
    def value(self) -> Any:
        """The only value."""
        (found,) = self.values
        return found


@dataclass(frozen=True, slots=True)
class Sort:
    """An order by one field; lists add their key, so that it is total."""

    field: str
    descending: bool = False

    @property
    def text(self) -> str:
        return f"-{self.field}" if self.descending else self.field


def parse_filters(texts: Iterable[str], fields: Mapping[str, FieldType]) -> tuple[Condition, ...]:
    """Conditions of `filter=…` texts over known fields. Raises InvalidInput naming the text and what would do."""
    found = tuple(_condition(text, fields) for text in texts)
    if len(found) > MOST_FILTERS:
        raise InvalidInput(f"{len(found)} filters; at most {MOST_FILTERS} are allowed")
    return found


def parse_sort(text: str, fields: Iterable[str], default: Sort) -> Sort:
    """The order that `sort=…` asks for. Raises InvalidInput for a field that a list cannot be sorted by."""
    if not text:
        return default
    name = text.removeprefix("-")
    known = sorted(fields)
    if name not in known:
        raise InvalidInput(f"this list cannot be sorted by {name!r}", hint=f"Sort by one of: {', '.join(known)}.")
    return Sort(name, text.startswith("-"))


def listed(text: str) -> list[str]:
    """The values of a list as a filter writes it."""
    parts = re.split(r"(?<!\\),", text)
    return [part.replace("\\,", ",") for part in parts if part != ""]


def list_text(values: Iterable[object]) -> str:
    """Values as a filter writes a list of them."""
    return ",".join(str(value).replace(",", "\\,") for value in values)


def _condition(text: str, fields: Mapping[str, FieldType]) -> Condition:
    name, colon, rest = text.partition(":")
    kind = fields.get(name)
    if not colon or kind is None:
        raise InvalidInput(
            f"{text!r} is no filter of this list", hint=f"Write field:op:value; fields: {', '.join(sorted(fields))}."
        )
    word, colon, value = rest.partition(":")
    if word not in set(Op) or Op(word) not in ALLOWED[kind]:
        known = ", ".join(op for op in Op if op in ALLOWED[kind])
        raise InvalidInput(f"{name!r} ({kind}) cannot be compared by {word!r}", hint=f"Use one of: {known}.")
    op = Op(word)
    if op in {Op.EMPTY, Op.FILLED}:
        if colon:
            raise InvalidInput(f"{name}:{op} takes no value")
        return Condition(name, op)
    if not colon:
        raise InvalidInput(f"{text!r} lacks a value", hint=f"Write {name}:{op}:value.")
    parts = listed(value) if op in _LISTS else [value]
    if not 1 <= len(parts) <= MOST_VALUES:
        raise InvalidInput(f"{name}:{op} takes 1 to {MOST_VALUES} values")
    return Condition(name, op, tuple(read_value(name, kind, part) for part in parts))


def read_value(name: str, kind: FieldType, text: str) -> Any:
    """A value of a field's type. Raises InvalidInput. A moment without a zone is UTC."""
    try:
        match kind:
            case FieldType.INTEGER:
                return _fitting(int(text))
            case FieldType.NUMBER:
                return _finite(float(text))
            case FieldType.BOOLEAN:
                return {"true": True, "false": False}[text.casefold()]
            case FieldType.DATE:
                return date.fromisoformat(text)
            case FieldType.DATETIME:
                found = datetime.fromisoformat(text)
                return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
            case _:
                return _plain(text)
    except (ValueError, KeyError, OverflowError) as error:
        raise InvalidInput(f"{text!r} is not a value of {name!r} ({kind})") from error


def _fitting(number: int) -> int:
    if not -(2**63) <= number < 2**63:
        raise ValueError(number)
    return number


def _finite(number: float) -> float:
    if number != number or number in {float("inf"), float("-inf")}:  # noqa: PLR0124  NaN is not itself
        raise ValueError(number)
    return number


def _plain(text: str) -> str:
    if "\x00" in text:
        raise ValueError(text)
    return text
