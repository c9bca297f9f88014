"""What somebody who was written to may ask for, by the link in every message."""

from __future__ import annotations

from enum import StrEnum


class Choice(StrEnum):
    EVERYTHING = "everything"
    """No more messages of the organization, in any campaign."""
    CAMPAIGN = "campaign"
    """No more of this campaign."""
    PAUSE_30 = "pause_30"
    PAUSE_90 = "pause_90"
    NOTHING = "nothing"

    @property
    def days(self) -> int:
        """How long a pause lasts; 0 for what is none."""
        return {Choice.PAUSE_30: 30, Choice.PAUSE_90: 90}.get(self, 0)


def choice_of(said: str) -> Choice:
    """What a form says. Whatever else comes by that way is the one click of a mail program, which leaves (RFC 8058)."""
    return Choice(said) if said in set(Choice) else Choice.EVERYTHING
