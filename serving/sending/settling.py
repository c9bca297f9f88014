"""What came of messages, written for many in one transaction: their state, where their people go next, history, the
timeline, and what an answer means for an address or a mailbox."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.decisions import DecisionKind
from domain.outreach.retries import Reply, ReplyClass, classify, retry_after
from domain.outreach.sequences import Sequence as Definition
from domain.outreach.signals import Signal
from domain.outreach.soft_bounces import may_pass
from domain.outreach.walking import Position, go_on
from serving.mail.base import Outcome, Uncertain
from serving.sending.gathering import definition_for
from serving.sending.resting import note_failure
from serving.sending.signalling import suppress
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.mailboxes import Mailboxes
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.outbox import REPEATED, MessageEvents, Outbox, Ready, event_of
from storage.ops.repositories.sequences import Sequences
from storage.ops.repositories.ways import Way, Ways
from storage.ops.store import Work

MAILBOX_LOOK = timedelta(minutes=15)
"""When a message is decided on again whose mailbox broke."""
REPEAT_AFTER = timedelta(minutes=1)
"""When a message of which nothing is known is handed over again, to a provider that knows it by its key."""
ENDS = {
    ReplyClass.NO_SUCH_ADDRESS: "bounced",
    ReplyClass.MAILBOX_FULL: "mailbox_full",
    ReplyClass.BLOCKED: "blocked_by_recipient",
    ReplyClass.REFUSED: "refused_by_recipient",
}


@dataclass(frozen=True, slots=True)
class Carried:
    """A message that was handed over, or that it was tried with. `tries` counts this one."""

    outbox_message_id: str
    organization_id: str
    enrolment_id: str
    sequence_id: str
    step_id: str
    mailbox_id: str
    contact_id: str
    recipient: str
    subject: str
    tries: int
    first_tried_at: datetime
    outcome: Outcome
    is_repeat: bool = False
    """It may have left before, whatever the outcome says of this time."""


@dataclass(slots=True)
class _Written:
    """Rows for the statements at the end."""

    messages: list[dict[str, Any]]
    enrolments: list[dict[str, Any]]
    events: list[dict[str, Any]]
    activities: list[dict[str, Any]]
    finished: list[dict[str, Any]]
    hasten: dict[str, datetime]
    failed: list[Carried]
    """Those that failed for a reason that may pass."""


def settle(work: Work, carried: Sequence[Carried]) -> None:
    """Under SystemScope. Only what is on the wire is settled, and what was in doubt where the answer is known after all:
    a worker that was taken for dead changes nothing that was settled for it."""
    held = Outbox(work).hold([one.outbox_message_id for one in carried])
    open_ones = [
        one
        for one in carried
        if (status := held.get(one.outbox_message_id)) == "sending"
        or (status == "unknown" and not isinstance(one.outcome, Uncertain))
    ]
    for organization_id in sorted({one.organization_id for one in open_ones}):
        _settle_in(work, organization_id, [one for one in open_ones if one.organization_id == organization_id])


def _settle_in(work: Work, organization_id: str, carried: Sequence[Carried]) -> None:
    now = work.now()
    enrolments = {
        one.enrolment_id: one for one in Ways(work).load([each.enrolment_id for each in carried], organization_id)
    }
    definitions = {
        one: definition_for(work, *one) for one in {(each.sequence_id, each.version) for each in enrolments.values()}
    }
    written = _Written([], [], [], [], [], {}, [])
    mailboxes: dict[str, ReplyClass] = {}
    for one in carried:
        enrolment = enrolments.get(one.enrolment_id)
        if enrolment is None:
            continue  # erased while it was on its way
        found = ReplyClass.LATER if isinstance(one.outcome, Uncertain) else classify(one.outcome)
        if isinstance(one.outcome, Uncertain) and may_repeat(one, enrolment, now):
            _repeat(written, one, enrolment, one.outcome, now)
        elif isinstance(one.outcome, Uncertain):
            _unknown(written, one, enrolment, one.outcome, now)
        elif found is ReplyClass.ACCEPTED:
            _sent(written, one, enrolment, definitions[enrolment.sequence_id, enrolment.version], one.outcome, now)
            mailboxes[one.mailbox_id] = found
        elif found is ReplyClass.MAILBOX_BROKEN:
            _put_off(written, one, enrolment, one.outcome, now, MAILBOX_LOOK, "mailbox_broken")
            mailboxes[one.mailbox_id] = found
            _break_mailbox(work, one.mailbox_id, one.outcome)
        elif found is ReplyClass.LATER and (
            delay := retry_after(one.tries, now - one.first_tried_at, chance=random.random(), text=one.outcome.text)
        ):
            _put_off(written, one, enrolment, one.outcome, now, delay, "put_off")
        else:
            _refused(work, written, one, enrolment, one.outcome, found, now)
    _write(work, organization_id, written)
    _note_failures(work, organization_id, written.failed)
    _note_sending(work, organization_id, {key for key, value in mailboxes.items() if value is ReplyClass.ACCEPTED})


def _sent(written: _Written, one: Carried, enrolment: Way, definition: Definition, reply: Reply, now: datetime) -> None:
    here = Position(one.step_id, enrolment.arrived_at, enrolment.due_at, dict(enrolment.arms or {}))
    there = go_on(definition, here, now)
    is_live = enrolment.status in {"active", "held"}
    moved: dict[str, Any] = {"status": "active", "reason": "", "next_at": there.due_at} if is_live else {}
    if is_live and there.is_at_end:  # by the next look that would be so: nothing is left to be decided
        moved = {"status": "finished", "reason": "", "next_at": None, "ended_at": now}
        written.finished.append(
            {
                "subject_id": one.enrolment_id,
                "outcome": "finished",
                "reason": "end_reached",
                "detail": {"contact_id": one.contact_id, "step": there.step_id},
                "rule_version": f"{one.sequence_id}:{enrolment.version}",
            }
        )
    written.messages.append(
        _message(one, reply, "sent", "accepted", counted_at=now, sent_at=now),
    )
    written.enrolments.append(
        _place(
            enrolment,
            step_id=there.step_id,
            arrived_at=there.arrived_at,
            due_at=there.due_at,
            priority=1,
            sent_count=enrolment.sent_count + 1,
            **moved,
        )
    )
    if is_live and not there.is_at_end:
        written.hasten[one.sequence_id] = min(there.due_at, written.hasten.get(one.sequence_id, there.due_at))
    written.events.append(event_of(one, "sent", now, f"sent:{one.outbox_message_id}"))
    written.activities.append(
        {
            "contact_id": one.contact_id,
            "kind": "email",
            "summary": one.subject,
            "detail": {"outbox_message_id": one.outbox_message_id, "sequence_id": one.sequence_id, "step": one.step_id},
            "is_automated": True,
            "occurred_at": now,
            "known_at": now,
        }
    )


def _put_off(
    written: _Written, one: Carried, enrolment: Way, reply: Reply, now: datetime, delay: timedelta, reason: str
) -> None:
    """It did not leave: it is decided on again, with everything that holds by then. Of one that may have left before
    that says nothing: it stays in doubt."""
    if one.is_repeat and enrolment.status != "active":
        _unknown(written, one, enrolment, Uncertain(reply.text), now)
        return
    at = now + delay
    reply_class, counted_at = (REPEATED, now) if one.is_repeat else ("later", None)
    written.messages.append(_message(one, reply, "retry", reply_class, counted_at=counted_at, sent_at=None))
    written.enrolments.append(_place(enrolment, reason=reason, next_at=at if enrolment.status == "active" else None))
    written.hasten[one.sequence_id] = min(at, written.hasten.get(one.sequence_id, at))
    detail = {"code": reply.code, "text": reply.text[:300], "phase": reply.phase.value, "again_at": at.isoformat()}
    written.events.append(event_of(one, "deferred", now, f"deferred:{one.outbox_message_id}:{one.tries}", detail))


def _refused(
    work: Work, written: _Written, one: Carried, enrolment: Way, reply: Reply, found: ReplyClass, now: datetime
) -> None:
    reason = ENDS.get(found, "gave_up")
    written.messages.append(_message(one, reply, "refused", found.value, counted_at=None, sent_at=None))
    ended = (
        {"status": "stopped", "reason": reason, "next_at": None, "ended_at": now} if enrolment.ended_at is None else {}
    )
    written.enrolments.append(_place(enrolment, **ended))
    detail = {"code": reply.code, "text": reply.text[:300], "phase": reply.phase.value, "class": found.value}
    kind = "bounced" if found is ReplyClass.NO_SUCH_ADDRESS else "refused"
    written.events.append(event_of(one, kind, now, f"{kind}:{one.outbox_message_id}:{one.tries}", detail))
    if may_pass(kind, detail):
        written.failed.append(one)
    if found is ReplyClass.NO_SUCH_ADDRESS:
        suppress(
            work, one.recipient, Signal.BOUNCE, contact_id=one.contact_id, organization_id=one.organization_id,
            source=f"message:{one.outbox_message_id}", detail=detail,
        )  # fmt: skip


def may_repeat(one: Carried, enrolment: Way, now: datetime) -> bool:
    """Whether its provider still knows the message, and its person is still on the way."""
    is_known = isinstance(one.outcome, Uncertain) and now - one.first_tried_at < one.outcome.repeats_for
    return is_known and enrolment.status == "active"


def forgotten(one: Ready, repeats_for: timedelta, now: datetime) -> Uncertain | None:
    """What keeps a message from being handed over again: it may have left before, and its provider would not know it."""
    is_known = one.first_tried_at is not None and now - one.first_tried_at < repeats_for
    return (
        Uncertain("no answer came within the time that the provider knows it")
        if one.is_repeat and not is_known
        else None
    )


def _repeat(written: _Written, one: Carried, enrolment: Way, outcome: Uncertain, now: datetime) -> None:
    """It may have left, and it counts; handed over again under the same key it leaves once all the same."""
    at = now + REPEAT_AFTER
    written.messages.append(_open(one, outcome, "retry", REPEATED, now))
    written.enrolments.append(_place(enrolment, reason="handed_over_again", next_at=at))
    written.hasten[one.sequence_id] = min(at, written.hasten.get(one.sequence_id, at))
    detail = {"why": outcome.reason, "again_at": at.isoformat()}
    written.events.append(event_of(one, "deferred", now, f"deferred:{one.outbox_message_id}:{one.tries}", detail))


def _unknown(written: _Written, one: Carried, enrolment: Way, outcome: Uncertain, now: datetime) -> None:
    """It may have left. It counts, it is not sent again, and its person waits for somebody to say what to believe."""
    written.messages.append(_open(one, outcome, "unknown", "unknown", now))
    is_live = enrolment.ended_at is None
    written.enrolments.append(
        _place(enrolment, **({"status": "held", "reason": "message_unknown", "next_at": None} if is_live else {}))
    )
    written.events.append(
        event_of(one, "unknown", now, f"unknown:{one.outbox_message_id}:{one.tries}", {"why": outcome.reason})
    )


def _write(work: Work, organization_id: str, written: _Written) -> None:
    Outbox(work).settle(written.messages)
    Enrolments(work).write_back(written.enrolments)
    MessageEvents(work).add_all(written.events, organization_id)
    if written.finished:
        Decisions(work).record_each(
            DecisionKind.SEQUENCE, "enrolment", written.finished, organization_id=organization_id
        )
    Activities(work).insert_many({**row, "organization_id": organization_id} for row in written.activities)
    for sequence_id, at in written.hasten.items():
        Sequences(work).hasten([sequence_id], at, organization_id)


def _note_failures(work: Work, organization_id: str, failed: Sequence[Carried]) -> None:
    if failed:
        work.session.expire_all()  # what was written in many is not known to the objects that were read before
    for one in failed:
        note_failure(
            work, one.recipient, contact_id=one.contact_id, organization_id=organization_id,
            source=f"message:{one.outbox_message_id}",
        )  # fmt: skip


def _note_sending(work: Work, organization_id: str, mailbox_ids: set[str]) -> None:
    """The day on which a mailbox last sent: what its ramp hangs on."""
    today = Organizations(work).today(organization_id)
    for mailbox in Mailboxes(work).of_organization(organization_id) if mailbox_ids else ():
        if mailbox.mailbox_id in mailbox_ids and mailbox.last_sent_on != today:
            Mailboxes(work).sent_on(mailbox, today)


def _break_mailbox(work: Work, mailbox_id: str, reply: Reply) -> None:
    mailbox = Mailboxes(work).get(mailbox_id)
    if mailbox.status == "connected":
        Mailboxes(work).set_status(mailbox, "broken", f"{reply.code} {reply.text}", because="mailbox_broken")


def _message(one: Carried, reply: Reply, status: str, reply_class: str, **moments: datetime | None) -> dict[str, Any]:
    return {
        "outbox_message_id": one.outbox_message_id,
        "status": status,
        "reply_code": reply.code,
        "reply_text": reply.text[:300],
        "reply_class": reply_class,
        "leased_by": None,
        "leased_until": None,
        **moments,
    }


def _open(one: Carried, outcome: Uncertain, status: str, reply_class: str, now: datetime) -> dict[str, Any]:
    """Of a message that may have left."""
    return {
        "outbox_message_id": one.outbox_message_id, "status": status, "reply_code": None,
        "reply_text": outcome.reason[:300], "reply_class": reply_class, "counted_at": now, "sent_at": None,
        "leased_by": None, "leased_until": None,
    }  # fmt: skip


def _place(enrolment: Way, **changes: Any) -> dict[str, Any]:
    """All rows have the same columns, so that they are one statement."""
    names = (
        "status", "reason", "step_id", "arrived_at", "due_at", "next_at", "priority", "sent_count", "ended_at",
    )  # fmt: skip
    held = {name: getattr(enrolment, name) for name in names}
    return {"enrolment_id": enrolment.enrolment_id, **held, **changes}
