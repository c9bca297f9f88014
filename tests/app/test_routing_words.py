"""Rules, duty and clocks in words."""

from __future__ import annotations

import pytest

from app.routing_words import (
    as_yaml,
    blocks_of,
    condition_words,
    from_yaml,
    hours_words,
    people_words,
    span_words,
    step_words,
)

NAMES = {"a": "Ada", "b": "Bob"}


def test_a_condition_reads_as_a_sentence():
    assert condition_words("country:in:DE,AT") == "country is one of DE, AT"
    assert condition_words("attributes.shoe_size:gte:42") == "shoe size ≥ 42"
    assert condition_words("industry:empty") == "industry is empty"


def test_weights_are_told_where_they_differ():
    assert people_words({"people": {"a": 1, "b": 1}}, NAMES) == "Ada, Bob"
    assert people_words({"people": {"a": 2, "gone": 1}}, NAMES) == "Ada ×2, somebody who left ×1"


def test_the_way_through_the_rules_names_who_was_passed_over_and_why():
    steps = [
        {"rule": "big", "outcome": "conditions", "field": "employee_count", "op": "gte"},
        {"rule": "first", "outcome": "nobody", "a": "away"},
        {"rule": "second", "outcome": "chosen", "user_id": "b", "passed_over": {"a": "at_capacity", "c": "left"}},
    ]
    assert step_words(steps, NAMES) == (
        "big: employee count does not fit → first: Ada is away → second: Bob (Ada is full, somebody has left)"
    )


def test_hours_are_told_by_runs_of_days():
    week = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu")} | {"fri": ["09:00-13:00"]}
    assert hours_words({"hours": week}) == "mon–thu 09:00-17:00, fri 09:00-13:00"
    assert hours_words({}) == "around the clock"


def test_spans_and_blocks():
    assert [span_words(minutes) for minutes in (0, 15, 90, 1440)] == ["0 min", "15 min", "1 h 30 min", "1 d"]
    assert blocks_of("09:00–12:30; 13:30-18:00") == ["09:00-12:30", "13:30-18:00"]


def test_rules_go_out_as_yaml_and_come_back_the_same():
    routing = {"rules": [{"name": "Zürich", "when": ["country:eq:CH"], "people": {"a": 1}}], "fallback_user_id": "b"}
    assert from_yaml(as_yaml(routing)) == routing
    for text in ("a: [", "just words", "rules: 3"):
        with pytest.raises(ValueError, match=r"YAML|routing"):
            from_yaml(text)
