"""Custom attributes: what types there are, their values as people write them, as the store keeps them, and as an index orders them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from domain.errors import InvalidInput
from domain.filters import FieldType, read_value
from domain.search import folded

LONGEST = 10_000
LONGEST_INDEXED = 200
"""Characters of a text that filters compare and lists sort by."""
MOST_FILTERABLE = 50
"""Attributes of one organization that lists can be filtered and sorted by."""
MOST_OPTIONS = 200
PREFIX = "custom."
"""Before the key of a custom attribute, where it is a field of a list: `filter=custom.budget:gte:5000`."""


class DataType(StrEnum):
    """What a custom attribute holds. A `choice` is a text that is one of some options."""

    TEXT = "text"
    CHOICE = "choice"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"

    @property
    def field_type(self) -> FieldType:
        """How filters compare it."""
        return FieldType.TEXT if self is DataType.CHOICE else FieldType(self.value)

    @property
    def is_text(self) -> bool:
        return self.field_type is FieldType.TEXT


def attribute_value(key: str, data_type: str, sent: Any, options: Sequence[str] = ()) -> Any:
    """What was sent, as a value of the attribute's type in JSON: dates and moments are ISO text, nothing stays nothing.

    Text is read as the type (`"12"` for an integer). Raises InvalidInput for what is no value of it.
    """
    if sent is None or sent == "":
        return None
    kind = DataType(data_type).field_type
    if not isinstance(sent, str | int | float):
        raise InvalidInput(f"{key!r} takes one value, not a list or an object")
    if len(str(sent)) > LONGEST:
        raise InvalidInput(f"{key!r} takes at most {LONGEST:,} characters")
    if isinstance(sent, float) and kind is FieldType.INTEGER and sent.is_integer():
        sent = int(sent)
    if data_type == DataType.CHOICE:
        return _option(key, str(sent), options)
    read = read_value(key, kind, str(sent))
    return read.isoformat() if kind in {FieldType.DATE, FieldType.DATETIME} else read


def indexed_value(data_type: str, kept: Any) -> float | str | None:
    """A kept value as an index orders it: text without case and accents, everything else as a number: days for a date
    (proleptic Gregorian ordinal), seconds since 1970 for a moment, 1 and 0 for yes and no. None for what is no value of the type."""
    if kept is None or kept == "":
        return None
    as_number = _as_number(data_type)
    if as_number is None:
        return folded(str(kept)[:LONGEST_INDEXED])[:LONGEST_INDEXED] or None
    try:
        return as_number(kept)
    except (ValueError, KeyError, OverflowError):
        return None


def key_of(label: str) -> str:
    """A key for a new attribute of this label: `Annual budget (EUR)` is `annual_budget_eur`. Raises InvalidInput."""
    key = re.sub(r"[^a-z0-9]+", "_", folded(label)).strip("_")[:80]
    if not key:
        raise InvalidInput(f"{label!r} has no letter or digit to make a key of", hint="Send a key beside the label.")
    return key


def options_of(sent: Sequence[str]) -> list[str]:
    """The options of a choice, each once. Raises InvalidInput for too many, or one that is too long."""
    options = list(dict.fromkeys(text.strip() for text in sent if text.strip()))
    if len(options) > MOST_OPTIONS:
        raise InvalidInput(f"a choice has at most {MOST_OPTIONS} options")
    if any(len(option) > LONGEST_INDEXED for option in options):
        raise InvalidInput(f"an option has at most {LONGEST_INDEXED} characters")
    return options


def _option(key: str, sent: str, options: Sequence[str]) -> str:
    known = {folded(option): option for option in options}
    found = known.get(folded(sent.strip()))
    if found is None:
        raise InvalidInput(f"{sent!r} is no option of {key!r}", hint=f"Options: {', '.join(options) or 'none yet'}.")
    return found


def _truth(kept: Any) -> float:
    return float({"true": True, "false": False}[kept.casefold()]) if isinstance(kept, str) else float(bool(kept))


def _days(kept: Any) -> float:
    return float((kept if isinstance(kept, date) else date.fromisoformat(str(kept)[:10])).toordinal())


def _seconds(kept: Any) -> float:
    moment = kept if isinstance(kept, datetime) else datetime.fromisoformat(str(kept))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


@cache
def _as_number(data_type: str) -> Callable[[Any], float] | None:
    """How values of a type become numbers; None for those that are ordered as text."""
    match DataType(data_type):
        case DataType.BOOLEAN:
            return _truth
        case DataType.DATE:
            return _days
        case DataType.DATETIME:
            return _seconds
        case kind:
            return None if kind.is_text else float
