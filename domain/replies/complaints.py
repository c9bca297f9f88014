"""Feedback reports (RFC 5965): somebody pressed "spam". The address is left alone, whatever else is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr

from domain.replies.bounces import original_id
from domain.replies.messages import Incoming, copy_of, decoded, part_of, text_in

_NO_COMPLAINT = frozenset({"not-spam", "auth-failure", "dmarc"})
"""Types that are about us and not from a reader who objects (RFC 6430, RFC 6591)."""
_OUTLOOK_FIELD = "X-HmXmrOriginalRecipient"
_FIELD = re.compile(r"^([!-9;-~]+):[ \t]*(.*(?:\r?\n[ \t].*)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a feedback report says. `recipients` are in lower case and may be empty: many providers black them out."""

    feedback_type: str
    recipients: tuple[str, ...]
    original_message_id: str
    reported_by: str
    """`User-Agent` of the reporter."""

    @property
    def suppresses(self) -> bool:
        return self.feedback_type not in _NO_COMPLAINT


def complaint_of(incoming: Incoming) -> Complaint | None:
    """The report that a message is, or None. Recipients: `Original-Rcpt-To`, else whom the copy of our message names.

    Outlook.com reports without RFC 5965: a copy with a field of its own that names who complained.
    """
    copy = copy_of(incoming.parsed)
    part = part_of(incoming.parsed, "message/feedback-report")
    if part is None:
        named = decoded(copy.get(_OUTLOOK_FIELD, "")).casefold() if copy is not None else ""
        return Complaint("abuse", (named,), original_id(incoming), "outlook.com") if "@" in named else None
    fields: dict[str, list[str]] = {}
    for name, value in _FIELD.findall(text_in(part)):
        fields.setdefault(name.casefold(), []).append(decoded(value))
    recipients = [parseaddr(value)[1].casefold() for value in fields.get("original-rcpt-to", ())]
    if not any("@" in address for address in recipients) and copy is not None:
        recipients = [parseaddr(decoded(copy.get("To", "")))[1].casefold()]
    return Complaint(
        feedback_type=fields.get("feedback-type", ["abuse"])[0].casefold(),
        recipients=tuple(dict.fromkeys(address for address in recipients if "@" in address)),
        original_message_id=original_id(incoming),
        reported_by=fields.get("user-agent", [""])[0][:200],
    )
