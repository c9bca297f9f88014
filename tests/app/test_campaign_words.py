"""What came of a sequence, in a line."""

from __future__ import annotations

from app.campaign_words import figures, finish_lines, reason_text

NOBODY = {"opened": 40, "opened_by_machines": 90, "clicked": 0, "clicked_by_machines": 0}


def test_answers_and_clicks_of_people_are_told_and_opens_are_not():
    said = figures(
        {"sent": 1_412, "replied": 31, "refused": 2, "bounced": 1}, NOBODY | {"clicked": 18, "clicked_by_machines": 57}
    )
    assert said == (
        "1,412 sent · 31 answered · 18 clicked by people · 3 bounced or refused · programs followed links of 57 messages"
    )


def test_nothing_is_said_of_what_did_not_happen():
    assert figures({}, NOBODY) == ""


def test_before_a_start_it_says_when_it_is_through_and_which_limit_decides_that():
    found = {
        "people": 75, "messages": 150, "last_new_on": "2026-03-11", "finishes_on": "2026-03-16", "reason": "", "left": 0,
        "limits": [{"name": "ramp", "days": 7}, {"name": "new_per_day", "days": 1}],
    }  # fmt: skip
    assert finish_lines(found)[:3] == [
        "**Through on Monday, 16 March 2026**: 75 people, 150 messages at most.",
        "The last of them hears from you first on Wednesday, 11 March 2026.",
        "The smallest limit is the mailbox's ramp: somebody waits for it on 7 days.",
    ]
    assert finish_lines(found | {"limits": []})[2] == "No limit holds anybody up: the steps decide."
    never = {"finishes_on": None, "reason": "campaign_over", "left": 1, "limits": []}
    assert finish_lines(found | never)[1] == "Its last day comes before everybody is through; 1 person is not through."
    assert len(finish_lines(found | {"people": 0})) == 1


def test_an_address_that_rests_says_after_how_many_failures():
    said = reason_text("soft_bounces", {"failures": 3, "within_days": 30})
    assert said.endswith("the address rests (3 times within 30 days)")


def test_who_waits_for_the_best_hour_reads_which_one_and_why():
    chosen = {"send_time": "Tue 10:00 chosen: 9.1% answer then, 6.2% on the whole"}
    assert reason_text("best_hour", chosen).endswith(
        "answer most: Tue 10:00 chosen: 9.1% answer then, 6.2% on the whole"
    )
