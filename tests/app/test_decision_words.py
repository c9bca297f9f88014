"""Decisions of the ledger in words that people read: outcomes, reasons, the steps of a route, names for ids."""

from __future__ import annotations

from app.decision_words import KINDS, detail_lines, kind_words, outcome_words, reason_words
from domain.decisions import DecisionKind

PEOPLE = {"u1": "Ada Lovelace", "u2": "Ben Okri"}


def test_every_kind_of_decision_there_is_has_its_words():
    assert set(DecisionKind) <= set(KINDS)
    assert kind_words("made_up_later") == ("rule", "Made up later")


def test_a_person_is_called_by_name_and_anything_else_by_its_words():
    assert outcome_words("u1", PEOPLE) == "Ada Lovelace"
    assert outcome_words("not_identified", PEOPLE) == "not identified"
    assert reason_words("owner_is_away") == "owner is away"
    assert reason_words("") == "no reason was kept"


def test_the_way_of_a_route_is_told_rule_by_rule():
    detail = {
        "steps": [
            {"rule": "Germany", "outcome": "conditions", "field": "country", "op": "eq"},
            {"rule": "Big ones", "outcome": "nobody", "u2": "is_away"},
            {"rule": "fallback", "outcome": "chosen", "user_id": "u1"},
        ]
    }
    assert detail_lines(detail, PEOPLE) == [
        "Rule Germany: conditions (field country, op eq)",
        "Rule Big ones: nobody (Ben Okri is away)",
        "Rule fallback: chosen (Ada Lovelace)",
    ]


def test_a_score_tells_its_reasons_and_what_it_was_and_leaves_out_what_says_nothing():
    detail = {
        "from_band": "cool", "to_score": 88.4, "is_provisional": True, "changed": [], "anonymous_id": "x",
        "reasons": [{"text": "Asked for a price", "effect": 12.2}, {"text": "Free mail", "effect": None}],
    }  # fmt: skip
    assert detail_lines(detail, PEOPLE) == [
        "+12 Asked for a price",
        "Free mail",
        "From band: cool",
        "To score: 88.4",
        "Is provisional: Yes",
    ]
