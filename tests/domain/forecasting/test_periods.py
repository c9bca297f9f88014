"""Quarters, years and midnights of a forecast."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.forecasting.enough import missing
from domain.forecasting.periods import Period, Span, ends_at, spans, sundays


@pytest.mark.parametrize(
    ("day", "this", "after"),
    [
        (date(2026, 2, 8), Span(date(2026, 1, 1), date(2026, 3, 31)), Span(date(2026, 4, 1), date(2026, 6, 30))),
        (date(2026, 12, 31), Span(date(2026, 10, 1), date(2026, 12, 31)), Span(date(2027, 1, 1), date(2027, 3, 31))),
    ],
)
def test_quarters_are_those_of_the_calendar(day, this, after):
    assert (spans(day)[Period.THIS_QUARTER], spans(day)[Period.NEXT_QUARTER]) == (this, after)


@pytest.mark.parametrize(
    ("day", "last"), [(date(2026, 2, 8), date(2027, 2, 8)), (date(2024, 2, 28), date(2025, 2, 28))]
)
def test_twelve_months_begin_the_day_after(day, last):
    assert spans(day)[Period.TWELVE_MONTHS].ends_on == last


def test_a_day_ends_at_the_midnight_of_the_organization():
    found = ends_at(date(2026, 3, 31), "America/New_York")

    assert (found, found.tzinfo) == (datetime(2026, 4, 1, 4, tzinfo=UTC), UTC)


def test_week_ends_are_sundays_before_today():
    assert list(sundays(date(2026, 2, 2), date(2026, 2, 15))) == [date(2026, 2, 8)]


def test_what_is_missing_is_said_in_numbers():
    found = missing(Period.NEXT_QUARTER, closed=12, won=9, weeks=10)

    assert [(one.what, one.has, one.needs) for one in found] == [("closed", 12, 20), ("weeks", 10, 13)]
    assert not missing(Period.THIS_QUARTER, closed=20, won=5, weeks=8)
