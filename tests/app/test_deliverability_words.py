"""Rates and verdicts: the lines that large receivers draw, and nothing said of too few."""

from __future__ import annotations

import pytest

from app.deliverability_words import rate, verdict


def counts(sent, bounced=0, complained=0):
    return {"sent": sent, "bounced": bounced, "complained": complained, "unsubscribed": 0, "replied": 0}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (counts(90, 9), "Too few to say"),
        (counts(1_000), "Good"),
        (counts(980, 20), "Bounces a little high"),
        (counts(1_000, 0, 1), "Complaints near the line"),
        (counts(900, 100, 1), "Bounces: clean the list"),
        (counts(900, 100, 3), "Complaints: stop and look"),
    ],
)
def test_the_worst_is_said_first(found, said):
    assert verdict(found) == said


def test_what_bounced_at_once_counts_as_tried_and_nothing_has_no_rate():
    assert rate(counts(75, 25), "bounced") == 0.25
    assert rate(counts(0), "complained") is None
