"""Replies in a real browser: what came back is told apart, and a person says what it really is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.replies.intents import Intent
from domain.tenancy import Scope
from serving.replies.imap import Letter
from serving.replies.receiving import receive
from storage.ops.repositories.outbox import Content, Outbox
from storage.ops.repositories.replies import InboundMessages
from tests.app.conftest import keep_picture, make_client
from tests.factories import SYSTEM, TESTER
from tests.factories.outreach import make_enrolment, make_mailbox, make_sequence

pytestmark = pytest.mark.browser
SLOW = 20_000


class Told:
    name = "all-minilm-l6-v2 + linear"

    def probabilities(self, texts):
        return [{Intent.MEETING_REQUEST: 0.88, Intent.INTERESTED: 0.08, Intent.QUESTION: 0.02} for _ in texts]


@pytest.fixture(scope="module")
def office(running) -> str:
    """A client with one sequence and three people who answered it: one wants to meet, one is away, one asks to leave."""
    made = make_client(running, "Answered client")
    mailbox = make_mailbox(running.store, made, 25)
    sequence = make_sequence(running.store, made, name="Spring offices")
    answers = [
        ("ada@lovelace.example", "Ada", "Lovelace", "Hi,\r\n\r\nThursday at ten suits me. Could you send the prices before?\r\n\r\nOn Mon, 2 Mar 2026 at 09:00, Bob <bob@agency.example> wrote:\r\n> Hello", ""),
        ("grace@hopper.example", "Grace", "Hopper", "I am out of the office until 16 March.", "Auto-Submitted: auto-replied\r\n"),
        ("edgar@codd.example", "Edgar", "Codd", "Please take me off your list.", ""),
    ]  # fmt: skip
    now = datetime.now(UTC)
    for email, first, last, body, more in answers:
        one = make_enrolment(running.store, sequence, email, first_name=first, last_name=last)
        sent = {
            "enrolment_id": one.enrolment_id, "sequence_id": sequence.sequence_id, "campaign_id": sequence.campaign_id,
            "step_id": "hello", "mailbox_id": mailbox.mailbox_id, "contact_id": one.contact_id,
            "recipient_domain": email.partition("@")[2], "message_id": f"<to-{email}>", "status": "sent",
            "decided_at": now, "sent_at": now, "counted_at": now,
        }  # fmt: skip
        with running.store.write(SYSTEM, TESTER) as work:
            Outbox(work).queue([sent], [Content(email, "Hello", "Hello")], made)
        raw = f"From: {email}\r\nMessage-Id: <from-{email}>\r\nIn-Reply-To: <to-{email}>\r\nSubject: Re: Hello\r\n{more}\r\n{body}"
        receive(running.store, made, mailbox.mailbox_id, Letter(1, raw.encode(), now), Told())
    return made


def test_replies_are_told_apart_and_corrected(visit, running, office):
    from playwright.sync_api import expect

    page = visit(f"replies?org={office}")
    expect(page.get_by_text("Thursday at ten suits me.")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("> Hello")).to_have_count(0)
    expect(page.get_by_text("Spring offices · answers our message · 88% sure")).to_be_visible()
    keep_picture(page, "replies")
    page.get_by_role("button", name="Not right?").last.click()
    page.get_by_role("button", name="Has a question").click()
    expect(page.get_by_text("corrected by a person")).to_be_visible(timeout=SLOW)
    page.get_by_text("Absences", exact=True).click()
    expect(page.get_by_text("Out of office until")).to_be_visible(timeout=SLOW)
    with running.store.read(Scope.of(office)) as work:
        assert InboundMessages(work).counts() == {"question": 1, "unsubscribe": 1, "out_of_office": 1}
