"""Working time: several blocks a day, holidays, and days on which clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.working_hours import ALWAYS, DAYS, parse_working_hours, written

OFFICE = parse_working_hours(
    {**{day: ["09:00-12:30", "13:30-18:00"] for day in DAYS[:5]}, "holidays": ["2026-04-06"]},
    "Europe/Berlin",
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))


def berlin(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    from zoneinfo import ZoneInfo

    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (berlin(2, 9), True),
        (berlin(2, 8, 59), False),
        (berlin(2, 12, 30), False),
        (berlin(2, 13, 30), True),
        (berlin(2, 18), False),
        (berlin(7, 11), False),
        (berlin(6, 11, month=4), False),
    ],
)
def test_open_is_inside_a_block_of_a_working_day(at, is_open):
    assert OFFICE.is_open(at) is is_open


def test_a_clock_stands_still_at_noon_at_night_and_over_the_weekend():
    assert OFFICE.after(berlin(2, 12), timedelta(hours=1)) == berlin(2, 14)
    assert OFFICE.after(berlin(2, 17, 30), timedelta(hours=1)) == berlin(3, 9, 30)
    assert OFFICE.after(berlin(6, 17, 30), timedelta(hours=1)) == berlin(9, 9, 30)
    assert OFFICE.after(berlin(3, 17, month=4), timedelta(hours=2)) == berlin(7, 10, month=4)  # Easter Monday is free


def test_an_end_that_is_just_reached_is_the_end():
    assert OFFICE.after(berlin(2, 12), timedelta(minutes=30)) == berlin(2, 12, 30)


def test_a_night_shift_follows_the_wall_clock_when_clocks_change():
    nights = parse_working_hours({"sun": ["00:00-06:00"]}, "Europe/Berlin")
    spring, autumn = berlin(29, 0), berlin(25, 0, month=10)
    assert nights.worked(spring, spring + timedelta(days=1)) == timedelta(hours=5)
    assert nights.worked(autumn, autumn + timedelta(days=1)) == timedelta(hours=7)


def test_without_any_working_time_nothing_is_ever_due():
    never = parse_working_hours({}, "UTC")
    assert never.after(berlin(2, 9), timedelta(minutes=1)) is None
    assert never.opens(berlin(2, 9)) is None


@given(MOMENTS, st.integers(0, 60 * 200))
def test_what_is_added_is_what_is_counted(since, minutes):
    worked = timedelta(minutes=minutes)
    due = OFFICE.after(since, worked)
    assert due is not None
    assert OFFICE.worked(since, due) == worked


@given(st.lists(MOMENTS, min_size=3, max_size=3))
def test_time_is_counted_once_however_it_is_cut(moments):
    first, second, third = sorted(moments)
    assert OFFICE.worked(first, third) == OFFICE.worked(first, second) + OFFICE.worked(second, third)
    assert ALWAYS.worked(first, third) == third - first


@pytest.mark.parametrize(
    "raw",
    [{"mon": "09:00-17:00"}, {"mon": ["9-5"]}, {"mon": ["17:00-09:00"]}, {"mon": ["09:00-12:00", "11:00-13:00"]},
     {"someday": []}, {"time_zone": "Mars/Olympus"}, {"holidays": ["Christmas"]}, {"mon": ["09:00-24:01"]}],
)  # fmt: skip
def test_a_fault_is_refused(raw):
    with pytest.raises(InvalidInput, match="working hours"):
        parse_working_hours(raw, "UTC")


def test_what_is_written_is_read_back():
    assert parse_working_hours(written(OFFICE), "UTC") == OFFICE
    assert date(2026, 4, 6) in OFFICE.holidays
