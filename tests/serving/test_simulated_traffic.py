"""Live traffic of a simulated client through the real endpoints: what is sent is what the store then holds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from data.simulator.client import draw_client
from data.simulator.live import play
from data.simulator.parameters import ClientPlan, WorldParameters
from domain.clock import utc_now
from domain.forms import parse_fields
from domain.tenancy import Scope
from serving.main import create_app
from storage.ops.repositories.api_keys import ApiKeys
from storage.ops.repositories.forms import Forms
from storage.ops.tables import EventInbox, FormSubmission, RejectedEvent
from tests.factories import TESTER, make_organization

PLAN = ClientPlan(name="Acme", share=1, lead_rate=0.7)
WORLD = WorldParameters(event_count=1_500, clients=(PLAN,))
FIELDS = [
    {"key": "email", "label": "E-mail", "type": "email", "required": True, "maps_to": "email"},
    {"key": "why", "label": "Why?", "type": "text", "required": True},
]


@pytest.fixture
def site(store, settings):
    """A client's organization, its write key and form, and the API as its website reaches it."""
    organization = make_organization(store, "Acme").organization_id
    scope = Scope.of(organization)
    with store.write(scope, TESTER) as work:
        key = ApiKeys(work).create_write_key(name="site")
        form_id = Forms(work).create("Ask", fields=[field.as_dict() for field in parse_fields(FIELDS)]).form_id
    quick = settings.model_copy(
        update={
            "web": settings.web.model_copy(update={"role": "api"}),
            "capture": settings.capture.model_copy(update={"form_rate_per_minute": 1_000}),
        }
    )
    with TestClient(create_app(quick, store=store, clock=utc_now), headers={"x-lh-key": key}) as http:
        yield http, scope, form_id


def test_what_was_sent_is_accepted_but_for_what_was_spoiled(site, store):
    http, scope, form_id = site
    client = draw_client(WORLD, PLAN)
    since = datetime.combine(WORLD.starts_on, datetime.min.time(), UTC)
    report = play(client, http, since=since, rate=150, seconds=3, form_id=form_id)
    answers = {answer for sent, answer in report.counts if sent == "event"}
    assert {answer for answer in answers if answer.startswith("rejected")} >= {
        "rejected: missing_id", "rejected: unknown_type", "rejected: too_late", "rejected: schema",
    }  # fmt: skip
    assert not [answer for _, answer in report.counts if answer.startswith("refused")]
    rejected = sum(n for (_, answer), n in report.counts.items() if answer.startswith("rejected"))
    with store.read(scope) as work:
        counts = {
            table: work.session.scalar(
                select(func.count()).select_from(table).where(table.organization_id == scope.organization_id)
            )
            for table in (EventInbox, RejectedEvent, FormSubmission)
        }
    assert counts[RejectedEvent] == rejected
    assert counts[FormSubmission] == report.counts["form", "accepted"] > 0
    assert counts[EventInbox] >= report.counts["event", "accepted"] > 200
