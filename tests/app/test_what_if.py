"""What is said of a lead that was other than it is."""

from __future__ import annotations

from app.what_if import promise_words, step_words, why_lines


def scored(*reasons, promise=None):
    return {
        "reasons": [{"text": text, "effect": effect, "source": "rule"} for text, effect in reasons],
        "promise": promise,
    }


def test_new_reasons_changed_ones_and_those_that_fall_away_are_told_apart():
    before = scored(("Title: Student", -15.0), ("Phone number given", 5.0), ("Visits: 1", 3.0))
    after = scored(("Title: CEO", 20.0), ("Visits: 1", 8.0), ("Phone number given", 5.2))
    assert why_lines(before, after) == [
        ":green-badge[+20] Title\\: CEO **new**",
        ":green-badge[+8] Visits\\: 1",
        ":gray-badge[+5] Phone number given",
        ":gray-badge[-15] :gray[~~Title\\: Student~~]",
    ]


def test_a_chance_is_told_with_what_came_of_the_like():
    promise = {"lead_count": 412, "promised": 0.118, "came": 0.13, "low": 0.1, "high": 0.165}
    assert promise_words(scored(promise=promise)) == (
        "Of 412 leads that were promised about 12%, 13% converted (95 % interval 10% to 16%)."
    )
    assert promise_words(scored()) == ""
    assert (step_words("B2", "A1"), step_words("B2", "B2")) == ("B2 → A1", "B2")


def test_a_prior_says_how_sure_the_chance_is_and_is_no_reason_of_the_score():
    told = {"text": "Chance from clients like you: 12% (5% to 25%), from 4 clients", "effect": 0.0, "source": "prior"}
    rule = {"text": "Title says decision maker", "effect": 14.0, "source": "rule"}
    before = {"promise": None, "reasons": [{**told, "text": "Chance from clients like you: 8%"}]}
    after = {"promise": None, "reasons": [rule, told]}
    assert promise_words(after) == "Chance from clients like you: 12% (5% to 25%), from 4 clients."
    assert promise_words({"promise": None, "reasons": [rule]}) == ""
    assert [line for line in why_lines(before, after) if "Chance" in line] == []
