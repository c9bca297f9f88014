"""Somebody leaves: their contacts, open deals and open tasks go to somebody else, each on record, and nothing else moves."""

from __future__ import annotations

import pytest

from domain.tenancy import Role, Scope
from serving.worker import Worker
from storage.ops.repositories.audit import Audit
from storage.ops.tables import Contact, Deal, Notification, Task
from tests.factories import TESTER, make_contact, make_user

AT_WORK = 23
"""More than one part."""


@pytest.fixture
def admin(sign_in, family):
    return sign_in(family.agency.organization_id, Role.ADMIN)


@pytest.fixture
def people(store, family):
    agency = family.agency.organization_id
    return make_user(store, agency, name="Lea"), make_user(store, agency, name="Tom")


def give(store, organization_id, user_id):
    """A contact, an open deal, an open task, and a deal and a task that are done."""
    contact = make_contact(store, organization_id)
    with store.write(Scope.of(organization_id), TESTER) as work:
        work.session.get(Contact, contact.contact_id).owner_user_id = user_id
        now = work.now()
        facts = {"organization_id": organization_id, "contact_id": contact.contact_id}
        for closed_at in (None, now):
            work.session.add(
                Deal(**facts, name="Relaunch", stage="opportunity", pipeline="default", owner_user_id=user_id,
                     opened_at=now, stage_entered_at=now, closed_at=closed_at, currency="EUR", amount_minor=0)
            )  # fmt: skip
        for status in ("open", "done"):
            work.session.add(Task(**facts, title="Call", kind="call", status=status, assignee_user_id=user_id))
    return contact


def owned(store, organization_id, user_id):
    with store.read(Scope.of(organization_id)) as work:
        rows = work.session
        return tuple(
            rows.query(table).filter(table.organization_id == organization_id, column == user_id).count()
            for table, column in ((Contact, Contact.owner_user_id), (Deal, Deal.owner_user_id), (Task, Task.assignee_user_id))
        )  # fmt: skip


def test_all_that_is_open_goes_over_here_and_at_the_clients(admin, store, settings, family, people):
    lea, tom = people
    agency, client = family.agency.organization_id, family.client.organization_id
    for organization_id in (*[agency] * AT_WORK, client):
        give(store, organization_id, lea.user_id)
    what = {"contact_count": AT_WORK + 1, "deal_count": AT_WORK + 1, "task_count": AT_WORK + 1}
    assert admin.get(f"/v1/members/{lea.user_id}/belongings").json() == what
    asked = admin.post(f"/v1/members/{lea.user_id}/hand-over", json={"to_user_id": tom.user_id})
    assert (asked.status_code, asked.json()) == (202, what)
    assert admin.delete(f"/v1/members/{lea.user_id}").status_code == 204
    Worker(store, settings, lane="long").drain()
    assert owned(store, agency, lea.user_id) == (0, AT_WORK, AT_WORK), "what is closed keeps its name"
    assert owned(store, agency, tom.user_id) == (AT_WORK, AT_WORK, AT_WORK)
    assert owned(store, client, tom.user_id) == (1, 1, 1)
    with store.read(Scope.of(agency)) as work:
        assert Audit(work).verify().broken_at is None
        acts = Audit(work).page(limit=200)
        assert sum(act.action == "hand_over" and act.entity in {"deal", "task"} for act in acts) == 2 * AT_WORK
        assert {act.actor_kind for act in acts} == {"user"}
        told = work.session.query(Notification).filter_by(user_id=tom.user_id, organization_id=agency).all()
        assert [each.title for each in told] == [f"{3 * AT_WORK} contacts, deals and tasks are yours"]


def test_only_to_somebody_who_works_with_contacts_here(admin, sign_in, store, family, people, stranger):
    lea, _ = people
    viewer = make_user(store, family.agency.organization_id, role=Role.VIEWER)
    outsider = make_user(store, stranger.organization_id)
    for other in (viewer, outsider, lea):
        answer = admin.post(f"/v1/members/{lea.user_id}/hand-over", json={"to_user_id": other.user_id})
        assert answer.status_code == 422
    operator = sign_in(family.agency.organization_id)
    assert operator.get(f"/v1/members/{lea.user_id}/belongings").status_code == 403


def test_two_who_change_one_seat_or_key_at_once_do_not_overwrite_one_another(admin, store, family, people):
    lea, _ = people
    seat = next(each for each in admin.get("/v1/members").json()["items"] if each["user_id"] == lea.user_id)
    path, seen = f"/v1/members/{lea.user_id}", {"If-Match": seat["etag"]}
    assert admin.patch(path, json={"role": "viewer"}, headers=seen).status_code == 204
    for late in ({"role": "admin"}, {"is_disabled": True}, {"is_disabled": False}):
        assert admin.patch(path, json=late, headers=seen).status_code == 412
    key = admin.post("/v1/api-keys", json={"name": "sync", "scopes": ["contacts:read"]}).json()
    path, seen = f"/v1/api-keys/{key['api_key_id']}", {"If-Match": key["etag"]}
    assert admin.patch(path, json={"name": "first"}, headers=seen).status_code == 200
    assert admin.patch(path, json={"name": "second"}, headers=seen).status_code == 412
    assert admin.get("/v1/api-keys").json()["items"][0]["name"] == "first"
