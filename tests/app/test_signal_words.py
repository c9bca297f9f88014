"""Signals in words, and files of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.signal_words import (
    KINDS,
    VERDICTS,
    again_words,
    between_words,
    by_kind,
    file_words,
    kind_words,
    made_of,
    rows_of,
    rule_lines,
    rules_of,
    share_words,
    spike_words,
    told_words,
)  # fmt: skip
from domain.lift import Counted, Verdict
from domain.signals import SignalKind


def test_every_kind_has_words_and_a_new_one_its_own_name():
    assert set(KINDS) == set(SignalKind)
    assert kind_words("champion_move") == "Champion move"


def test_warmth_says_what_it_is_made_of_and_a_burst_how_many_were_usual():
    assert made_of({"funding": 32.4, "news": 0.2}) == "Funding 32"
    assert spike_words({"recent": 6, "expected": 0.17}) == "6 this week, usually 0.2"
    assert told_words({"kept": 3, "known": 0, "refused": 1}) == "3 kept, 1 refused"


def test_a_file_is_read_by_the_names_of_its_columns_and_others_are_named():
    rows, ignored = rows_of('\ufeffkind, domain,title,colour\nnews,a.example,"x, y",red\n,,,\n')
    assert rows == [{"kind": "news", "domain": "a.example", "title": "x, y"}]
    assert file_words(rows, ignored) == "1 signal. Not read: colour."
    with pytest.raises(ValueError, match="kind"):
        rows_of("name\nAda\n")


def test_what_a_signal_is_worth_is_told_with_its_counts_and_nothing_of_what_cannot_be_known():
    assert set(VERDICTS) == set(Verdict)
    assert (share_words(0.125, 5, 40), share_words(None, 0, 0)) == ("12.5% (5 of 40)", "–")
    assert (between_words(1.234, 5), between_words(None, None)) == ("1.23 to 5.00", "–")
    row = {
        "kind": "news",
        "with_signal": 1,
        "reached": 1,
        "without": 0.5,
        "expected": 0.25,
        "other_reached": 1,
        "companies": 3,
    }
    assert by_kind([row]) == {"news": [Counted(1, 1, 0.5, 0.25, 1, 3)]}


def test_rules_of_a_feed_are_a_line_each_and_a_next_try_is_told_in_hours():
    rules = [{"kind": "funding", "words": ["raises", "seed round"]}, {"kind": "hiring", "words": ["hiring"]}]
    assert rules_of(f"{rule_lines(rules)}\n\n") == rules
    assert rules_of("no colon") == [{"kind": "no colon", "words": []}]
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert (again_words("2026-03-02T02:00:00Z", now), again_words("2026-03-01T00:00:00Z", now)) == (
        "in 2 hours",
        "soon",
    )
