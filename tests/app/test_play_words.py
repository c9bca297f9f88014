"""Plays in words that people read, and the keys that new ones get."""

from __future__ import annotations

from app.play_words import REASONS, acts_words, count_words, gate_words, key_of, new_play, rest_words, when_words
from domain.plays import parse_plays

PEOPLE, SEQUENCES = {"u1": "Ada"}, {"s1": "Spring"}


def test_a_play_is_told_as_what_sets_it_off_what_it_does_and_when_it_rests():
    play = {**new_play(), "kinds": ["funding", "hiring"], "when": ["country:eq:DE"], "cooldown_days": 1}
    assert when_words(play) == "Funding or Hiring, country is DE"
    assert rest_words(play) == "A company rests 1 day, at most 20 a day, no customers, no open deals"
    acts = {"owner": "u1", "sequence_id": "s1", "people": 2, "task": {"title": "Call"}, "alert": ["owner", "u9"]}
    assert acts_words(acts, PEOPLE, SEQUENCES) == (
        "gives them to Ada, puts 2 people into Spring, a task “Call” for the owner, tells the owner, somebody who left"
    )


def test_what_came_of_a_play_is_counted():
    assert count_words({}) == "Not asked yet"
    assert count_words({"signal": 3, "cooling_down": 1}) == "Fired 3 times, left alone 1 time in 90 days"
    assert "signal" in REASONS


def test_what_the_gate_of_a_sequence_says_is_told_only_where_there_is_one():
    assert gate_words(None, {}) == "–"
    assert gate_words(0, {}) == "0 may today"
    assert gate_words(3, {"suppressed": 2}).startswith("3 may today, not: ")


def test_a_new_play_gets_a_key_of_its_own_that_is_taken():
    assert key_of("Funded! Companies", []) == "funded-companies"
    assert key_of("Funded", ["funded", "funded-2"]) == "funded-3"
    key = key_of("日本", [])
    made = {**new_play(), "key": key, "name": "x", "kinds": ["news"], "acts": {"alert": ["owner"]}}
    assert parse_plays({"plays": [made]}, [], [])[0].key == "play"
