"""Scoring by rules: bounded, explained, and indifferent to the order things are written in."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.scoring import (
    TESTS,
    Band,
    Condition,
    Group,
    Rule,
    ScoringRules,
    band_of,
    faded,
    grade_of,
    log_odds,
    score_by_rules,
    score_from_odds,
    shown_value,
)
from domain.scoring_rules import parse_rules

FEATURES = ["visits", "replies", "pricing", "bounces"]


def make_group(name: str = "web", cap: float = 50, *rules: Rule, fades_with: str | None = "age") -> Group:
    return Group(name, cap, rules or (Rule("visits", "Visits: {value}", 10, per="visits", most=10),), fades_with)


rules_strategy = st.builds(
    lambda name, points, per, most: Rule(name, f"{name} {{value}}", points, per=per, most=most),
    name=st.text("abcdef", min_size=1, max_size=6),
    points=st.floats(-60, 60),
    per=st.sampled_from(FEATURES),
    most=st.integers(1, 5),
)
groups_strategy = st.builds(
    lambda name, cap, rules, fades: Group(name, cap, tuple(rules), "age" if fades else None),
    name=st.text("xyz", min_size=1, max_size=4),
    cap=st.floats(1, 120),
    rules=st.lists(rules_strategy, max_size=6),
    fades=st.booleans(),
)
books = st.builds(
    lambda fit, engagement, weight: ScoringRules("t", tuple(fit), tuple(engagement), fit_weight=weight),
    st.lists(groups_strategy, max_size=4),
    st.lists(groups_strategy, max_size=4),
    st.floats(0, 1),
)
facts_strategy = st.fixed_dictionaries(
    {name: st.one_of(st.none(), st.integers(-3, 50), st.floats(-10, 100)) for name in FEATURES},
    optional={"age": st.one_of(st.none(), st.floats(0, 400))},
)


@settings(deadline=None)
@given(books, facts_strategy)
def test_every_score_lies_between_nothing_and_a_hundred(book, facts):
    found = score_by_rules(book, facts)
    assert all(0 <= value <= 100 for value in (found.fit, found.engagement, found.score))


@settings(deadline=None)
@given(books, facts_strategy, st.randoms(use_true_random=False))
def test_the_order_of_groups_and_rules_changes_nothing(book, facts, chance: random.Random):
    def shuffled(groups):
        mixed = [replace(group, rules=tuple(chance.sample(group.rules, len(group.rules)))) for group in groups]
        return tuple(chance.sample(mixed, len(mixed)))

    other = replace(book, fit=shuffled(book.fit), engagement=shuffled(book.engagement))
    assert score_by_rules(other, facts) == score_by_rules(book, facts)


@settings(deadline=None)
@given(books, facts_strategy, st.floats(0, 400), st.floats(0, 400))
def test_engagement_never_rises_by_waiting(book, facts, one, other):
    soon, late = sorted((one, other))
    awake = score_by_rules(book, {**facts, "age": soon}).engagement
    assert score_by_rules(book, {**facts, "age": late}).engagement <= awake + 1e-9


@given(groups_strategy, facts_strategy)
def test_a_group_stays_within_its_cap_and_its_reasons_add_up_to_it(group, facts):
    found = score_by_rules(ScoringRules("t", (group,), ()), facts)
    total = sum(reason.effect for reason in found.fit_reasons)
    assert abs(total) <= group.cap + 1e-6
    assert found.fit == pytest.approx(min(max(total, 0), 100), abs=1e-6)


@given(st.floats(0, 100), st.floats(0, 365), st.floats(1, 90))
def test_points_halve_once_every_half_life(points, age, half_life):
    assert faded(points, age + half_life, half_life) == pytest.approx(faded(points, age, half_life) / 2)


def test_points_against_a_lead_do_not_heal_by_waiting():
    assert faded(-20, 365, 14) == -20


def test_engagement_of_unknown_age_counts_in_full():
    assert faded(20, None, 14) == 20


def test_a_counted_rule_stops_counting_at_its_most():
    rule = Rule("pricing", "Pricing pages: {value}", 12, per="pricing", most=3)
    assert [rule.earned({"pricing": seen}) for seen in (None, 0, 2, 3, 50)] == [0, 0, 24, 36, 36]


def test_a_reason_reads_as_a_sentence_with_what_was_counted():
    rule = Rule("pricing", "Pricing pages seen: {value}", 12, per="pricing", most=3)
    found = score_by_rules(ScoringRules("t", (), (make_group("intent", 50, rule),)), {"pricing": 2, "age": 0})
    assert [(reason.text, reason.effect, reason.source) for reason in found.engagement_reasons] == [
        ("Pricing pages seen: 2", 24.0, "rule")
    ]


@pytest.mark.parametrize(
    ("test", "value", "operand", "holds"),
    [
        ("is", "Berlin", "berlin", True),
        ("is", 3, "3", True),
        ("is", True, True, True),
        ("is", None, "x", False),
        ("is_not", None, "x", True),
        ("in", "Email", ("email", "chat"), True),
        ("not_in", "Email", ("email", "chat"), False),
        ("at_least", None, 1, False),
        ("at_least", "12", 10, True),
        ("at_most", 0, 0, True),
        ("at_most", None, 0, False),
        ("contains_any", "CEO and founder", (" ceo ",), True),
        ("contains_any", "Oceanographer", (" ceo ",), False),
        ("known", "", True, False),
        ("known", None, False, True),
    ],
)
def test_a_condition_means_what_it_says(test, value, operand, holds):
    assert Condition("fact", test, operand).holds({"fact": value}) is holds


def test_bands_and_grades_begin_at_their_cut():
    book = ScoringRules("t", (), ())
    assert [band_of(book, score) for score in (75, 74.9, 50, 25, 24.9)] == [
        Band.HOT,
        Band.WARM,
        Band.WARM,
        Band.COOL,
        Band.COLD,
    ]
    assert [grade_of(book, fit, engaged) for fit, engaged in ((60, 60), (30, 25), (29, 24))] == ["A1", "B2", "C3"]


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_the_learned_score_rises_with_the_probability_and_is_fifty_for_the_average_lead(base, one, other):
    less, more = sorted((one, other))
    assert score_from_odds(log_odds(base), log_odds(base)) == pytest.approx(50)
    assert score_from_odds(log_odds(less), log_odds(base)) <= score_from_odds(log_odds(more), log_odds(base))


def test_three_times_the_odds_of_the_average_lead_is_seventy_five():
    assert score_from_odds(log_odds(0.25), log_odds(0.1)) == pytest.approx(75)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"fitt": []}, "no such key 'fitt'"),
        ({"fit": {}}, "fit is a list"),
        ({"fit": [{"name": "a", "rules": []}]}, "fit[0].cap"),
        ({"fit": [{"cap": 5, "rules": [{"points": 1}]}]}, "rules[0] needs a name"),
        ({"fit": [{"cap": 5, "rules": [{"name": "a", "points": "x"}]}]}, "points is not a number"),
        ({"fit": [{"cap": 5, "rules": [{"name": "a", "points": 1, "when": {"b": {"like": 1}}}]}]}, "no test 'like'"),
        ({"fit": [{"cap": 5, "rules": [{"name": "a", "points": 1, "when": {"b": {"in": "x"}}}]}]}, "takes a list"),
        ({"fit": [{"cap": 5, "rules": [{"name": "a", "points": 1}, {"name": "a", "points": 1}]}]}, "used twice"),
        ({"bands": {"hot": 20}}, "bands fall"),
        ({"fit_weight": 2}, "between 0 and 1"),
        ({"half_life_days": 0}, "above 0"),
    ],
)
def test_a_fault_in_the_rules_is_named_with_its_place(raw, says):
    with pytest.raises(InvalidInput, match=says.replace("[", r"\[").replace("]", r"\]")):
        parse_rules(raw)


def test_every_test_a_rule_may_ask_answers_for_a_missing_fact():
    for test in TESTS:
        operand = ("x",) if test in {"in", "not_in", "contains_any"} else 1
        assert Condition("gone", test, operand).holds({}) in {True, False}


def test_values_are_shown_as_people_write_them():
    shown = [shown_value(value) for value in (None, True, 3, 1250, 12.5, 0.12345, "Referral", 1250.0)]
    assert shown == ["unknown", "yes", "3", "1,250", "12.5", "0.123", "Referral", "1,250"]
