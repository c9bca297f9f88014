"""Whether opens and clicks of a message are noted, and the addresses by which they are: signed, so that nobody can make one."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.outreach.steps import Part

PIXEL = 0
"""The number of the picture that is asked for when a message is shown; links count from 1."""
TRAP = 0xFFFF
"""The number of the link that no person is shown."""
MOST_LINKS = 500
_SIGNATURE_BYTES = 16


class When(StrEnum):
    """Which messages something is noted of."""

    NEVER = "never"
    FOLLOW_UPS = "follow_ups"
    """Not of the first message to somebody."""
    ALWAYS = "always"

    def holds(self, *, is_first: bool) -> bool:
        return self is When.ALWAYS or (self is When.FOLLOW_UPS and not is_first)


class Tracking(Part):
    """What a sequence says; where it is silent, the organization's setting holds."""

    opens: When | None = None
    clicks: When | None = None


@dataclass(frozen=True, slots=True)
class Tracked:
    """What is noted of one message."""

    opens: bool = False
    clicks: bool = False
    trap: bool = False
    """A link that no person is shown goes along with the others, in the HTML part."""


class TrackingSetting(Part):
    """What an organization says. Nothing is noted until it says so."""

    opens: When = When.NEVER
    clicks: When = When.NEVER
    trap: bool = False

    def of(self, sequence: Tracking, *, is_first: bool) -> Tracked:
        """What is noted of a message of a sequence."""
        clicks = (sequence.clicks or self.clicks).holds(is_first=is_first)
        return Tracked((sequence.opens or self.opens).holds(is_first=is_first), clicks, clicks and self.trap)


@dataclass(frozen=True, slots=True)
class Mark:
    """What an address stands for: one link of one message, its picture, or its trap."""

    organization_id: str
    outbox_message_id: str
    number: int


def make_token(mark: Mark, key: bytes) -> str:
    """67 characters that fit in a path, signed under the organization's key."""
    said = _said(mark)
    signature = hmac.digest(key, b"tracking\x00" + said, "sha256")[:_SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(said + signature).rstrip(b"=").decode()


def parse_token(token: str) -> Mark | None:
    """What a token says, or None. It is not checked yet."""
    try:
        raw = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != 16 + 16 + 2 + _SIGNATURE_BYTES:
        return None
    ids = (str(UUID(bytes=raw[:16])), str(UUID(bytes=raw[16:32])))
    return Mark(*ids, int.from_bytes(raw[32:34]))


def is_signed(token: str, mark: Mark, key: bytes) -> bool:
    """Compares the whole token, so that no second spelling of it passes."""
    return hmac.compare_digest(make_token(mark, key).encode(), token.encode())


def _said(mark: Mark) -> bytes:
    return UUID(mark.organization_id).bytes + UUID(mark.outbox_message_id).bytes + mark.number.to_bytes(2)
