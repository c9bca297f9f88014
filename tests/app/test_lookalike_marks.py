"""What is said of the marks' effect."""

from __future__ import annotations

from app.lookalike_marks import effect_words, entered_lines, gain_words, left_lines


def effect(**changes):
    left = [
        {"company_id": "a", "name": "Acme_Co", "before": 3, "after": None, "why": "unfit"},
        {"company_id": "b", "name": "Bolt", "before": 49, "after": 112, "why": "ranked"},
    ]
    entered = [{"company_id": "c", "name": "Cargo", "before": 61, "after": 44, "why": "ranked"}]
    return {
        "compared": 50,
        "stayed_count": 48,
        "entered_count": 2,
        "left_count": 2,
        "entered": entered,
        "left": left,
        **changes,
    }


def test_the_effect_says_who_came_and_who_went_and_why():
    assert effect_words(effect()) == "Of the first 50, **48 stayed**, 2 left and 2 came in."
    assert "number 61 → number 44" in entered_lines(effect())[0]
    first, second = left_lines(effect())
    assert first.endswith("number 3 → not a fit]")
    assert "Acme\\_Co" in first
    assert second.endswith("number 49 → number 112]")
    assert "are the same companies" in effect_words(effect(stayed_count=50, entered_count=0, left_count=0))


def test_a_gain_is_claimed_only_where_chance_does_not_explain_it():
    assert gain_words(None) == ""
    assert "find more of your customers" in gain_words((0.05, 0.01, 0.09))
    assert "find fewer" in gain_words((-0.05, -0.09, -0.01))
    assert "cannot tell" in gain_words((0.01, -0.02, 0.04))
