"""The periods that a forecast speaks of, and the days it is made on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Period(StrEnum):
    """Which part of the future, or of the running quarter."""

    THIS_QUARTER = "this_quarter"
    NEXT_QUARTER = "next_quarter"
    TWELVE_MONTHS = "twelve_months"


class Part(StrEnum):
    """Where the money of a period comes from."""

    WON = "won"
    OPEN = "open"
    NEW = "new"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Span:
    """From the first to the last day, both included."""

    starts_on: date
    ends_on: date


def spans(as_of_on: date) -> dict[Period, Span]:
    """The calendar quarter of the day, the one after it, and the twelve months that begin the day after."""
    quarter = _quarter(as_of_on)
    following = _months_later(quarter, 3)
    tomorrow = as_of_on + timedelta(days=1)
    return {
        Period.THIS_QUARTER: Span(quarter, following - timedelta(days=1)),
        Period.NEXT_QUARTER: Span(following, _months_later(quarter, 6) - timedelta(days=1)),
        Period.TWELVE_MONTHS: Span(tomorrow, _a_year_later(tomorrow) - timedelta(days=1)),
    }


def begins_at(day: date, time_zone: str) -> datetime:
    """Its midnight where the organization is, in UTC."""
    return datetime.combine(day, time.min, ZoneInfo(time_zone)).astimezone(UTC)


def ends_at(day: date, time_zone: str) -> datetime:
    """The midnight after it."""
    return begins_at(day + timedelta(days=1), time_zone)


def sundays(first_on: date, before_on: date) -> Iterator[date]:
    """The Sundays of a past: a forecast is made at the end of every week."""
    day = first_on + timedelta(days=(6 - first_on.weekday()) % 7)
    while day < before_on:
        yield day
        day += timedelta(days=7)


def _quarter(day: date) -> date:
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def _months_later(first: date, months: int) -> date:
    month = first.month - 1 + months
    return date(first.year + month // 12, month % 12 + 1, 1)


def _a_year_later(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(day.year + 1, 3, 1) if is_leap_day else day.replace(year=day.year + 1)
