"""One received message, from its bytes to what it changes: read, matched, understood, and then acted on in one transaction.

Twice the same message changes nothing: it is known by its Message-ID in its mailbox.
"""

from __future__ import annotations

from contextlib import suppress as suppress_errors
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from domain.contacts import EmailAddress
from domain.decisions import DecisionKind
from domain.errors import InvalidInput
from domain.outreach.signals import Signal
from domain.replies.bounces import Bounce
from domain.replies.failures import BounceKind
from domain.replies.intents import Intent, IntentReader, Reading, read_intent
from domain.replies.matching import LOOK_BACK, by_sender, message_key, senders_of, thread_keys
from domain.replies.messages import Incoming, parse
from domain.replies.verdicts import MessageKind, Verdict, judge
from domain.tasks import TaskKind
from domain.tenancy import Actor, Scope
from serving.replies.heuristics import scan
from serving.replies.imap import Letter
from serving.sending.resting import note_failure
from serving.sending.signalling import react, suppress, unsubscribe
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.outbox import MessageEvents, Outbox, event_of
from storage.ops.repositories.replies import InboundMessages, ReplyContent
from storage.ops.repositories.tasks import Tasks
from storage.ops.store import Store, Work
from storage.ops.tables import Contact, Enrolment, InboundMessage, OutboxMessage

ACTOR = Actor.system("replies")
LONGEST_KEPT = 20_000
"""Characters of somebody's words that are kept."""
EVENTS = {
    MessageKind.HUMAN: "replied",
    MessageKind.BOUNCE: "bounced",
    MessageKind.COMPLAINT: "complained",
    MessageKind.OUT_OF_OFFICE: "auto_replied",
    MessageKind.AUTO_REPLY: "auto_replied",
    MessageKind.GONE: "auto_replied",
}
"""How the history of a message calls it; what is not here leaves no line there."""
NO_TASK = frozenset({Intent.UNSUBSCRIBE, Intent.NOT_INTERESTED})
BACK_AT = time(9, tzinfo=UTC)
"""When somebody who is back may be written to again, before the windows of the sequence say more."""
SAID = {
    MessageKind.COMPLAINT: "Marked a message as spam",
    MessageKind.OUT_OF_OFFICE: "Is out of the office",
    MessageKind.GONE: "Does not read this mailbox any more",
    MessageKind.AUTO_REPLY: "Answered automatically",
    MessageKind.DELAY: "A server still tries to deliver",
}


@dataclass(frozen=True, slots=True)
class Matched:
    """The message of ours, by which key, and how sure that is."""

    message: OutboxMessage
    by: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Understood:
    """What was found out about a message before anything is changed."""

    incoming: Incoming
    verdict: Verdict
    matched: Matched | None
    reading: Reading | None
    received_at: datetime
    key: str


def receive(store: Store, organization_id: str, mailbox_id: str, letter: Letter, reader: IntentReader | None) -> str:
    """Takes one message in; answers its kind, or `known` where it was taken in before."""
    scope = Scope.of(organization_id)
    incoming = parse(letter.raw)
    key = message_key(incoming, letter.raw)
    verdict = judge(incoming, scan, letter.received_at.date())
    with store.read(scope) as work:
        if InboundMessages(work).is_known(mailbox_id, key):
            return "known"
        matched = match(work, incoming, verdict, mailbox_id, letter.received_at)
    is_answer = matched is not None and verdict.kind is MessageKind.HUMAN
    reading = (
        read_intent(verdict.words.written, verdict.demand, reader, letter.received_at.date()) if is_answer else None
    )
    found = Understood(incoming, verdict, matched, reading, letter.received_at, key)
    with store.write(scope, ACTOR) as work:
        if InboundMessages(work).is_known(mailbox_id, key):
            return "known"
        if matched is None:
            InboundMessages(work).add(
                mailbox_id, key, kind=verdict.kind.value, rule=verdict.rule[:40], received_at=letter.received_at
            )
        else:
            _act(work, mailbox_id, found, matched)
    return verdict.kind.value


