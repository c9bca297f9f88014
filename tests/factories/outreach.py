"""Mailboxes, sequences and people in them, as tests want them: an agency whose mail goes to a sink on loopback."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.contacts import EmailAddress
from domain.ids import new_id
from domain.outreach.sequences import parse_sequence, written
from domain.tenancy import Scope
from serving.mail.base import Uncertain
from serving.sending.settling import Carried, settle
from serving.sequences.enrolling import door_of, enrol
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.mailboxes import Mailboxes
from storage.ops.repositories.outbox import Content, MessageEvents, Outbox, event_of
from storage.ops.repositories.sequences import Sequences
from storage.ops.store import Store
from storage.ops.tables import Company, Contact, Enrolment, Mailbox, OutboxMessage, OutreachSequence
from tests.factories import SYSTEM, TESTER, make_contact

ALWAYS = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
FREE = {
    "per_day": 10_000, "per_hour": 5_000, "provider_per_day": 100_000, "min_gap_seconds": 0, "gap_jitter_seconds": 0,
    "ramp": None, "in_use_since": "2020-01-01", "window": ALWAYS,
}  # fmt: skip
"""A mailbox that nothing holds back."""
HELLO = {"id": "hello", "type": "email", "subject": "Hi {{ contact.first_name | default: 'there' }}", "text": "Hello"}
FOLLOW_UP = {"id": "again", "type": "email", "text": "Did you see this?"}
WAIT = {"id": "pause", "type": "wait", "days": 3}


def make_mailbox(
    store: Store, organization_id: str, port: int, address: str = "ada@agency.example", **facts: Any
) -> Mailbox:
    """Without TLS and login, to a server on this machine."""
    server = {"host": "127.0.0.1", "port": port, "security": "none", "username": ""}
    secrets = facts.pop("secrets", {})
    with store.write(Scope.of(organization_id), TESTER) as work:
        return Mailboxes(work).add(
            EmailAddress(address), secrets=secrets,
            facts={"display_name": "Ada", "smtp": server, "terms": FREE, **facts},
        )  # fmt: skip


def make_sequence(
    store: Store, organization_id: str, *steps: dict[str, Any], active: bool = True, **more: Any
) -> OutreachSequence:
    """Open at all hours and without narrow limits, unless `more` differs."""
    document = {
        "name": "Spring",
        "window": ALWAYS,
        "limits": {"per_day": 100_000, "new_per_day": 100_000, "per_recipient_domain_per_hour": 10_000, "active_per_company": 1_000},
        "steps": list(steps) or [HELLO, WAIT, FOLLOW_UP],
        **more,
    }  # fmt: skip
    sequence = parse_sequence(document)
    with store.write(Scope.of(organization_id), TESTER) as work:
        made = Sequences(work).add(sequence.name, written(sequence))
        if active:
            Sequences(work).set_status(made, "active")
        return made


def make_enrolment(store: Store, sequence: OutreachSequence, email: str = "", **facts: Any) -> Enrolment:
    """A new contact in a sequence."""
    contact = make_contact(store, sequence.organization_id, email=email, **facts)
    enrol_all(store, sequence, [contact.contact_id])
    return enrolments_of(store, sequence)[contact.contact_id]


def employ(store: Store, company: Company, *contact_ids: str) -> None:
    """These people work there."""
    with store.write(SYSTEM, TESTER) as work:
        for contact_id in contact_ids:
            work.session.get_one(Contact, contact_id).company_id = company.company_id


def enrol_all(store: Store, sequence: OutreachSequence, contact_ids: list[str]) -> dict[str, list[str]]:
    """Answers who was refused, by reason."""
    refused: dict[str, list[str]] = {}
    for first in range(0, len(contact_ids), 500):
        with store.write(SYSTEM, TESTER) as work:
            row = Sequences(work).get(sequence.sequence_id)
            refused |= enrol(work, door_of(work, row), contact_ids[first : first + 500]).refused
    return refused


def enrolments_of(store: Store, sequence: OutreachSequence) -> dict[str, Enrolment]:
    """By contact."""
    with store.read(SYSTEM) as work:
        found = work.session.scalars(select(Enrolment).where(Enrolment.sequence_id == sequence.sequence_id))
        return {one.contact_id: one for one in found}


def make_outcomes(
    store: Store, mailbox: Mailbox, *, sent: int, bounces: int = 0, complaints: int = 0, at: datetime | None = None
) -> list[str]:
    """Messages that a mailbox sent, the first of them with a report that they bounced, the last that they were called spam;
    answers their ids."""
    sequence = make_sequence(store, mailbox.organization_id, name=new_id(), active=False)
    enrolment = make_enrolment(store, sequence, email=f"{new_id()}@reader.example")
    made = []
    with store.write(SYSTEM, TESTER) as work:
        at = at or work.now()
        for number in range(sent):
            message = OutboxMessage(
                organization_id=mailbox.organization_id, enrolment_id=enrolment.enrolment_id, attempt=number + 1,
                sequence_id=sequence.sequence_id, campaign_id=sequence.campaign_id, step_id="hello",
                mailbox_id=mailbox.mailbox_id, contact_id=enrolment.contact_id, recipient_domain="reader.example",
                message_id=new_id(), sealed_content=b"", sealed_for=enrolment.contact_id, status="sent", decided_at=at,
                counted_at=at, first_tried_at=at, sent_at=at,
            )  # fmt: skip
            work.session.add(message)
            work.session.flush()
            kinds = [
                *(["bounced"] if number < bounces else []),
                *(["complained"] if number >= sent - complaints else []),
            ]
            MessageEvents(work).add_all(
                [event_of(message, kind, at, f"{kind}:{message.outbox_message_id}") for kind in kinds],
                mailbox.organization_id,
            )
            made.append(message.outbox_message_id)
    return made


def make_doubt(store: Store, enrolment: Enrolment, mailbox: Mailbox, why: str = "the line broke") -> str:
    """A message that was handed over while the line broke; answers its id."""
    with store.write(SYSTEM, TESTER) as work:
        now, one = work.now(), Enrolments(work).get(enrolment.enrolment_id)
        row = {
            "outbox_message_id": new_id(), "enrolment_id": one.enrolment_id, "sequence_id": one.sequence_id,
            "campaign_id": Sequences(work).get(one.sequence_id).campaign_id, "step_id": one.step_id,
            "attempt": one.attempt, "mailbox_id": mailbox.mailbox_id, "contact_id": one.contact_id,
            "recipient_domain": "reader.example", "message_id": new_id(), "status": "sending", "tries": 1,
            "decided_at": now, "counted_at": now, "first_tried_at": now,
        }  # fmt: skip
        Outbox(work).queue([row], [Content("ada@reader.example", "Hello", "Hello")], one.organization_id)
        settle(
            work,
            [
                Carried(
                    outbox_message_id=row["outbox_message_id"], organization_id=one.organization_id,
                    enrolment_id=one.enrolment_id, sequence_id=one.sequence_id, step_id=one.step_id,
                    mailbox_id=mailbox.mailbox_id, contact_id=one.contact_id, recipient="ada@reader.example",
                    subject="Hello", tries=1, first_tried_at=now, outcome=Uncertain(why),
                )
            ],
        )  # fmt: skip
        return str(row["outbox_message_id"])
