"""What an experiment is judged by: outcomes that the operational store knows of, and harms that none may cause."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Metric(StrEnum):
    """What counts as a success, when it happened after the unit met its arm and within the horizon."""

    FORM_SUBMISSION = "form_submission"
    """An accepted submission of any form."""
    REPLY = "reply"
    """A person's answer to a message of a sequence; absences and bounces are none."""
    MEETING = "meeting"
    """A meeting that somebody wrote down, or ticked off as a task."""
    DEAL_OPENED = "deal_opened"
    DEAL_WON = "deal_won"


MARGINS: Mapping[str, float] = {"bounced": 0.01, "unsubscribed": 0.01, "complained": 0.001}
"""By how much each harm may rise, in shares of units, before an arm is no longer called safe."""
