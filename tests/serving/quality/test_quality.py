"""Refused events, quarantine requests, held submissions and dead jobs, over HTTP on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.tenancy import Scope
from storage.ops.repositories.rejected_events import RejectedEvents
from storage.ops.tables import Form, FormSubmission, Job, QuarantineReplay
from tests.factories import TESTER


@pytest.fixture
def scope(family):
    return Scope.of(family.agency.organization_id)


@pytest.fixture
def refused(store, scope, clock):
    """Five refused events, a minute apart: three too late, two of an unknown type."""
    ids = []
    for number in range(5):
        with store.write(scope, TESTER) as work:
            made = RejectedEvents(work).add(
                reason="too_late" if number % 2 == 0 else "unknown_type", body=f'{{"number": {number}}}',
                message="why", received_at=clock() + timedelta(minutes=number),
            )  # fmt: skip
            ids.append(made.rejected_event_id)
    return ids


def jobs(store, scope, kind):
    with store.read(scope) as work:
        return work.session.query(Job).filter_by(kind=kind).all()


def test_refused_events_are_listed_newest_first_with_a_count_for_each_reason(api, refused):
    page = api.get("/v1/quality/rejected-events", params={"limit": 2}).json()
    assert [item["rejected_event_id"] for item in page["items"]] == refused[:2:-1]
    assert [(found["reason"], found["count"]) for found in page["reasons"]] == [("too_late", 3), ("unknown_type", 2)]
    rest = api.get("/v1/quality/rejected-events", params={"cursor": page["next_cursor"]}).json()
    assert [item["rejected_event_id"] for item in rest["items"]] == refused[2::-1]
    assert rest["next_cursor"] is None
    narrowed = api.get("/v1/quality/rejected-events", params={"reason": "unknown_type"}).json()
    assert len(narrowed["items"]) == 2


def test_a_replay_is_queued_for_the_events_named_or_for_a_reason(api, store, scope, refused):
    assert api.post("/v1/quality/rejected-events/replay", json={"ids": refused[:1]}).json()["count"] == 1
    answer = api.post("/v1/quality/rejected-events/replay", json={"reason": "too_late"})
    assert (answer.status_code, answer.json()["count"]) == (202, 3)
    queued = jobs(store, scope, "replay_rejected")
    assert sorted(len(job.payload["ids"]) for job in queued) == [1, 3]
    assert {job.payload["organization_id"] for job in queued} == {scope.organization_id}


def test_nothing_to_replay_queues_nothing(api, store, scope):
    answer = api.post("/v1/quality/rejected-events/replay", json={}).json()
    assert answer == {"job_id": None, "count": 0}
    assert jobs(store, scope, "replay_rejected") == []


def test_an_event_that_got_through_waits_no_longer(api, store, scope, refused):
    with store.write(scope, TESTER) as work:
        event = RejectedEvents(work).open(ids=refused[:1])[0]
        RejectedEvents(work).note_attempt(event, got_through=True)
    assert len(api.get("/v1/quality/rejected-events").json()["items"]) == 4
    done = api.get("/v1/quality/rejected-events", params={"replayed": "true"}).json()
    assert [item["rejected_event_id"] for item in done["items"]] == refused[:1]
    assert api.post("/v1/quality/rejected-events/replay", json={"ids": refused[:1]}).status_code == 404


def test_a_replay_of_quarantine_is_written_down_for_the_next_landing(api, store, scope):
    answer = api.post("/v1/quality/quarantine/replay", json={"source": "website_events", "ids": ["q1", "q2"]})
    assert (answer.json()["status"], answer.json()["asked_count"]) == ("asked", 2)
    with store.read(scope) as work:
        asked = work.session.query(QuarantineReplay).one()
    assert (asked.source, asked.quarantine_ids, asked.organization_id) == (
        "website_events",
        ["q1", "q2"],
        scope.organization_id,
    )
    assert [found["source"] for found in api.get("/v1/quality/quarantine/replays").json()] == ["website_events"]
    assert api.get("/v1/quality/summary").json()["quarantine_replays"] == 1


def test_held_submissions_are_listed_with_the_name_of_their_form(api, store, scope, clock):
    with store.write(scope, TESTER) as work:
        form = Form(organization_id=scope.organization_id, name="Demo request")
        work.session.add(form)
        work.session.flush()
        for number, status in enumerate(["held", "accepted"]):
            work.session.add(
                FormSubmission(
                    organization_id=scope.organization_id, submission_id=f"s{number}", form_id=form.form_id,
                    status=status, held_reason="too_fast", answers={"email": "a@b.example"}, submitted_at=clock(),
                )
            )  # fmt: skip
    held = api.get("/v1/quality/held-submissions").json()
    assert [(found["form_name"], found["held_reason"]) for found in held] == [("Demo request", "too_fast")]


def test_dead_jobs_are_given_new_tries(api, store, scope, clock):
    with store.write(scope, TESTER) as work:
        dead = Job(
            organization_id=scope.organization_id, kind="score_contact", status="dead", attempts=8, run_at=clock(),
            last_error="boom",
        )  # fmt: skip
        work.session.add(dead)
        work.session.flush()
        job_id = dead.job_id
    assert [found["last_error"] for found in api.get("/v1/quality/dead-jobs").json()] == ["boom"]
    assert api.post("/v1/quality/dead-jobs/requeue", json={"ids": [job_id]}).json() == {"count": 1}
    assert [(job.status, job.attempts) for job in jobs(store, scope, "score_contact")] == [("ready", 0)]
    assert api.post("/v1/quality/dead-jobs/requeue", json={"ids": [job_id]}).status_code == 404
