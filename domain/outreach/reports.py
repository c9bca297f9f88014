"""What a provider reports of messages that it carried, in our words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class ReportKind(StrEnum):
    DELIVERED = "delivered"
    """A server of the recipient took it."""
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    """The recipient marked it as spam."""
    DELAYED = "delayed"
    """The provider goes on trying."""
    REFUSED = "refused"
    """The provider did not send it."""
    OPENED = "opened"
    CLICKED = "clicked"


HITS = frozenset({ReportKind.OPENED, ReportKind.CLICKED})
"""Requests by whoever it was: they are judged like those that come to us."""


@dataclass(frozen=True, slots=True)
class Report:
    """`named`: our own id of the message, or its Message-ID. `is_final`: of a bounce, that nothing will ever arrive there."""

    kind: ReportKind
    named: str
    occurred_at: datetime
    is_final: bool = False
    reason: str = ""
    text: str = ""
    link_url: str = ""
    user_agent: str = ""
    ip: str = ""

    @property
    def suppresses(self) -> bool:
        """Whether nobody shall write to that address any more."""
        return self.kind is ReportKind.COMPLAINED or (self.kind is ReportKind.BOUNCED and self.is_final)

    def detail(self) -> dict[str, Any]:
        """What is kept beside the event."""
        found: dict[str, Any] = {"by": "provider"}
        if self.kind is ReportKind.BOUNCED:
            found["bounce"] = "hard" if self.is_final else "soft"
        return found | {name: text[:300] for name, text in (("reason", self.reason), ("text", self.text)) if text}
