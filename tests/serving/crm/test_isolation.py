"""Every route of the contacts and quality API, asked with another organization's ids, answers as if they did not exist."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from domain.tenancy import Role, Scope
from serving.crm.router import router as contacts_router
from serving.quality.router import router as quality_router
from storage.ops.repositories.rejected_events import RejectedEvents
from storage.ops.tables import Form, FormSubmission, Job
from tests.factories import TESTER, make_contact

ROUTES = [
    (method, route.path)
    for router in (contacts_router, quality_router)
    for route in router.routes
    for method in sorted(route.methods - {"HEAD"})
]
BODIES = {
    "/v1/contacts": {"last_name": "Ours"},
    "/v1/contacts/{contact_id}": {"title": "Stolen"},
    "/v1/contacts/bulk": {"ids": ["{contact_id}"], "set": {"lifecycle_stage": "lost"}},
    "/v1/contacts/archive": {"ids": ["{contact_id}"]},
    "/v1/contacts/restore": {"ids": ["{contact_id}"]},
    "/v1/quality/rejected-events/replay": {"ids": ["{rejected_event_id}"]},
    "/v1/quality/quarantine/replay": {"source": "website_events", "ids": ["somebody-elses"]},
    "/v1/quality/dead-jobs/requeue": {"ids": ["{job_id}"]},
}
ASKS_ONLY = {
    "/v1/contacts", "/v1/quality/quarantine/replay", "/v1/contacts/bulk", "/v1/contacts/archive", "/v1/contacts/restore",
}  # fmt: skip
"""Answers for each id, or writes a request in one's own organization; landing looks only there for the ids."""


@pytest.fixture
def theirs(store, stranger, clock):
    """One of everything, of an organization that we have no seat in: names to ids, and texts that must not leak."""
    scope = Scope.of(stranger.organization_id)
    contact = make_contact(store, stranger.organization_id, first_name="Secretive", last_name="Stranger")
    with store.write(scope, TESTER) as work:
        rejected = RejectedEvents(work).add(reason="secret_reason", body='{"secret": 1}')
        form = Form(organization_id=stranger.organization_id, name="Secret form")
        work.session.add(form)
        work.session.flush()
        held = FormSubmission(
            organization_id=stranger.organization_id, submission_id="s1", form_id=form.form_id, status="held",
            answers={"note": "secret answer"}, submitted_at=clock(),
        )  # fmt: skip
        job = Job(
            organization_id=stranger.organization_id,
            kind="secret_kind",
            status="dead",
            run_at=clock() - timedelta(days=1),
        )
        work.session.add_all([held, job])
        work.session.flush()
        return {
            "contact_id": contact.contact_id,
            "rejected_event_id": rejected.rejected_event_id,
            "form_submission_id": held.form_submission_id,
            "job_id": job.job_id,
        }


def filled(value, ids):
    if isinstance(value, dict):
        return {name: filled(found, ids) for name, found in value.items()}
    if isinstance(value, list):
        return [filled(found, ids) for found in value]
    return value.format(**ids) if isinstance(value, str) else value


def each(ids):
    """(name, method, path, body) of every route, with the ids filled in."""
    for method, path in ROUTES:
        yield f"{method} {path}", method, path.format(**ids), filled(BODIES.get(path), ids)


def test_no_route_knows_anything_of_another_organization(sign_in, family, theirs):
    client = sign_in(family.agency.organization_id, Role.OWNER)
    for (name, method, path, body), (_, pattern) in zip(each(theirs), ROUTES, strict=True):
        answer = client.request(method, path, json=body)
        names_an_id = "{" in pattern or (pattern in BODIES and pattern not in ASKS_ONLY)
        assert answer.status_code == 404 if names_an_id else answer.status_code < 300, f"{name}: {answer.text}"
        assert not re.search("secret|stranger", answer.text, re.IGNORECASE), name


def test_no_route_answers_somebody_who_is_not_signed_in(web, theirs):
    answers = {name: web.request(method, path, json=body).status_code for name, method, path, body in each(theirs)}
    assert set(answers.values()) == {401}, answers


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CLIENT_VIEWER])
def test_no_route_lets_those_write_who_only_look(sign_in, family, theirs, role):
    viewer = sign_in(family.agency.organization_id, role)
    answers = {
        name: viewer.request(method, path, json=body).status_code
        for name, method, path, body in each(theirs)
        if method != "GET"
    }
    assert set(answers.values()) == {403}, answers


def test_on_no_route_can_an_organization_be_chosen_that_is_not_ours(sign_in, family, stranger, theirs):
    client = sign_in(family.agency.organization_id, Role.OWNER)
    headers = {"X-LH-Organization": stranger.organization_id}
    answers = {
        name: client.request(method, path, json=body, headers=headers).status_code
        for name, method, path, body in each(theirs)
    }
    assert set(answers.values()) == {404}, answers
