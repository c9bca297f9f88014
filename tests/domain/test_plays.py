"""Plays: what sets one off, what holds it back and in which order, and what a play may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import InvalidInput
from domain.plays import Past, decide, named_in, parse_plays

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
GERMANS = {
    "key": "funded", "name": "Funded", "is_on": True, "kinds": ["funding"], "when": ["country:eq:DE", "strength:gte:30"],
    "cooldown_days": 30, "max_age_days": 14, "most_a_day": 2, "acts": {"alert": ["ada"]},
}  # fmt: skip
FITS = {"country": "DE", "strength": 40.0}


def play(**changes):
    (found,) = parse_plays({"plays": [{**GERMANS, **changes}]}, ["ada"], ["s1"])
    return found


def answer(past=Past(), *, age_days=0, of=None, **facts):
    found = decide(of or play(), {**FITS, **facts}, past, observed_at=NOW - timedelta(days=age_days), now=NOW)
    return found.allowed, found.reason


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({}, "signal"),
        ({"age_days": 15}, "too_old"),
        ({"country": "FR"}, "conditions"),
        ({"country": None}, "conditions"),
        ({"is_customer": True}, "is_customer"),
        ({"has_open_deal": True}, "has_open_deal"),
        ({"past": Past(NOW - timedelta(days=29))}, "cooling_down"),
        ({"past": Past(NOW - timedelta(days=30))}, "signal"),
        ({"past": Past(fired_today=2)}, "daily_cap"),
    ],
)
def test_each_thing_that_holds_a_play_back_has_its_reason(asked, reason):
    assert answer(**asked) == (reason == "signal", reason)


def test_customers_and_open_deals_are_spared_unless_the_play_is_for_them():
    for_all = play(spares_customers=False, spares_open_deals=False)
    assert answer(of=for_all, is_customer=True, has_open_deal=True) == (True, "signal")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kinds": []}, "kinds"),
        ({"kinds": ["gossip"]}, "kinds"),
        ({"key": "Funded!"}, "key"),
        ({"when": ["shoe_size:eq:9"]}, "shoe_size"),
        ({"acts": {}}, "does something"),
        ({"acts": {"owner": "eve"}}, "owner"),
        ({"acts": {"sequence_id": "s2"}}, "sequence_id"),
        ({"acts": {"alert": ["eve"]}}, "alert"),
        ({"acts": {"task": {"title": "Call", "assignee": "eve"}}}, "assignee"),
        ({"cooldown_days": True}, "cooldown_days"),
        ({"most_a_day": 0}, "most_a_day"),
    ],
)
def test_a_play_that_is_none_is_refused_by_what_is_wrong_with_it(changes, words):
    with pytest.raises(InvalidInput, match=words):
        play(**changes)


def test_two_plays_of_one_key_are_refused():
    with pytest.raises(InvalidInput, match="taken"):
        parse_plays({"plays": [GERMANS, GERMANS]}, ["ada"], [])


def test_who_left_since_is_still_named_so_that_what_was_checked_once_can_be_read():
    raw = {"plays": [{**GERMANS, "acts": {"owner": "eve", "sequence_id": "gone", "task": {"title": "Call"}}}]}
    assert parse_plays(raw, *named_in(raw))[0].acts.owner == "eve"
