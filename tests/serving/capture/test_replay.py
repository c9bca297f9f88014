"""What was refused is tried again under today's rules, and joins the inbox once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.tenancy import Scope
from serving.capture.replay import replay
from serving.jobs import replay_rejected
from serving.jobs.base import JobContext
from storage.ops.repositories.rejected_events import RejectedEvents
from storage.ops.tables import EventInbox, Job, RejectedEvent
from tests.factories import SYSTEM, TESTER, make_organization

GOOD = {
    "event_id": "e-1",
    "type": "identify",
    "occurred_at": "2026-03-02T11:59:00Z",
    "consent": "full",
    "traits": {"email": "ada@example.org"},
}


@pytest.fixture
def organization_id(store) -> str:
    return make_organization(store).organization_id


def refuse(store, organization_id, body, **changes) -> str:
    with store.write(SYSTEM, TESTER) as work:
        text = body if isinstance(body, str) else json.dumps(body)
        kept = RejectedEvents(work).add(
            reason="unknown_type", body=text, organization_id=organization_id, context='{"is_bot":false}', **changes
        )
        return kept.rejected_event_id


def found(store, table):
    with store.read(SYSTEM) as work:
        return list(work.session.scalars(select(table)))


def test_an_event_that_passes_now_joins_the_inbox_as_of_when_it_came(store, settings, clock, organization_id):
    came_at = clock.now - timedelta(hours=2)
    refuse(store, organization_id, GOOD | {"occurred_at": "2026-03-02T09:59:00Z"}, received_at=came_at)
    report = replay(store, Scope.of(organization_id), settings=settings, clock=clock)
    assert (report.accepted_count, report.rejected_count) == (1, 0)
    (event,) = found(store, EventInbox)
    assert (event.organization_id, event.event_id, event.received_at) == (organization_id, "e-1", came_at)
    assert "ada@example.org" not in event.body
    (job,) = found(store, Job)
    assert job.kind == "identify"
    (kept,) = found(store, RejectedEvent)
    assert kept.replayed_at is not None


def test_what_still_fails_stays_with_its_present_reason(store, settings, clock, organization_id):
    for body in ("not json", GOOD | {"type": "dance"}, GOOD | {"event_id": ""}, {"batch": [GOOD]}):
        refuse(store, organization_id, body)
    report = replay(store, Scope.of(organization_id), settings=settings, clock=clock)
    assert (report.accepted_count, report.rejected_count) == (0, 4)
    assert {row.reason for row in found(store, RejectedEvent)} == {"not_json", "unknown_type", "missing_id", "schema"}
    assert {row.attempts for row in found(store, RejectedEvent)} == {1}
    assert found(store, EventInbox) == []


def test_an_event_that_came_through_meanwhile_is_not_stored_twice(store, settings, clock, organization_id):
    refuse(store, organization_id, GOOD)
    refuse(store, organization_id, GOOD)
    report = replay(store, Scope.of(organization_id), settings=settings, clock=clock)
    assert (report.accepted_count, report.duplicate_count) == (2, 1)
    assert len(found(store, EventInbox)) == len(found(store, Job)) == 1


def test_the_job_tries_the_events_it_names_and_no_other_organizations(store, settings, clock, organization_id):
    other = make_organization(store).organization_id
    mine = refuse(store, organization_id, GOOD)
    refuse(store, organization_id, GOOD | {"event_id": "e-2"})
    theirs = refuse(store, other, GOOD | {"event_id": "e-3"})
    context = JobContext(store, settings, clock, organization_id, "job-1")
    replay_rejected.run(context, {"organization_id": organization_id, "ids": [mine, theirs]})
    assert [event.event_id for event in found(store, EventInbox)] == ["e-1"]


def test_as_a_program_it_replays_all_and_reports_in_json(sqlite_store, settings, organization_id_on_sqlite):
    refuse(sqlite_store, organization_id_on_sqlite, GOOD)
    environment = {
        **os.environ,
        "LEADHOUSE_DATA__DIR": str(settings.data.dir),
        "LEADHOUSE_SECURITY__KEYS": settings.security.keys.get_secret_value(),
    }
    done = subprocess.run(
        [sys.executable, "-m", "serving.capture.replay"], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {"accepted_count": 1, "duplicate_count": 0, "rejected_count": 0}


@pytest.fixture
def organization_id_on_sqlite(sqlite_store) -> str:
    return make_organization(sqlite_store).organization_id