def match(work: Work, incoming: Incoming, verdict: Verdict, mailbox_id: str, at: datetime) -> Matched | None:
    """The message of ours that it belongs to; None for mail that is none of our business."""
    outbox = Outbox(work)
    for key in thread_keys(incoming, verdict):
        found = {one.message_id: one for one in outbox.find_by_message_ids(key.message_ids)}
        first = next((found[each] for each in key.message_ids if each in found), None)
        if first is not None:
            return Matched(first, key.by, key.confidence)
    for address in senders_of(incoming, verdict):
        try:
            newest = outbox.newest_to(EmailAddress.parse(address), mailbox_id, at - LOOK_BACK)
        except InvalidInput:  # no address at all: nobody was written to there
            continue
        if newest is not None:
            content = outbox.contents([newest], newest.organization_id).get(newest.outbox_message_id)
            worth = by_sender(incoming.subject, content.subject if content else None)
            return Matched(newest, worth.by, worth.confidence)
    return None


def _act(work: Work, mailbox_id: str, found: Understood, matched: Matched) -> None:
    """All that a message changes, in the unit of work that keeps it."""
    message, verdict = matched.message, found.verdict
    row = _keep(work, mailbox_id, found, matched)
    _note(work, found, message, row)
    enrolment = next(iter(Enrolments(work).load([message.enrolment_id])), None)
    if enrolment is not None:
        _answer(work, found, message, enrolment, row)
    detail = {"kind": verdict.kind.value, "matched_by": matched.by, "match_confidence": matched.confidence}
    if found.reading:
        detail |= {"confidence": round(found.reading.confidence, 3), "by": found.reading.by}
    Decisions(work).record(
        DecisionKind.FLAG, "reply", row.inbound_message_id, found.reading.intent.value if found.reading else verdict.kind.value,
        verdict.rule or "person", {**detail, "contact_id": message.contact_id},
    )  # fmt: skip


def _keep(work: Work, mailbox_id: str, found: Understood, matched: Matched) -> InboundMessage:
    verdict, reading, message = found.verdict, found.reading, matched.message
    absence = verdict.absence.back_on if verdict.absence else None
    content = ReplyContent(
        sender=found.incoming.sender,
        subject=found.incoming.subject[:500],
        written=verdict.words.written[:LONGEST_KEPT],
        named=reading.named if reading else (),
        diagnostic=verdict.bounces[0].diagnostic if verdict.bounces else "",
    )
    read: dict[str, Any] = {}
    if reading:
        read = {
            "intent": reading.intent.value, "confidence": reading.confidence, "classified_by": reading.by[:80],
            "likeliest": [[intent.value, round(share, 4)] for intent, share in reading.likeliest],
        }  # fmt: skip
    return InboundMessages(work).add(
        mailbox_id, found.key, content=content, contact_id=message.contact_id, is_answer=True,
        outbox_message_id=message.outbox_message_id, sequence_id=message.sequence_id, kind=verdict.kind.value,
        rule=verdict.rule[:40], matched_by=matched.by, match_confidence=matched.confidence,
        again_on=absence or (reading.again_on if reading else None), received_at=found.received_at, **read,
    )  # fmt: skip


def _note(work: Work, found: Understood, message: OutboxMessage, row: InboundMessage) -> None:
    """A line in the history of our message, and one on the contact's timeline."""
    verdict = found.verdict
    if kind := EVENTS.get(verdict.kind):
        event = event_of(message, kind, found.received_at, f"{kind}:{row.inbound_message_id}", _detail(found))
        MessageEvents(work).add_all([event], message.organization_id)
    is_person = verdict.kind is MessageKind.HUMAN
    Activities(work).add(
        kind="email_reply" if is_person else "email_event", contact_id=message.contact_id, summary=_summary(found)[:200],
        detail={"inbound_message_id": row.inbound_message_id, **_detail(found)},
        actor_kind="contact" if is_person else "bot", occurred_at=found.received_at,
    )  # fmt: skip


