"""The words of a person's day: due times, greetings, tomorrow, and which deals wait."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.day_words import due_words, greeting, tomorrow_morning, waiting_deals

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
"""Half past eleven in the evening in Berlin, on the night the clocks go forward."""


@pytest.mark.parametrize(
    ("due_at", "words"),
    [
        (None, ""),
        (datetime(2026, 3, 28, 13, 0, tzinfo=UTC), "14:00"),
        (datetime(2026, 3, 27, 13, 0, tzinfo=UTC), "yesterday"),
        (datetime(2026, 3, 25, 22, 59, tzinfo=UTC), "3 days late"),
        (datetime(2026, 3, 25, 23, 0, tzinfo=UTC), "2 days late"),
        (datetime(2026, 3, 29, 7, 0, tzinfo=UTC), "tomorrow 09:00"),
        (datetime(2026, 4, 3, 7, 0, tzinfo=UTC), "Fri 3 Apr"),
    ],
)
def test_when_something_is_due_is_told_by_the_days_of_its_place(due_at, words):
    assert due_words(due_at, NOW, BERLIN) == words


def test_tomorrow_begins_at_nine_even_when_the_clocks_change():
    assert tomorrow_morning(NOW, BERLIN).astimezone(UTC) == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)
    assert tomorrow_morning(NOW, ZoneInfo("America/New_York")).date().isoformat() == "2026-03-29"


@pytest.mark.parametrize(
    ("hour", "name", "words"),
    [
        (1, "Ada Lovelace", "Good evening, Ada"),
        (6, "Ada Lovelace", "Good morning, Ada"),
        (13, "", "Good afternoon"),
        (23, "ada@x.example", "Good evening"),
    ],
)
def test_a_greeting_knows_the_hour_and_the_first_name(hour, name, words):
    assert greeting(datetime(2026, 3, 2, hour, tzinfo=UTC), ZoneInfo("UTC"), name) == words


def test_deals_that_rot_come_before_those_with_nothing_planned_and_none_twice():
    rotting = [{"deal_id": "a", "is_rotting": True}, {"deal_id": "b", "is_rotting": False}]
    idle = [{"deal_id": "c", "is_rotting": False}, {"deal_id": "a", "is_rotting": True}]
    assert [deal["deal_id"] for deal in waiting_deals(rotting, idle, 5)] == ["a", "c"]
    assert len(waiting_deals(rotting, idle, 1)) == 1
