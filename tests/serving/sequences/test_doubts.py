"""A message of which nobody can know whether it left: it is listed with why, and somebody says what to believe."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from domain.decisions import DecisionKind
from domain.tenancy import Role
from storage.ops.tables import DecisionLedger, OutboxMessage
from tests.factories import SYSTEM
from tests.factories.outreach import make_doubt, make_enrolment, make_mailbox, make_sequence


@pytest.fixture
def api(sign_in, family):
    return sign_in(family.agency.organization_id, Role.OPERATOR)


@pytest.fixture
def doubt(store, family):
    """A sequence with one person whose first message is in doubt."""
    agency = family.agency.organization_id
    sequence = make_sequence(store, agency)
    ada = make_enrolment(store, sequence, email="ada@reader.example", first_name="Ada")
    make_doubt(store, ada, make_mailbox(store, agency, 25), "the server closed the line")
    return sequence.sequence_id, ada.enrolment_id


def in_doubt(api, sequence_id):
    return api.get(f"/v1/sequences/{sequence_id}/messages", params={"status": "unknown"}).json()["items"]


def test_it_is_listed_with_whom_from_where_and_why(api, doubt):
    (found,) = in_doubt(api, doubt[0])
    shown = {name: found[name] for name in ("display_name", "email", "mailbox", "reply_text", "enrolment_status")}
    assert shown == {
        "display_name": "Ada", "email": "ada@reader.example", "mailbox": "ada@agency.example",
        "reply_text": "the server closed the line", "enrolment_status": "held",
    }  # fmt: skip
    assert found["first_tried_at"]


@pytest.mark.parametrize(
    ("act", "message", "person", "step", "sent"),
    [
        ("believe_sent", "sent", "active", "pause", 1),
        ("believe_not_sent", "refused", "active", "hello", 0),
        ("cancel_unsent", "cancelled", "stopped", "hello", 0),
        ("stop", "unknown", "stopped", "hello", 0),
    ],
)
def test_what_somebody_says_settles_it_once_and_the_ledger_keeps_who_said_it(
    store, api, doubt, act, message, person, step, sent
):
    sequence_id, enrolment_id = doubt
    found = api.post(f"/v1/enrolments/{enrolment_id}/act", json={"act": act}).json()
    assert (found["status"], found["step_id"], found["sent_count"]) == (person, step, sent)
    with store.read(SYSTEM) as work:
        assert work.session.scalars(select(OutboxMessage.status)).all() == [message]
        said = work.session.scalars(
            select(DecisionLedger).where(
                DecisionLedger.kind == DecisionKind.SEQUENCE.value, DecisionLedger.reason == "by_hand"
            )
        ).all()
        assert [(one.outcome, one.actor_kind) for one in said] == [(act, "user")]
    assert api.post(f"/v1/enrolments/{enrolment_id}/act", json={"act": "cancel_unsent"}).status_code == 409
    assert len(in_doubt(api, sequence_id)) == (message == "unknown")
