"""When a sequence would be through, a day at a time, with the limit that decides it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.outreach.finishing import Carrier, Fleet, Room, finish, way_from
from domain.outreach.mailboxes import Terms
from domain.outreach.sequences import parse_sequence

MONDAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HELLO = {"id": "hello", "type": "email", "subject": "Hi", "text": "Hello"}
AGAIN = {"id": "again", "type": "email", "text": "Did you see this?"}


def sequence_of(*steps, days=3, **more):
    wait = {"id": "pause", "type": "wait", "days": days}
    document = {"name": "Spring", "steps": list(steps) or [HELLO, wait, AGAIN], **more}
    return parse_sequence(document)


def fleet_of(terms, *, number=1, since=NOON - timedelta(hours=12), window=None, per_domain=None, began=MONDAY):
    made = [Carrier(f"ada{each}@agency.example", "agency.example", Terms(**terms), began) for each in range(number)]
    return Fleet((window or sequence_of()).window.hours("UTC"), made, "UTC", per_domain or {}, since)


def through(terms, people, *, limits=None, number=1, since=NOON - timedelta(hours=12), per_domain=None, **more):
    sequence = sequence_of(limits={"per_day": 10_000, "new_per_day": 10_000, **(limits or {})}, **more)
    fleet = fleet_of(terms, number=number, since=since, window=sequence, per_domain=per_domain)
    return finish(sequence, {"hello": people}, fleet.room_on, fleet.first_day)


FREE = {"per_day": 5000, "per_hour": 5000, "provider_per_day": 5000, "min_gap_seconds": 0, "gap_jitter_seconds": 0,
        "ramp": None, "in_use_since": date(2020, 1, 1)}  # fmt: skip


def test_without_a_limit_in_the_way_the_steps_decide():
    found = through(FREE, 100)
    assert (found.messages, found.last_new_on, found.finishes_on, found.limits) == (200, MONDAY, date(2026, 3, 5), {})


def test_a_ramp_is_climbed_day_by_day_and_weekends_and_holidays_are_no_days():
    terms = {**FREE, "ramp": {"start": 10, "step": 5, "ceiling": 50}}
    window = {"holidays": ["2026-03-04"]}
    found = through(terms, 75, steps=[HELLO], window=window)
    # 10 on Monday, 15 on Tuesday, none on Wednesday, 25 on Thursday, the last 25 on Friday
    assert (found.finishes_on, found.limits) == (date(2026, 3, 6), {"ramp": 3})
    assert through(terms, 76, steps=[HELLO], window=window).finishes_on == date(2026, 3, 6)
    assert through(terms, 81, steps=[HELLO], window=window).finishes_on == date(2026, 3, 9)


@pytest.mark.parametrize(
    ("terms", "limits", "limit", "day"),
    [
        ({"per_day": 10}, {}, "mailbox_per_day", date(2026, 3, 11)),
        ({"provider_per_day": 10}, {}, "provider_per_day", date(2026, 3, 11)),
        ({"per_hour": 1}, {}, "mailbox_per_hour", date(2026, 3, 13)),
        ({"min_gap_seconds": 3000, "gap_jitter_seconds": 1200}, {}, "mailbox_gap", date(2026, 3, 12)),
        ({}, {"per_day": 10}, "sequence_per_day", date(2026, 3, 11)),
        ({}, {"new_per_day": 10}, "new_per_day", date(2026, 3, 11)),
        ({"in_use_since": MONDAY}, {}, "young_mailbox", date(2026, 3, 5)),
    ],
)
def test_the_limit_that_decides_is_named(terms, limits, limit, day):
    found = through({**FREE, **terms}, 75, limits=limits, steps=[HELLO])
    assert (found.finishes_on, next(iter(found.limits))) == (day, limit)


def test_a_domain_counts_for_all_its_mailboxes_and_what_left_today_counts_once():
    found = through(FREE, 50, number=5, steps=[HELLO], per_domain={"agency.example": (20, 15)})
    assert (found.finishes_on, found.limits) == (date(2026, 3, 5), {"sending_domain_per_day": 3})


def test_what_does_not_end_says_why_and_how_many_are_left():
    found = through(FREE, 50, limits={"new_per_day": 10}, ends_on="2026-03-04")
    assert (found.finishes_on, found.reason, found.left, found.limits) == (
        None,
        "campaign_over",
        50,
        {"new_per_day": 3},
    )
    empty = finish(sequence_of(), {"hello": 3}, lambda _: Room(0), MONDAY)
    assert (empty.reason, empty.left, empty.finishes_on) == ("no_room", 3, None)
    nobody = finish(sequence_of(), {}, lambda _: Room(9, "ramp"), MONDAY)
    assert (nobody.people, nobody.finishes_on, nobody.reason) == (0, None, "")


def test_the_way_is_the_one_with_most_messages():
    fork = {"id": "fork", "type": "condition", "when": ["has_clicked:eq:true"], "next": "short", "otherwise": "long"}
    short = {**AGAIN, "id": "short", "next": "end"}
    hours = {"id": "hours", "type": "wait", "hours": 4}
    last = {**AGAIN, "id": "last"}
    sequence = sequence_of(HELLO, fork, short, {**AGAIN, "id": "long"}, hours, last)
    assert way_from(sequence, "hello") == ((0, "hello"), (0, "long"), (1, "last"))
    assert way_from(sequence, "hours") == ((1, "last"),)
    assert way_from(sequence, "short") == ((0, "short"),)


@given(st.integers(1, 400), st.integers(1, 60), st.integers(1, 60), st.sampled_from(["new", "follow_ups"]))
@settings(max_examples=25)
def test_wider_limits_never_make_it_later_and_no_day_carries_more_than_it_may(people, per_day, new_per_day, priority):
    sent: list[int] = []

    def room_on(day):
        sent.append(0)
        return Room(per_day, "mailbox_per_day")

    sequence = sequence_of(limits={"per_day": 100, "new_per_day": new_per_day}, priority=priority)
    found = finish(sequence, {"hello": people}, room_on, MONDAY)
    wider = finish(sequence, {"hello": people}, lambda _: Room(per_day + 1, "mailbox_per_day"), MONDAY)
    if found.finishes_on is not None:
        assert wider.finishes_on <= found.finishes_on
        assert 2 * people <= per_day * len(sent)
        assert found.finishes_on >= MONDAY + timedelta(days=3)
