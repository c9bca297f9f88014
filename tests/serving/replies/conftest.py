"""Somebody in a sequence who was written to, and letters that come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

import pytest

from domain.replies.intents import Intent
from serving.replies.imap import Letter
from serving.replies.receiving import receive
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.outbox import Content, Outbox
from tests.factories import SYSTEM, TESTER
from tests.factories.outreach import make_enrolment, make_mailbox, make_sequence

ADA = "ada@lovelace.example"
SENT = "<first@agency.example>"


class Told:
    """A reader that always says the same."""

    name = "told"

    def __init__(self, intent: Intent = Intent.INTERESTED, share: float = 0.9) -> None:
        self.found = {intent: share}

    def probabilities(self, texts):
        return [self.found for _ in texts]


@pytest.fixture
def written_to(store, family, clock) -> SimpleNamespace:
    """Ada, who was sent one message: `enrolment`, `mailbox`, `organization_id`, `contact_id`, `state()`."""
    organization_id = family.agency.organization_id
    mailbox = make_mailbox(store, organization_id, 25)
    sequence = make_sequence(store, organization_id)
    enrolment = make_enrolment(store, sequence, ADA, first_name="Ada")
    with store.write(SYSTEM, TESTER) as work:
        row = {
            "enrolment_id": enrolment.enrolment_id, "sequence_id": sequence.sequence_id,
            "campaign_id": sequence.campaign_id, "step_id": "hello", "mailbox_id": mailbox.mailbox_id,
            "contact_id": enrolment.contact_id, "recipient_domain": "lovelace.example", "message_id": SENT,
            "status": "sent", "decided_at": clock(), "sent_at": clock(), "counted_at": clock(),
        }  # fmt: skip
        Outbox(work).queue([row], [Content(ADA, "Hi Ada", "Hello")], organization_id)

    def state():
        with store.read(SYSTEM) as work:
            return Enrolments(work).get(enrolment.enrolment_id)

    return SimpleNamespace(
        organization_id=organization_id, mailbox=mailbox, enrolment=enrolment, contact_id=enrolment.contact_id, state=state
    )  # fmt: skip


@pytest.fixture
def take_in(store, written_to, clock) -> Callable[..., str]:
    """`take_in(body, intent=…, **headers)` takes in a message to the mailbox; answers its kind."""

    def taken(
        body: str = "Sounds good", *, reader=None, raw: bytes = b"", at: datetime | None = None, **headers: str
    ) -> str:
        given = {
            "From": ADA,
            "To": "ada@agency.example",
            "Subject": "Re: Hi Ada",
            "Message-Id": "<answer@lovelace.example>",
        }
        given |= {name.strip("_").replace("_", "-").title(): value for name, value in headers.items()}
        lines = [f"{name}: {value}" for name, value in given.items() if value]
        letter = Letter(1, raw or "\r\n".join([*lines, "", body]).encode(), at or clock())
        return receive(store, written_to.organization_id, written_to.mailbox.mailbox_id, letter, reader or Told())

    return taken
