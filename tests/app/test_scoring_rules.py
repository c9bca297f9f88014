"""What is said of a draft of rules."""

from __future__ import annotations

from app.scoring_rules import decided_words, moved_table, moved_words, threshold_table

ANSWER = {
    "days": 90, "lead_count": 180, "band_change_count": 12, "grade_change_count": 5, "risen_count": 9,
    "decided_days": None, "won_count": 40, "lost_count": 0, "has_model": True,
    "thresholds": [{"band": "hot", "won_before": 10, "won_after": 20, "lost_before": 0, "lost_after": 0}],
}  # fmt: skip


def test_moves_are_said_with_their_direction():
    assert moved_words(ANSWER) == (
        "Of 180 leads of the last 90 days, **12 would change their band** (9 up, 3 down) and **5 their grade**."
    )
    assert "nobody would move" in moved_words({**ANSWER, "band_change_count": 0, "grade_change_count": 0})
    assert moved_words({**ANSWER, "lead_count": 0}) == "Nobody became known in the last 90 days."
    counts = [{"name": "hot", "before": 3, "after": 5}, {"name": "cold", "before": 0, "after": 0}]
    assert moved_table(counts, "Band").to_dict("records") == [{"Band": "Hot", "Now": 3, "Draft": 5, "Change": 2}]


def test_it_says_whose_outcomes_are_looked_at_and_whether_a_model_knew_them():
    assert decided_words(ANSWER) == (
        "40 won and 0 lost, of all time: in the last 90 days too few were decided. The model has learned from most of them, "
        "which flatters both sides alike."
    )
    assert decided_words({**ANSWER, "decided_days": 90, "has_model": False}).endswith("decided in the last 90 days.")
    assert decided_words({**ANSWER, "thresholds": []}).startswith("No lead has an outcome")
    (row,) = threshold_table(ANSWER).to_dict("records")
    assert row == {
        "At least": "Hot", "Won, now": "10 (25%)", "Won, draft": "20 (50%)", "Lost, now": "–", "Lost, draft": "–",
    }  # fmt: skip
