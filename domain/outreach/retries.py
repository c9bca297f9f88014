"""What an SMTP server's answer means, and when to try again (RFC 5321 §4.5.4.1, enhanced codes of RFC 3463).

The three digits say whether to try again; the enhanced code says whose fault it is. A full mailbox and a blocked sender are
no reason to leave somebody alone for good: only an address that does not exist is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class ReplyClass(StrEnum):
    """What came of handing a message over."""

    ACCEPTED = "accepted"
    LATER = "later"
    """Busy, greylisted, over a quota: the same message again."""
    NO_SUCH_ADDRESS = "no_such_address"
    """A hard bounce: the address is suppressed."""
    MAILBOX_FULL = "mailbox_full"
    """A soft bounce: not this message; the person may be written to again."""
    BLOCKED = "blocked"
    """Our reputation, or their policy: an alarm for the sender, no fault of the recipient."""
    MAILBOX_BROKEN = "mailbox_broken"
    """Our login, or our right to send from this address: the mailbox stops until somebody looks."""
    REFUSED = "refused"
    """For good, for a reason that says nothing about the address."""


class Phase(StrEnum):
    """What was said last: the same code means different things at different times."""

    CONNECT = "connect"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"


FIRST_RETRY = timedelta(minutes=30)
SHORTEST_RETRY, LONGEST_RETRY = timedelta(hours=2), timedelta(hours=3)
GIVE_UP_AFTER = timedelta(days=5)

_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_NOBODY = re.compile(
    r"user unknown|unknown user|no such (?:user|recipient|mailbox|address|person)|(?:recipient|address|user|mailbox)"
    r"(?: address)? (?:rejected: user|not found|does ?n[o']t exist|unknown|invalid)|does not exist|invalid recipient"
    r"|unknown recipient|mailbox unavailable|not a valid (?:mailbox|recipient)|no mailbox here|account .*(?:disabled|closed)"
    r"|unrouteable address",
    re.IGNORECASE,
)
_FULL = re.compile(
    r"mailbox (?:is )?full|over ?quota|quota exceeded|insufficient (?:system )?storage|out of storage", re.IGNORECASE
)
_BLOCKED = re.compile(
    r"spam|block(?:ed|list)|black ?list|reputation|dmarc|spf\b|dkim|denied by policy|policy (?:reasons?|violation|rejection)"
    r"|unsolicited|bulk|rbl\b|spamhaus|barracuda|authentication (?:check|result)|unauthenticated",
    re.IGNORECASE,
)
_WAIT = re.compile(r"(?:try|retry)[^.]{0,40}?\b(\d{1,5})\s*(second|sec|minute|min|hour)", re.IGNORECASE)
_SECONDS = {"sec": 1, "second": 1, "min": 60, "minute": 60, "hour": 3600}


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer: three digits, the text after them, and what it answered to."""

    code: int
    text: str = ""
    phase: Phase = Phase.DATA

    @property
    def enhanced(self) -> tuple[int, int, int] | None:
        found = _ENHANCED.search(self.text)
        return (int(found[1]), int(found[2]), int(found[3])) if found else None


def classify(reply: Reply) -> ReplyClass:
    """What the answer means. An enhanced code of another class than the three digits is not believed."""
    if 200 <= reply.code < 400:
        return ReplyClass.ACCEPTED
    if reply.phase is Phase.LOGIN or reply.code in {530, 534, 535, 538}:
        return ReplyClass.LATER if reply.code in {421, 454} else ReplyClass.MAILBOX_BROKEN
    if 400 <= reply.code < 500:
        return ReplyClass.LATER
    if reply.code < 500 or reply.code >= 600:
        return ReplyClass.LATER  # nothing a mail server says: a proxy, or a line cut short
    enhanced = reply.enhanced
    if enhanced is not None and enhanced[0] == 5 and (found := _by_enhanced(enhanced[1], enhanced[2], reply)):
        return found
    return _by_words(reply)


def _by_enhanced(subject: int, detail: int, reply: Reply) -> ReplyClass | None:  # noqa: PLR0911  one for each code
    match subject, detail:
        case 1, 7 | 8:
            return ReplyClass.MAILBOX_BROKEN
        case 1, 0 | 1 | 2 | 3 | 6 | 10:
            return ReplyClass.BLOCKED if _BLOCKED.search(reply.text) else ReplyClass.NO_SUCH_ADDRESS
        case 2, 1:
            return ReplyClass.NO_SUCH_ADDRESS
        case 2, 2:
            return ReplyClass.MAILBOX_FULL
        case 4, 4:
            return ReplyClass.NO_SUCH_ADDRESS
        case 7, 8 | 9 | 60:
            return ReplyClass.MAILBOX_BROKEN
        case 7, _:
            return ReplyClass.NO_SUCH_ADDRESS if _is_nobody(reply) else ReplyClass.BLOCKED
        case ((3 | 5 | 6), _):
            return ReplyClass.REFUSED
        case _:
            return None


def _by_words(reply: Reply) -> ReplyClass:
    if reply.code == 552 or _FULL.search(reply.text):
        return ReplyClass.MAILBOX_FULL if reply.phase is not Phase.SENDER else ReplyClass.REFUSED
    if _is_nobody(reply):
        return ReplyClass.NO_SUCH_ADDRESS
    if _BLOCKED.search(reply.text) or reply.code in {521, 554, 571}:
        return ReplyClass.BLOCKED
    if reply.phase is Phase.RECIPIENT and reply.code in {550, 551, 553, 556}:
        return ReplyClass.NO_SUCH_ADDRESS
    return ReplyClass.REFUSED


def _is_nobody(reply: Reply) -> bool:
    return bool(_NOBODY.search(reply.text)) and not _BLOCKED.search(reply.text)


def retry_after(tries: int, age: timedelta, *, chance: float, text: str = "") -> timedelta | None:
    """How long to wait after try number `tries` (1 is the first) of a message that is `age` old; None to give up.

    Two tries in the first hour, then one every two to three hours, for five days. A time the server names is a lower
    bound.
    """
    if age >= GIVE_UP_AFTER:
        return None
    asked = _WAIT.search(text)
    named = timedelta(seconds=int(asked[1]) * _SECONDS[asked[2].lower()]) if asked else timedelta()
    if tries <= 1:
        return max(FIRST_RETRY, named)
    return max(SHORTEST_RETRY + (LONGEST_RETRY - SHORTEST_RETRY) * chance, named)
