"""Cells as values: numbers, truth and dates in the spellings of several countries, read by a format that fits a column."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from math import isinf
from typing import Any

from domain.errors import InvalidInput

EMPTY = frozenset({"", "null", "(null)", "\\n", "n/a", "#n/a", "nan", "#null!", "undefined"})
"""What stands for nothing in any column, small."""
EMPTY_VALUE = EMPTY | {"na", "-", "--", "—", "none", "?", "."}
"""What stands for nothing in a column of numbers, dates or truths."""
_TRUE = frozenset({"true", "yes", "y", "t", "on", "x", "✓", "ja", "j", "wahr", "oui", "o", "vrai", "si", "sí", "sì"})
_TRUE_MORE = frozenset({"s", "verdadero", "vero", "sim", "verdadeiro", "tak", "ano", "igen", "да", "evet", "1", "是"})
_FALSE = frozenset({"false", "no", "n", "f", "off", "nein", "falsch", "non", "faux", "não", "nao", "falso", "nee"})
_FALSE_MORE = frozenset({"nej", "nie", "ne", "nem", "нет", "hayır", "0", "否"})
TRUE, FALSE = _TRUE | _TRUE_MORE, _FALSE | _FALSE_MORE

_PLAIN_INTEGER = re.compile(r"^[+-]?(?:0|[1-9]\d{0,14})$")
_POINT = re.compile(r"^[+-]?(?:\d{1,15}|\d{1,3}(?:[,' \u00a0\u202f’]\d{3})+)?(?:\.\d+)?(?:[eE][+-]?\d{1,3})?%?$")
_COMMA = re.compile(r"^[+-]?(?:\d{1,15}|\d{1,3}(?:[.' \u00a0\u202f’]\d{3})+)?(?:,\d+)?%?$")
_ZERO_PADDED = re.compile(r"^[+-]?0\d+$")
_SEPARATORS = re.compile(r"[' \u00a0\u202f’]")
_CLOCK = r"(?:[T ,]+(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?\s*(?P<ap>[AaPp]\.?[Mm]\.?)?"
_ZONE = r"\s*(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"
_YMD = re.compile(rf"^(?P<a>\d{{4}})([-/.])(?P<b>\d{{1,2}})\2(?P<c>\d{{1,2}}){_CLOCK}{_ZONE}$")
_XYY = re.compile(rf"^(?P<a>\d{{1,2}})([-/.])(?P<b>\d{{1,2}})\2(?P<c>\d{{4}}|\d{{2}}){_CLOCK}{_ZONE}$")
_NAMED = re.compile(rf"^(?P<a>\d{{1,2}})\.?[- ]*(?P<m>[^\W\d]{{3,12}})\.?,?[- ]*(?P<c>\d{{4}}|\d{{2}}){_CLOCK}{_ZONE}$")
_NAMED_FIRST = re.compile(
    rf"^(?P<m>[^\W\d]{{3,12}})\.? *(?P<a>\d{{1,2}})(?:st|nd|rd|th)?,? *(?P<c>\d{{4}}){_CLOCK}{_ZONE}$"
)
_COMPACT = re.compile(r"^(?P<a>(?:19|20)\d{2})(?P<b>0[1-9]|1[0-2])(?P<c>0[1-9]|[12]\d|3[01])$")
_EPOCH = re.compile(r"^\d{10}(?:\d{3})?$")
_MONTHS = {
    **dict.fromkeys(("jan", "ene", "gen", "янв"), 1),
    **dict.fromkeys(("feb", "fev", "fév", "фев"), 2),
    **dict.fromkeys(("mar", "mär", "mrz", "maa", "мар"), 3),
    **dict.fromkeys(("apr", "avr", "abr", "апр"), 4),
    **dict.fromkeys(("may", "mai", "mag", "mei", "maj", "май", "мая"), 5),
    **dict.fromkeys(("jun", "giu", "июн"), 6),
    **dict.fromkeys(("jul", "lug", "июл"), 7),
    **dict.fromkeys(("aug", "aou", "aoû", "ago", "авг"), 8),
    **dict.fromkeys(("sep", "set", "сен"), 9),
    **dict.fromkeys(("oct", "okt", "ott", "out", "окт"), 10),
    **dict.fromkeys(("nov", "ноя"), 11),
    **dict.fromkeys(("dec", "dez", "déc", "dic", "des", "дек"), 12),
}
DATE_ORDERS = ("ymd", "dmy", "mdy")


@dataclass(frozen=True, slots=True)
class ColumnType:
    """How the cells of a column are read. `data_type`: text, integer, number, boolean, date or datetime; `format`: the
    decimal sign (`.` or `,`) of numbers, the order (`ymd`, `dmy`, `mdy`) of dates; `note` lists what was ambiguous."""

    data_type: str
    format: str = ""
    note: str = ""


def infer_type(values: Collection[str], *, comma_likely: bool = False) -> ColumnType:
    """The narrowest type that every value of a column fits (nothing counts as fitting).

    `comma_likely` (a file separated by semicolons) decides what `1.234` and `03/04/2025` mean where nothing else does.
    """
    filled = [value for value in values if value.casefold() not in EMPTY_VALUE]
    if not filled:
        return ColumnType("text")
    small = {value.casefold() for value in filled}
    if small <= TRUE | FALSE and not small <= {"0", "1"} and (small & TRUE or len(small) > 1 or small <= {"false"}):
        return ColumnType("boolean")
    if any(_ZERO_PADDED.match(value) for value in filled):
        return ColumnType("text", note="kept as text: numbers with leading zeros")
    if all(_COMPACT.match(value) for value in filled) and len(filled) > 1:
        return ColumnType("date", "ymd")
    if all(_PLAIN_INTEGER.match(value) for value in filled):
        return ColumnType("integer")
    number = _infer_number(filled, comma_likely)
    return number or _infer_date(filled, comma_likely) or ColumnType("text")


def _infer_number(filled: list[str], comma_likely: bool) -> ColumnType | None:
    if not all(any(character.isdigit() for character in value) for value in filled):
        return None
    point = all(_POINT.match(value) for value in filled)
    comma = all(_COMMA.match(value) for value in filled)
    if not point and not comma:
        return None
    sign = "," if comma and (comma_likely or not point) else "."
    data_type = "number"
    if all(float(number_of(value, sign)).is_integer() and not re.search(rf"[{sign}eE%]", value) for value in filled):
        data_type = "integer"
    unclear = next((value for value in filled if "," in value or "." in value), None) if point and comma else None
    note = f"ambiguous numbers (such as {unclear}): read with {sign!r} as the decimal sign" if unclear else ""
    return ColumnType(data_type, sign, note)


def _infer_date(filled: list[str], comma_likely: bool) -> ColumnType | None:
    has_time = any(":" in value for value in filled)
    data_type = "datetime" if has_time else "date"
    orders = DATE_ORDERS[1:] if any(_XYY.match(value) for value in filled) else DATE_ORDERS[:1]
    fits = [order for order in orders if all(_is_date(value, order) for value in filled)]
    if not fits:
        return None
    if len(fits) == 1:
        return ColumnType(data_type, fits[0])
    order = "dmy" if comma_likely or any("." in value[:3] for value in filled) else "mdy"
    dotted = all("." in value[:3] for value in filled)
    note = (
        "" if dotted else f"ambiguous dates (such as {filled[0]}): read as {'day' if order == 'dmy' else 'month'} first"
    )
    return ColumnType(data_type, order, note)


def _is_date(value: str, order: str) -> bool:
    try:
        moment_of(value, order, UTC)
    except InvalidInput:
        return False
    return True


def number_of(value: str, decimal_sign: str = ".") -> float:
    """`1,234.5`, `1.234,5` or `12%` as a number; raises InvalidInput."""
    pattern = _COMMA if decimal_sign == "," else _POINT
    if not pattern.match(value):
        raise InvalidInput(f"{value!r} is not a number")
    plain = _SEPARATORS.sub("", value.rstrip("%"))
    plain = plain.replace(".", "").replace(",", ".") if decimal_sign == "," else plain.replace(",", "")
    try:
        number = float(plain)
    except ValueError as error:
        raise InvalidInput(f"{value!r} is not a number") from error
    if isinf(number):
        raise InvalidInput(f"{value!r} is too large a number")
    return number


def boolean_of(value: str) -> bool:
    """Yes or no in a dozen languages; raises InvalidInput."""
    small = value.casefold()
    if small in TRUE:
        return True
    if small in FALSE:
        return False
    raise InvalidInput(f"{value!r} is neither yes nor no")


def moment_of(value: str, order: str, zone: tzinfo) -> datetime:
    """A date or a moment as an aware UTC datetime, midnight of `zone` where there is no time; raises InvalidInput.

    `order` (`ymd`, `dmy`, `mdy`) decides all-number dates that do not begin with the year; seconds or milliseconds
    since 1970 are understood too.
    """
    if match := _EPOCH.match(value):
        return datetime.fromtimestamp(int(value) / (1000 if len(value) == 13 else 1), UTC)
    match = _YMD.match(value) or _COMPACT.match(value)
    if match:
        year, month, day = int(match["a"]), int(match["b"]), int(match["c"])
    elif match := _XYY.match(value):
        first, second, year = int(match["a"]), int(match["b"]), _full_year(match["c"])
        day, month = (first, second) if order != "mdy" else (second, first)
    elif match := (_NAMED.match(value) or _NAMED_FIRST.match(value)):
        month, day, year = _MONTHS.get(match["m"].casefold()[:3], 0), int(match["a"]), _full_year(match["c"])
    else:
        raise InvalidInput(f"{value!r} is not a date")
    parts = match.groupdict()
    try:
        clock = _clock(parts)
        moment = datetime.combine(date(year, month, day), clock, _zone(parts.get("z")) or zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{value!r} is not a date") from error


def _full_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text) if int(text) < 70 else 1900 + int(text)


def _clock(parts: dict[str, str | None]) -> time:
    if not parts.get("h"):
        return time()
    hour = int(parts["h"] or 0)
    half = (parts.get("ap") or "").casefold()[:1]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError("no such hour")
        hour = hour % 12 + (12 if half == "p" else 0)
    fraction = int(((parts.get("f") or "") + "000000")[:6])
    return time(hour, int(parts["min"] or 0), int(parts.get("s") or 0), fraction)


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text in {"Z", "UTC", "GMT"}:
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def cell_reader(column: ColumnType, zone: tzinfo) -> Callable[[str], Any]:
    """A function from a filled cell to its JSON value (dates as ISO text), raising InvalidInput; None for nothing."""
    sign = "," if column.format == "," else "."

    def whole(value: str) -> int:
        number = number_of(value, sign)
        if not number.is_integer():
            raise InvalidInput(f"{value!r} is not a whole number")
        return int(number)

    readers: dict[str, Callable[[str], Any]] = {
        "integer": whole,
        "number": lambda value: number_of(value, sign),
        "boolean": boolean_of,
        "date": lambda value: moment_of(value, column.format, UTC).date().isoformat(),
        "datetime": lambda value: moment_of(value, column.format, zone).isoformat().replace("+00:00", "Z"),
    }
    read = readers.get(column.data_type, str)
    empty = EMPTY_VALUE if column.data_type in readers else EMPTY
    return lambda value: None if value.casefold() in empty else read(value)
