"""Signals: what one weighs as it ages, when two are one, and what is called unusual."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.signals import BASELINE, USUAL, WINDOW, Counted, SignalKind, at_least, parse_signal, spikes, weight

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOLD = {"kind": "funding", "title": "Raised ten million", "domain": "lovelace.example"}


def read(**changes):
    return parse_signal(TOLD | changes, now=NOW, source="api")


def test_half_of_a_signal_is_left_after_one_half_life():
    assert weight(40, 90, NOW - timedelta(days=90), NOW) == pytest.approx(20)
    assert weight(40, 90, NOW - timedelta(days=180), NOW) == pytest.approx(10)


@settings(max_examples=30)
@given(strength=st.floats(0, 100), half_life=st.floats(0.5, 730), days=st.floats(-1, 4000))
def test_a_signal_never_weighs_more_than_it_did(strength, half_life, days):
    assert 0 <= weight(strength, half_life, NOW - timedelta(days=days), NOW) <= strength


def test_what_is_not_said_is_what_its_kind_usually_has():
    found = read()
    assert (found.strength, found.half_life_days, found.observed_at) == (40, 90, NOW)
    assert set(USUAL) == set(SignalKind)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"url": "https://news.example/a?utm_source=x"}, {"url": "https://NEWS.example/a/"}, True),
        ({"url": "https://news.example/a?id=1"}, {"url": "https://news.example/a?id=2"}, False),
        ({"title": "Raised  TEN million"}, {}, True),
        ({}, {"observed_at": "2026-02-01"}, False),
        ({"dedupe_key": "7", "title": "a"}, {"dedupe_key": "7", "title": "b"}, True),
        ({}, {"kind": "news"}, False),
    ],
)
def test_two_tellings_of_one_thing_have_one_key(one, other, same):
    assert (read(**one).dedupe_key("x") == read(**other).dedupe_key("x")) is same
    assert read(**one).dedupe_key("x") != read(**one).dedupe_key("y")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"url": "https://["}, "not an http address"),
        ({"domain": ""}, "about somebody"),
        ({"kind": "gossip"}, "no kind 'gossip'"),
        ({"title": ""}, "evidence"),
        ({"url": "javascript:alert(1)"}, "not an http address"),
        ({"observed_at": "2027-01-01"}, "in the future"),
        ({"observed_at": "soon"}, "not a date"),
        ({"strength": "nan"}, "between 0 and 100"),
        ({"half_life_days": 0}, "between 0.5 and 730"),
        ({"colour": "red"}, "no 'colour'"),
        ({"title": {"a": 1}}, "not text"),
        ({"domain": "nowhere"}, "not a domain"),
    ],
)
def test_what_is_no_signal_is_refused_by_its_first_fault(changes, says):
    with pytest.raises(InvalidInput, match=says):
        read(**changes)


def test_chances_add_up_as_they_are_counted_by_hand():
    assert at_least(0, 3, 0.5) == 1
    assert at_least(2, 3, 0.5) == pytest.approx(0.5)
    assert at_least(3, 3, 0.1) == pytest.approx(0.001)


def test_a_burst_stands_out_and_a_busy_company_as_busy_as_ever_does_not():
    found = spikes({"burst": Counted(6, 2), "busy": Counted(30, 360), "two": Counted(2, 0)}, BASELINE + WINDOW)
    assert set(found) == {"burst"}
    assert found["burst"].expected == pytest.approx(2 / 12)


def test_nothing_is_unusual_before_it_is_known_what_is_usual():
    burst = {"burst": Counted(50, 0)}
    assert spikes(burst, timedelta(days=20)) == {}
    assert set(spikes(burst, timedelta(days=21))) == {"burst"}


def test_with_nothing_going_on_false_alarms_stay_within_their_budget():
    draw = random.Random(7)
    alarms = 0
    for _ in range(40):
        counted = {}
        for company in range(200):
            times = [draw.random() * 13 for _ in range(draw.randrange(1, 40))]
            recent = sum(each < 1 for each in times)
            counted[str(company)] = Counted(recent, len(times) - recent)
        alarms += len(spikes(counted, BASELINE + WINDOW))
    assert alarms / 40 <= 1.0
