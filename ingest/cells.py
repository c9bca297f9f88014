"""Single values of a record: found under the names platforms give them, read in the spellings countries use."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from domain.errors import InvalidInput
from domain.imports.values import boolean_of, infer_type, moment_of, number_of
from ingest.base import Record

FORMATS = "_formats"
"""Key of a record: how dates (`ymd`, `dmy`, `mdy`) and numbers (`.`, `,`) are written in its file."""

NUMBER = re.compile(r"[\d.,' \u00a0\u202f’]*\d[\d.,]*")
SAMPLE = 2000


def cell(record: Record, *names: str) -> Any:
    """The first filled value under one of the names, whatever their case; None where there is none."""
    lowered = {str(name).casefold(): value for name, value in record.items()}
    for name in names:
        value = lowered.get(name.casefold())
        if isinstance(value, str):
            value = value.strip()
        if value is not None and value != "":
            return value
    return None


def text(record: Record, *names: str) -> str | None:
    """The same as text; objects and lists as JSON."""
    found = cell(record, *names)
    if found is None or isinstance(found, str):
        return found
    return json.dumps(found, default=str, ensure_ascii=False) if isinstance(found, dict | list) else str(found)


def required(record: Record, *names: str) -> Any:
    """The value, or InvalidInput naming the column that is missing."""
    found = cell(record, *names)
    if found is None:
        raise InvalidInput(f"no {names[0].replace('_', ' ')}")
    return found


def moment(value: Any, order: str = "ymd") -> datetime:
    """An aware UTC instant from ISO 8601, an epoch in seconds or milliseconds, or a local spelling; UTC if it says no
    zone. Raises InvalidInput."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return moment_of(str(int(value)), order, UTC)
    written = str(value).strip()
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return moment_of(written, order, UTC)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def whole(value: Any, decimal_sign: str = ".") -> int | None:
    """A count; None for nothing, InvalidInput for what is no whole number."""
    if value is None or value in {"-", "--"}:
        return None
    number = float(value) if isinstance(value, int | float) else number_of(str(value), decimal_sign)
    if not number.is_integer():
        raise InvalidInput(f"{value!r} is not a whole number")
    return int(number)


def truth(value: Any) -> bool | None:
    """Yes or no in a dozen languages; None for nothing."""
    return value if value is None or isinstance(value, bool) else boolean_of(str(value))


def with_formats(records: Iterable[Record], *, dates: tuple[str, ...], numbers: tuple[str, ...]) -> Iterator[Record]:
    """The records, each told how its file writes dates and numbers, judged from its first rows together.

    One cell cannot tell 03/04 from 04/03 or 1.234 from 1,234; a column usually can.
    """
    source = iter(records)
    first = [record for _, record in zip(range(SAMPLE), source, strict=False)]
    days = [str(found) for record in first if isinstance(found := cell(record, *dates), str)]
    amounts = [
        match[0].strip()
        for record in first
        if isinstance(found := cell(record, *numbers), str) and (match := NUMBER.search(found))
    ]
    date_format = infer_type(days).format if days else ""
    number_format = infer_type(amounts).format if amounts else ""
    formats = {"date": date_format or "ymd", "number": number_format if number_format in {".", ","} else ""}
    for record in first:
        yield {**record, FORMATS: formats}
    for record in source:
        yield {**record, FORMATS: formats}
