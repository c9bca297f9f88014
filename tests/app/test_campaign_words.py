"""What came of a sequence, in a line."""

from __future__ import annotations

from app.campaign_words import figures

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
