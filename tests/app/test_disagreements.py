"""What is said of models that disagree."""

from __future__ import annotations

import pandas as pd

from app.disagreements import disagreements, said, table

SHARES = {
    ("Email", "last_touch"): 0.2, ("Email", "linear"): 0.3, ("Paid", "last_touch"): 0.5, ("Paid", "linear"): 0.45,
    ("Organic", "last_touch"): 0.3, ("Organic", "linear"): 0.25,
}  # fmt: skip


def drawn(*rows):
    names = ("channel", "model", "share_above_last_touch_low", "share_above_last_touch_high")
    return pd.DataFrame(rows, columns=names)


def test_only_what_chance_does_not_explain_is_said_the_largest_first():
    found = disagreements(
        SHARES,
        drawn(
            ("Email", "linear", 0.05, 0.15),
            ("Paid", "linear", -0.08, -0.02),
            ("Organic", "linear", -0.11, 0.01),
            ("Email", "markov", 0.1, 0.2),
        ),
        ["linear"],
        "last_touch",
    )
    assert [(one.channel, round(one.difference, 3)) for one in found] == [("Email", 0.1), ("Paid", -0.05)]
    assert said(found) == "Linear gives Email 10.0 points more; Linear gives Paid 5.0 points less than last touch does."
    assert list(table(found)["95 %"]) == ["+5.0 to +15.0", "-8.0 to -2.0"]


def test_models_that_say_the_same_are_said_to():
    assert said(disagreements(SHARES, drawn(("Email", "linear", -0.01, 0.15)), ["linear"], "last_touch")).startswith(
        "None"
    )