def _answer(work: Work, found: Understood, message: OutboxMessage, enrolment: Enrolment, row: InboundMessage) -> None:
    """What the sequence, the address and the owner have to do with it."""
    verdict, contact = found.verdict, work.session.get(Contact, message.contact_id)
    source = f"reply:{row.inbound_message_id}"
    if verdict.kind is MessageKind.HUMAN:
        if found.reading and found.reading.suppresses:
            unsubscribe(work, enrolment, _addresses(found.incoming.sender, contact), source)
        react(work, enrolment, Signal.REPLY)
        _give_task(work, found, contact, source)
    elif verdict.kind is MessageKind.OUT_OF_OFFICE and verdict.absence:
        back = verdict.absence.back_on
        react(work, enrolment, Signal.AUTO_REPLY, returns_at=datetime.combine(back, BACK_AT) if back else None)
    elif verdict.kind is MessageKind.AUTO_REPLY:
        react(work, enrolment, Signal.AUTO_REPLY)
    elif verdict.kind is MessageKind.GONE:
        react(work, enrolment, Signal.BOUNCE)
        _give_task(work, found, contact, source)
    elif verdict.kind in {MessageKind.BOUNCE, MessageKind.COMPLAINT}:
        signal = Signal.COMPLAINT if verdict.complaint else Signal.BOUNCE
        dead = _undeliverable(verdict, contact)
        for address in dead:
            suppress(
                work, address, signal, contact_id=message.contact_id, organization_id=message.organization_id,
                source=source, detail=_detail(found),
            )  # fmt: skip
        if contact and contact.email and not dead and _may_pass(verdict, contact.email):
            note_failure(
                work, contact.email, contact_id=contact.contact_id, organization_id=message.organization_id,
                source=source,
            )  # fmt: skip


def _undeliverable(verdict: Verdict, contact: Contact | None) -> set[str]:
    """Addresses to leave alone for good: of hard bounces, and of who complained. A report names whom it likes: only an
    address that is this contact's counts, or none at all, which stands for them."""
    own = contact.email if contact and contact.email else ""
    if verdict.complaint:
        return {own} - {""} if verdict.complaint.suppresses else set()
    hard = [bounce for bounce in verdict.bounces if bounce.suppresses]
    return {own} - {""} if any(_is_about(bounce, own, hard) for bounce in hard) else set()


def _may_pass(verdict: Verdict, own: str) -> bool:
    """Whether the contact's own address failed for a reason that may pass."""
    final = [bounce for bounce in verdict.bounces if bounce.is_final]
    return any(bounce.kind is BounceKind.SOFT and _is_about(bounce, own, final) for bounce in final)


def _is_about(bounce: Bounce, own: str, told: list[Bounce]) -> bool:
    """A forwarded address differs from the one we wrote to; alone in its report it still is that one."""
    return bounce.recipient == own or len(told) == 1


def _give_task(work: Work, found: Understood, contact: Contact | None, source: str) -> None:
    reading = found.reading
    if contact is None or (reading and reading.intent in NO_TASK):
        return
    name = " ".join(part for part in (contact.first_name, contact.last_name) if part) or contact.email or "somebody"
    what = reading.intent.value.replace("_", " ") if reading else "does not work there any more"
    due = work.now() + timedelta(hours=4)
    if reading and reading.again_on:
        due = datetime.combine(reading.again_on, BACK_AT)
    Tasks(work).add(
        f"{name}: {what}"[:200], kind=TaskKind.EMAIL, contact_id=contact.contact_id, due_at=due, source="reply",
        priority=1 if reading and reading.intent in {Intent.MEETING_REQUEST, Intent.INTERESTED, Intent.LEGAL} else 0,
        assignee_user_id=contact.owner_user_id, body=source,
    )  # fmt: skip


def _addresses(sender: str, contact: Contact | None) -> set[str]:
    """Where somebody is not to be written to any more: where they wrote from, and where we wrote to."""
    found = {contact.email} if contact and contact.email else set()
    with suppress_errors(InvalidInput):
        found.add(EmailAddress.parse(sender).value)
    return {address for address in found if address}


def _detail(found: Understood) -> dict[str, Any]:
    detail: dict[str, Any] = {"rule": found.verdict.rule}
    if found.verdict.bounces:
        first = found.verdict.bounces[0]
        detail |= {"bounce": first.kind.value, "reason": first.failure.reason.value, "status": first.failure.status}
    if found.reading:
        detail |= {"intent": found.reading.intent.value, "confidence": round(found.reading.confidence, 3)}
    return detail


def _summary(found: Understood) -> str:
    verdict = found.verdict
    if found.reading:
        return f"Replied: {found.reading.intent.value.replace('_', ' ')}"
    if verdict.bounces and verdict.kind is MessageKind.BOUNCE:
        first = verdict.bounces[0]
        return f"Bounced ({first.kind.value}): {first.failure.reason.value.replace('_', ' ')}"
    said = SAID.get(verdict.kind, "A program answered")
    back = verdict.absence.back_on if verdict.absence else None
    return f"{said} until {back:%d %B}" if back else said
