"""Which message of ours something answers: by several keys, each with how much it is worth."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta

from domain.replies.messages import Incoming
from domain.replies.verdicts import Verdict

LOOK_BACK = timedelta(days=60)
"""How long after our last message somebody's mail without any sign of a thread may still answer it."""
_PREFIX = re.compile(
    r"^\s*(?:(?:re|aw|sv|antw|odp|vs|fwd?|wg|tr|rv|r|i)(?:\[\d+\])?\s*:\s*|\[(?:external|extern)\]\s*)+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Key:
    """Message-IDs of ours that it may be about, most telling first. `confidence` is 0–1."""

    by: str
    message_ids: tuple[str, ...]
    confidence: float


def thread_keys(incoming: Incoming, verdict: Verdict) -> list[Key]:
    """Keys by Message-ID: a report's copy of ours, what it answers, and the thread it stands in.

    Providers that rewrite Message-IDs leave none of them: then `by_sender` is left.
    """
    of_report = {bounce.original_message_id for bounce in verdict.bounces}
    if verdict.complaint:
        of_report.add(verdict.complaint.original_message_id)
    keys = (
        Key("report", tuple(sorted(of_report - {""})), 0.99),
        Key("in_reply_to", incoming.in_reply_to, 0.99),
        Key("references", tuple(reversed(incoming.references)), 0.95),
    )
    return [key for key in keys if key.message_ids]


def senders_of(incoming: Incoming, verdict: Verdict) -> tuple[str, ...]:
    """Whose mail it would be without a thread: a report's recipients, else its sender."""
    if verdict.bounces:
        return tuple(bounce.recipient for bounce in verdict.bounces)
    if verdict.complaint:
        return verdict.complaint.recipients
    return (incoming.sender,) if "@" in incoming.sender else ()


def by_sender(subject: str, sent_subject: str | None) -> Key:
    """What it is worth that the address is one we wrote to: more where it is about the same."""
    is_same = sent_subject is not None and plain_subject(subject) == plain_subject(sent_subject) != ""
    return Key("sender_and_subject" if is_same else "sender", (), 0.85 if is_same else 0.6)


def plain_subject(subject: str) -> str:
    """A subject without what answering puts before it, in lower case."""
    return re.sub(r"\s+", " ", _PREFIX.sub("", subject)).strip().casefold()


def message_key(incoming: Incoming, raw: bytes) -> str:
    """What makes the same message known again under another UID: its Message-ID, else its bytes; 64 hexadecimal digits."""
    return hashlib.sha256(incoming.message_id.encode() if incoming.message_id else raw).hexdigest()
