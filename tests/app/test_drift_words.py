"""The Model page's words on drift: what alarms has a badge, and nothing is said twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from app.drift_words import drift_words


def row(subject, level, detail, drift=0.3):
    told = {"base_rate": "Base rate", "ranking": "Ranking"}.get(subject, subject.capitalize())
    return {
        "subject": subject,
        "label": told,
        "drift": drift,
        "by_chance": 0.05,
        "level": level,
        "detail": json.dumps(detail),
    }


RATE = row("base_rate", "steady", [["good", 0.2, 0.2], ["not good", 0.8, 0.8]])
PLAN = row("plan", "steady", [["basic", 0.5, 0.5], ["pro", 0.5, 0.5]], drift=0.01)


def ranking(level, now):
    return row("ranking", level, [["AUC", 0.82, now]])


def levels(rows):
    return [level for level, _ in drift_words(rows).lines]


def test_a_ranking_that_alone_has_fallen_is_an_alarm_with_advice():
    words = drift_words([RATE, ranking("alarm", 0.61), PLAN])
    level, said = words.lines[1]
    assert (level, said[:8]) == ("alarm", "Ranking:")
    assert "0.610" in said
    assert words.cost == ""
    assert words.advice.startswith("Train again")


def test_where_a_feature_alarms_a_steady_ranking_is_what_it_costs():
    words = drift_words([RATE, ranking("steady", 0.82), {**PLAN, "level": "alarm"}])
    assert [level for level, _ in words.lines] == ["steady", "alarm"]
    assert words.cost.startswith("The ranking has not suffered")
    assert "Plan" in words.advice


def test_a_steady_look_tells_base_rate_and_ranking_and_asks_for_nothing():
    words = drift_words([RATE, ranking("steady", 0.82), PLAN])
    assert levels([RATE, ranking("steady", 0.82), PLAN]) == ["steady", "steady"]
    assert (words.cost, words.advice, words.more) == ("", "", "")


def test_many_alarms_are_told_in_three_lines_and_counted():
    many = [{**PLAN, "subject": f"plan {place}", "level": "alarm"} for place in range(5)]
    words = drift_words([RATE, *many])
    assert len(words.lines) == 4
    assert words.more == "2 more alarms below."


def test_a_pull_that_changed_is_told_with_its_day_and_counts_among_no_features():
    halves = [["those it speaks for", 0.14, 0.06], ["the others", 0.05, 0.05]]
    pull = {
        **row("pull:budget", "alarm", halves, drift=0.2),
        "label": "Budget",
        "since": datetime(2026, 3, 24, tzinfo=UTC),
    }
    words = drift_words([{**RATE, "since": None}, pull, ranking("steady", 0.82)])
    assert [level for level, _ in words.lines] == ["steady", "alarm"]
    assert "since about 24 March" in words.lines[1][1]
    assert words.advice.startswith("Trust the order of leads less")
