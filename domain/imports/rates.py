"""Exchange rates as a file says them: `rate_on,from_currency,to_currency,rate`, a line for each day and pair."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.errors import InvalidInput
from domain.imports.money import CURRENCY

COLUMNS = ("rate_on", "from_currency", "to_currency", "rate")


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `from_currency` is `rate` units of `to_currency` on that day, whatever their minor units are."""

    rate_on: date
    from_currency: str
    to_currency: str
    rate: float


def parse_rates(lines: Iterable[str]) -> list[Rate]:
    """The rates of a CSV with a head. Raises InvalidInput naming the line; nothing is taken of a file with a fault."""
    rows = csv.DictReader(lines, restkey="more")
    if missing := [name for name in COLUMNS if name not in (rows.fieldnames or [])]:
        raise InvalidInput(f"no column {', '.join(missing)}", hint=f"The first line says: {','.join(COLUMNS)}")
    return [_rate_of(row, number) for number, row in enumerate(rows, start=2)]


def _rate_of(row: dict[str, str | None], number: int) -> Rate:
    if "more" in row:
        raise InvalidInput(f"line {number}: more cells than columns", hint="A decimal sign is a point: 1.0642")
    day, source, target, rate = ((row[name] or "").strip() for name in COLUMNS)
    try:
        found = Rate(date.fromisoformat(day), source.upper(), target.upper(), float(rate))
    except ValueError as error:
        raise InvalidInput(
            f"line {number}: {day!r}, {rate!r}", hint="A line is like 2026-03-02,CHF,EUR,1.0642"
        ) from error
    if not (CURRENCY.match(found.from_currency) and CURRENCY.match(found.to_currency)):
        raise InvalidInput(
            f"line {number}: {source!r} to {target!r}", hint="Currencies are codes of ISO 4217: CHF, EUR."
        )
    if found.from_currency == found.to_currency or not math.isfinite(found.rate) or found.rate <= 0:
        raise InvalidInput(f"line {number}: {rate}", hint="A rate is above zero, between two currencies.")
    return found
