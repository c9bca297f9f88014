"""A sequence with an A/B step whose messages left and were answered, as a test wants them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from domain.ids import new_id
from storage.ops.repositories.base import Repository
from storage.ops.store import Store
from storage.ops.tables import (
    Company,
    Contact,
    Enrolment,
    InboundMessage,
    Mailbox,
    MessageEvent,
    OutboxMessage,
    OutreachSequence,
)
from tests.factories import SYSTEM, TESTER
from tests.factories.outreach import HELLO, make_mailbox, make_sequence

SPLIT = {
    "id": "opening",
    "type": "split",
    "by": "company",
    "arms": [{"id": "plain", "next": "hello"}, {"id": "bold", "next": "loud"}],
}
LOUD = {"id": "loud", "type": "email", "subject": "Have you seen this?", "text": "Hello!"}


def make_split_sequence(store: Store, organization_id: str, **changes: Any) -> OutreachSequence:
    """Two arms, one message each. `changes` are of the A/B step."""
    make_mailbox(store, organization_id, 1)
    return make_sequence(store, organization_id, {**SPLIT, **changes}, {**HELLO, "next": "end"}, LOUD)


def write_to(
    store: Store,
    sequence: OutreachSequence,
    arm: str,
    total: int,
    *,
    sent_at: datetime,
    replied: int = 0,
    bounced: int = 0,
    intent: str = "",
    per_company: int = 1,
    company_ids: Iterable[str] = (),
) -> list[str]:
    """`total` people on an arm, each written to; the first ones answered a day later, the last ones bounced at once.
    Answers the companies."""
    organization_id = sequence.organization_id
    companies = list(company_ids) or [new_id() for _ in range(0, total, per_company)]
    places = [companies[number // per_company] for number in range(total)]
    contacts, ways, messages = ([new_id() for _ in range(total)] for _ in range(3))
    step = "hello" if arm == "plain" else "loud"
    with store.write(SYSTEM, TESTER) as work:
        mailbox_id = work.session.scalars(
            select(Mailbox.mailbox_id).where(Mailbox.organization_id == organization_id)
        ).one()
        rows = Repository(work)
        base = {"organization_id": organization_id}
        if not company_ids:
            rows.insert_rows(Company, [{**base, "company_id": each, "name": each} for each in companies])
        rows.insert_rows(
            Contact,
            [
                {**base, "contact_id": each, "company_id": place, "known_at": sent_at}
                for each, place in zip(contacts, places, strict=True)
            ],
        )
        rows.insert_rows(
            Enrolment,
            [
                {
                    **base, "enrolment_id": way, "sequence_id": sequence.sequence_id, "version": sequence.version,
                    "contact_id": contact, "company_id": place, "step_id": "end", "status": "finished",
                    "arrived_at": sent_at, "due_at": sent_at, "arms": {"opening": arm},
                }
                for way, contact, place in zip(ways, contacts, places, strict=True)
            ],
        )  # fmt: skip
        rows.insert_rows(
            OutboxMessage,
            [
                {
                    **base, "outbox_message_id": message, "enrolment_id": way, "sequence_id": sequence.sequence_id,
                    "campaign_id": sequence.campaign_id, "step_id": step, "mailbox_id": mailbox_id,
                    "contact_id": contact, "recipient_domain": "x.example", "message_id": f"<{message}@x.example>",
                    "sealed_content": b"", "sealed_for": contact, "status": "sent", "decided_at": sent_at,
                    "sent_at": sent_at,
                }
                for message, way, contact in zip(messages, ways, contacts, strict=True)
            ],
        )  # fmt: skip
        happened = [("replied", number, timedelta(days=1)) for number in range(replied)]
        happened += [("bounced", total - 1 - number, timedelta(minutes=1)) for number in range(bounced)]
        rows.insert_rows(
            MessageEvent,
            [
                {
                    **base, "outbox_message_id": messages[number], "sequence_id": sequence.sequence_id, "step_id": step,
                    "mailbox_id": mailbox_id, "contact_id": contacts[number], "kind": kind,
                    "dedupe_key": f"{kind}:{messages[number]}", "occurred_at": sent_at + later,
                }
                for kind, number, later in happened
            ],
        )  # fmt: skip
        if intent:
            rows.insert_rows(
                InboundMessage,
                [
                    {
                        **base, "mailbox_id": mailbox_id, "message_key": messages[number], "is_answer": True,
                        "outbox_message_id": messages[number], "sequence_id": sequence.sequence_id,
                        "contact_id": contacts[number], "kind": "human", "intent": intent,
                        "received_at": sent_at + timedelta(days=1),
                    }
                    for number in range(replied)
                ],
            )  # fmt: skip
    return companies
