"""The audit log over the API: who did what, that reading it is noted, and that a change of it shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from domain.tenancy import Role, Scope
from serving.main import create_app
from storage.ops.repositories.audit import Audit
from tests.factories import make_contact
from tests.tampering import tamper


@pytest.fixture
def admin(sign_in, family):
    return sign_in(family.agency.organization_id, Role.ADMIN)


def test_acts_are_told_newest_first_by_page_with_who_did_them(admin, store, family):
    contact = make_contact(store, family.agency.organization_id)
    for phone in ("+44 1", "+44 2", "+44 3"):
        assert admin.patch(f"/v1/contacts/{contact.contact_id}", json={"phone": phone}).status_code == 200
    first = admin.get("/v1/audit", params={"entity": "contact", "limit": 2}).json()
    assert [act["after"]["phone"] for act in first["items"]] == ["+44 3", "+44 2"]
    assert first["items"][0]["actor_name"].startswith("user")
    rest = admin.get("/v1/audit", params={"entity": "contact", "limit": 2, "cursor": first["next_cursor"]}).json()
    assert [act["before"]["phone"] for act in rest["items"]] == [""]
    assert rest["next_cursor"] is None
    assert admin.get("/v1/audit", params={"cursor": "made up"}).status_code == 422


def test_whoever_reads_the_log_stands_in_it(admin, family):
    admin.get("/v1/audit", params={"entity": "contact"})
    (act,) = admin.get("/v1/audit", params={"entity": "audit_log"}).json()["items"]
    assert (act["action"], act["after"]["entity"]) == ("read", "contact")


def test_an_agency_reads_its_own_log_here_and_a_clients_there(admin, store, family):
    with store.write(family.client_scope, admin_of(admin)) as work:
        Audit(work).record("exported", "contacts", "all")
    assert admin.get("/v1/audit").json()["items"] == []
    there = {"X-LH-Organization": family.client.organization_id}
    assert [act["action"] for act in admin.get("/v1/audit", headers=there).json()["items"]] == ["look_in", "exported"]


def admin_of(admin):
    from domain.tenancy import Actor

    return Actor("user", admin.get("/v1/me").json()["user_id"])


def test_a_log_is_verified_and_a_row_that_was_cut_off_shows(admin, store, settings, family):
    assert admin.get("/v1/audit/verification").json() == {
        "count": 0, "verified_at": None, "verified_count": None, "fault": None,
    }  # fmt: skip
    make_contact(store, family.agency.organization_id)
    with store.write(Scope.of(family.agency.organization_id), admin_of(admin)) as work:
        for _ in range(3):
            Audit(work).record("exported", "contacts", "all")
    whole = admin.post("/v1/audit/verification").json()
    assert (whole["is_whole"], whole["count"], whole["broken_at"]) == (True, 3, None)
    state = admin.get("/v1/audit/verification").json()
    assert (state["count"], state["verified_count"], state["fault"]) == (4, 3, None)
    tamper(settings, "delete from audit_log where position = 4")
    broken = admin.post("/v1/audit/verification").json()
    assert (broken["is_whole"], broken["broken_at"], broken["reason"]) == (False, 4, "rows were cut off at the end")
    assert admin.get("/v1/audit/verification").json()["fault"] == "rows were cut off at the end"


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER, Role.CLIENT_VIEWER])
def test_who_administers_nothing_reads_no_log(sign_in, family, role):
    client = sign_in(family.agency.organization_id, role)
    assert client.get("/v1/audit").status_code == client.post("/v1/audit/verification").status_code == 403


def visits(store, scope):
    with store.read(scope) as work:
        return [(act.action, act.actor_id) for act in Audit(work).page(limit=200, entity="visit")]


def test_whoever_of_the_agency_opens_a_clients_data_stands_in_its_log_once_an_hour(
    admin, sign_in, store, family, clock
):
    there = {"X-LH-Organization": family.client.organization_id}
    me = admin.get("/v1/me", headers=there).json()["user_id"]
    assert visits(store, family.client_scope) == [], "nothing of the client was read yet"
    for _ in range(3):
        assert admin.get("/v1/contacts", headers=there).status_code == 200
    assert admin.get("/v1/deals", headers=there).status_code == 200
    assert visits(store, family.client_scope) == [("look_in", me)]
    clock.now += timedelta(hours=1)
    admin.get("/v1/contacts", headers=there)
    assert visits(store, family.client_scope) == [("look_in", me)] * 2
    sign_in(family.client.organization_id, Role.OWNER).get("/v1/contacts")
    admin.get("/v1/contacts")
    assert len(visits(store, family.client_scope)) == 2, "one's own house is no visit"
    assert visits(store, family.agency_scope) == []


def test_two_processes_note_one_visit(admin, store, family, settings, clock):
    there = {"X-LH-Organization": family.client.organization_id}
    other = settings.model_copy(update={"web": settings.web.model_copy(update={"role": "api"})})
    with TestClient(create_app(other, store=store, clock=clock), headers=dict(admin.headers)) as second:
        for api in (admin, second):
            assert api.get("/v1/contacts", headers=there).status_code == 200
    assert len(visits(store, family.client_scope)) == 1


def test_a_change_by_the_agency_is_done_once_though_its_visit_is_noted_before_it(admin, store, family):
    contact = make_contact(store, family.client.organization_id)
    there = {"X-LH-Organization": family.client.organization_id, "Idempotency-Key": "once"}
    path = f"/v1/contacts/{contact.contact_id}"
    answers = [admin.patch(path, json={"phone": "+44 1"}, headers=there) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    with store.read(family.client_scope) as work:
        acts = [act.action for act in Audit(work).page(limit=10)]
    assert acts == ["change", "look_in"]
