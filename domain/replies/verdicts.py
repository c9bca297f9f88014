"""What a received message is. Programs are told apart first, by rules that can be named; only people are classified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.replies.absences import Absence, absence_of, is_gone
from domain.replies.bounces import Bounce, Scan, bounces_of, is_report
from domain.replies.complaints import Complaint, complaint_of
from domain.replies.demands import Demand, demand_by_subject, demand_in
from domain.replies.machines import MachineKind, Mark, mark_of
from domain.replies.messages import Incoming
from domain.replies.quoting import Words, words_of

LONGEST_ANSWER = 5_000
"""Characters of an automatic answer that are looked at."""


class MessageKind(StrEnum):
    """What came in."""

    COMPLAINT = "complaint"
    BOUNCE = "bounce"
    DELAY = "delay"
    """A report that the server still tries: nothing is to be done."""
    RECEIPT = "receipt"
    """A report of success."""
    OUT_OF_OFFICE = "out_of_office"
    GONE = "gone"
    """An automatic answer: they do not work there any more, or nobody reads the mailbox."""
    AUTO_REPLY = "auto_reply"
    BULK = "bulk"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a message is, by which rule, and what it says."""

    kind: MessageKind
    rule: str
    words: Words
    bounces: tuple[Bounce, ...] = ()
    complaint: Complaint | None = None
    absence: Absence | None = None
    demand: Demand | None = None


def judge(incoming: Incoming, scan: Scan, today: date) -> Verdict:
    """What a message is. `scan` reads reports that follow no standard; `today` is the day it came in.

    Order: complaints (RFC 5965), delivery reports (RFC 3464 and before), the button that unsubscribes, other programs
    (RFC 3834 and before), people.
    """
    words = words_of(incoming.text)
    if complaint := complaint_of(incoming):
        return Verdict(MessageKind.COMPLAINT, "feedback_report", words, complaint=complaint)
    if bounces := bounces_of(incoming, scan):
        is_delay = not any(bounce.is_final for bounce in bounces)
        return Verdict(MessageKind.DELAY if is_delay else MessageKind.BOUNCE, bounces[0].rule, words, bounces=bounces)
    if is_report(incoming):
        return Verdict(MessageKind.RECEIPT, "delivery_status", words)
    if demand := demand_by_subject(incoming.subject, words.written):
        return Verdict(MessageKind.HUMAN, "subject", words, demand=demand)
    if mark := mark_of(incoming):
        return _of_program(incoming, words, mark, today)
    return Verdict(MessageKind.HUMAN, "", words, demand=demand_in(words.written))


def _of_program(incoming: Incoming, words: Words, mark: Mark, today: date) -> Verdict:
    """An automatic answer. Who comes back on a day is away, even where the text speaks of a colleague who has left."""
    if mark.kind is MachineKind.BULK:
        return Verdict(MessageKind.BULK, mark.rule, words)
    said = (words.written or incoming.text)[:LONGEST_ANSWER]
    absence = absence_of(said, incoming.subject, today)
    if is_gone(said, incoming.subject) and (absence is None or absence.back_on is None):
        return Verdict(MessageKind.GONE, mark.rule, words)
    if absence:
        return Verdict(MessageKind.OUT_OF_OFFICE, mark.rule, words, absence=absence)
    return Verdict(MessageKind.AUTO_REPLY, mark.rule, words)
