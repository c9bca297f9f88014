"""Messages that belong together: subjects of answers, and the headers that hold a thread (RFC 5322 §3.6.4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_ANSWERED = re.compile(r"^\s*(?:re|aw|sv|antw|rif|odp|vs|ynt)\s*(?:\[\d+\])?\s*:\s*", re.IGNORECASE)
MOST_REFERENCES = 20
_MESSAGE_ID = re.compile(r"<[^<>\s@]+@[^<>\s]+>")


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a message stands. `in_reply_to` is None for the first of a thread."""

    subject: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()


def follow(subject: str, before: Sequence[tuple[str, str]]) -> Thread:
    """A message after others, given as (Message-ID, subject), oldest first. Without a subject it goes on in the thread of
    the last one; with its own it begins a new thread."""
    if subject.strip() or not before:
        return Thread(subject.strip())
    last_id, last_subject = before[-1]
    base = base_subject(last_subject)
    same = [message_id for message_id, earlier in before if base_subject(earlier) == base]
    kept = same if len(same) <= MOST_REFERENCES else [same[0], *same[1 - MOST_REFERENCES :]]
    return Thread(f"Re: {base}", last_id, tuple(kept))


def base_subject(subject: str) -> str:
    """The subject without marks of answering, in any of the languages mail programs write them."""
    while (shorter := _ANSWERED.sub("", subject)) != subject:
        subject = shorter
    return subject.strip()


def message_ids(header: str) -> tuple[str, ...]:
    """The ids that a header names, in order."""
    return tuple(_MESSAGE_ID.findall(header))
