"""Acts that somebody answers for leave one row each in the audit log of the organization they concern."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from domain.tenancy import Role, Scope
from storage.ops.bulk.imports import run_import, undo_import
from storage.ops.repositories.api_keys import ApiKeys
from storage.ops.repositories.audit import Audit
from storage.ops.tables import AuditEntry
from tests.factories import TESTER, make_user

PASSWORD = "correct horse battery"


@pytest.fixture
def acts(store):
    """`acts(organization_id)` answers (action, entity, actor kind) in order, and holds that the chain is whole."""

    def found(organization_id):
        with store.read(Scope.of(organization_id)) as work:
            assert Audit(work).verify().broken_at is None
            rows = work.session.scalars(
                select(AuditEntry).where(AuditEntry.organization_id == organization_id).order_by(AuditEntry.position)
            )
            return [(row.action, row.entity, row.actor_kind) for row in rows]

    return found


def test_an_import_is_answered_for_from_upload_to_undo(api, store, settings, family, acts):
    made = api.post("/v1/imports", files={"file": ("leads.csv", b"email\nada@lovelace.example\n")}).json()
    path = f"/v1/imports/{made['import_id']}"
    assert api.post(f"{path}/start").status_code == 202
    run_import(store, settings, made["import_id"])
    assert api.post(f"{path}/undo").status_code == 202
    undo_import(store, made["import_id"])
    assert acts(family.agency.organization_id) == [
        ("create", "import", "user"),
        ("start", "import", "user"),
        ("run", "import", "system"),
        ("start_undo", "import", "user"),
        ("undo", "import", "system"),
    ]
    with store.read(Scope.of(family.agency.organization_id)) as work:
        run = next(entry for entry in Audit(work).about("import", made["import_id"]) if entry.action == "run")
        assert Audit(work).values_of(run).after["created_count"] == 1


def test_an_export_is_noted_in_every_organization_whose_rows_it_reads(api, store, family, acts):
    assert api.get("/v1/contacts/export", params={"q": "ada", "stage": "lead"}).status_code == 200
    for organization in (family.agency, family.client):
        assert acts(organization.organization_id) == [("export", "contacts", "user")]
        with store.read(Scope.of(organization.organization_id)) as work:
            (entry,) = Audit(work).about("contacts", organization.organization_id)
            assert Audit(work).values_of(entry).after == {"filters": {"stage": ["lead"]}, "is_searched": True}
    assert api.get("/v1/companies/export", params={"filter": "name:eq:Ada Ltd"}).status_code == 200
    assert acts(family.client.organization_id)[-1] == ("export", "companies", "user")
    with store.read(Scope.of(family.client.organization_id)) as work:
        (entry,) = Audit(work).about("companies", family.client.organization_id)
        assert Audit(work).values_of(entry).after == {"filters": {}, "is_searched": False}


def test_signing_in_failing_to_and_signing_out_are_noted_where_the_person_is_a_member(web, store, family, acts):
    agency = family.agency.organization_id
    make_user(store, agency, email="ada@agency.example", role=Role.ADMIN, name="Ada", password=PASSWORD)
    for password in ("wrong horse", PASSWORD):
        web.post("/v1/session", json={"email": "ada@agency.example", "password": password})
    web.post("/v1/session", json={"email": "nobody@agency.example", "password": PASSWORD})
    csrf = web.get("/v1/me").json()["csrf_token"]
    signed_out = web.delete("/v1/session", headers={"X-CSRF-Token": csrf, "Origin": "http://testserver"})
    assert signed_out.status_code == 204
    assert acts(agency) == [
        ("sign_in_failed", "user", "user"),
        ("sign_in", "user", "user"),
        ("sign_out", "user", "user"),
    ]
    assert acts(family.client.organization_id) == []


def test_a_key_of_a_program_is_noted_when_made_and_when_revoked_once(store, family, acts):
    agency = family.agency.organization_id
    with store.write(Scope.of(agency), TESTER) as work:
        keys = ApiKeys(work)
        secret = keys.create_secret_key("crm")
        found = keys.find_live(secret)
        keys.revoke(found.api_key_id)
        keys.revoke(found.api_key_id)
    assert [(action, entity) for action, entity, _ in acts(agency)] == [("create", "api_key"), ("revoke", "api_key")]
    with store.read(Scope.of(agency)) as work:
        kept = [Audit(work).values_of(entry) for entry in Audit(work).about("api_key", found.api_key_id)]
        assert all(secret not in str(value) for value in kept)
