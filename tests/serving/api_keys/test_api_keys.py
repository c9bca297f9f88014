"""Keys: what their scopes open, their rotation with a grace period, where write keys may be used."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from domain.tenancy import Role, Scope
from serving.capture.keys import WriteKeys
from storage.ops.repositories.audit import Audit
from tests.factories import make_secret_key


@pytest.fixture
def admin(sign_in, family):
    return sign_in(family.agency.organization_id, Role.ADMIN)


@pytest.fixture
def bearing(web):
    """`bearing(key)` answers the API as the program that holds the key."""
    return lambda key: TestClient(web.app, headers={"Authorization": f"Bearer {key}"})


def made(admin, **fields):
    answer = admin.post("/v1/api-keys", json={"name": "sync", **fields})
    assert answer.status_code == 201, answer.json()
    return answer.json()


def test_a_key_may_do_what_its_scopes_say_and_nothing_else(admin, bearing):
    program = bearing(made(admin, scopes=["deals:read"])["key"])
    assert program.get("/v1/me").json()["permissions"] == ["deals:read"]
    assert program.get("/v1/deals").status_code == 200
    refused = program.get("/v1/contacts")
    assert refused.status_code == 403
    assert "contacts:read" in refused.json()["detail"]
    assert "scope" in refused.json()["hint"]
    assert program.post("/v1/deals", json={"name": "x"}).status_code == 403


def test_a_key_from_before_there_were_scopes_does_what_an_operator_may(bearing, store, family):
    program = bearing(make_secret_key(store, family.agency.organization_id))
    assert program.get("/v1/contacts").status_code == 200
    assert program.get("/v1/api-keys").status_code == 403


@pytest.mark.parametrize("scopes", [[], None, ["everything"], ["keys:write"], ["members:write", "deals:read"]])
def test_a_key_without_scopes_or_with_those_of_people_is_not_made(admin, scopes):
    assert admin.post("/v1/api-keys", json={"name": "sync", "scopes": scopes}).status_code == 422


def test_the_whole_key_is_shown_once(admin):
    key = made(admin, scopes=["deals:read"])["key"]
    answer = admin.get("/v1/api-keys")
    assert key not in answer.text
    assert [each["prefix"] for each in answer.json()["items"]] == [key[:16]]


def test_last_use_is_shown(admin, bearing, clock):
    key = made(admin, scopes=["deals:read"])["key"]
    assert admin.get("/v1/api-keys").json()["items"][0]["last_used_at"] is None
    bearing(key).get("/v1/me")
    assert admin.get("/v1/api-keys").json()["items"][0]["last_used_at"] is not None


def test_a_rotated_key_lives_on_for_its_grace_and_the_new_one_does_the_same(admin, bearing, clock):
    old = made(admin, scopes=["deals:read"])
    new = admin.post(f"/v1/api-keys/{old['api_key_id']}/rotate", json={"grace_hours": 2}).json()
    assert (new["name"], new["scopes"]) == ("sync", ["deals:read"])
    assert [bearing(key["key"]).get("/v1/me").status_code for key in (old, new)] == [200, 200]
    assert [each["state"] for each in admin.get("/v1/api-keys").json()["items"]] == ["live", "ending"]
    clock.now += timedelta(hours=2)
    assert [bearing(key["key"]).get("/v1/me").status_code for key in (old, new)] == [401, 200]
    assert [each["state"] for each in admin.get("/v1/api-keys").json()["items"]] == ["live", "ended"]
    assert admin.post(f"/v1/api-keys/{old['api_key_id']}/rotate", json={}).status_code == 409


def test_rotating_without_grace_ends_the_old_one_now(admin, bearing):
    old = made(admin, scopes=["deals:read"])
    admin.post(f"/v1/api-keys/{old['api_key_id']}/rotate", json={"grace_hours": 0})
    assert bearing(old["key"]).get("/v1/me").status_code == 401


def test_a_revoked_key_is_out_and_it_is_audited_by_whom(admin, bearing, store, family):
    key = made(admin, scopes=["deals:read"])
    assert admin.delete(f"/v1/api-keys/{key['api_key_id']}").status_code == 204
    assert bearing(key["key"]).get("/v1/me").status_code == 401
    with store.read(Scope.of(family.agency.organization_id)) as work:
        entries = Audit(work).about("api_key", key["api_key_id"])
        assert [(each.action, each.actor_kind) for each in entries] == [("revoke", "user"), ("create", "user")]


def test_a_write_key_has_origins_and_rotates_like_another(admin, store, clock):
    key = made(admin, kind="write", allowed_origins=["HTTPS://Shop.Example/"])
    assert key["allowed_origins"] == ["https://shop.example"]
    keys = WriteKeys(store, now=iter(range(0, 1000, 100)).__next__)
    assert keys.get(key["key"]).allows("https://shop.example")
    assert not keys.get(key["key"]).allows("https://evil.example")
    changed = admin.patch(f"/v1/api-keys/{key['api_key_id']}", json={"allowed_origins": ["https://*.example.org"]})
    assert changed.json()["allowed_origins"] == ["https://*.example.org"]
    new = admin.post(f"/v1/api-keys/{key['api_key_id']}/rotate", json={"grace_hours": 1}).json()
    clock.now += timedelta(hours=1)
    assert keys.get(new["key"]).allows("https://www.example.org")
    with pytest.raises(Exception, match="revoked"):
        keys.get(key["key"])


@pytest.mark.parametrize("fields", [
    {"kind": "write", "allowed_origins": ["shop.example"]},
    {"kind": "write", "allowed_origins": ["https://shop.example/page"]},
    {"kind": "write", "scopes": ["deals:read"]},
    {"scopes": ["deals:read"], "allowed_origins": ["https://shop.example"]},
])  # fmt: skip
def test_a_key_that_makes_no_sense_is_refused(admin, fields):
    assert admin.post("/v1/api-keys", json={"name": "sync", **fields}).status_code == 422


def test_an_agency_lists_its_own_keys_and_changes_no_client_s(admin, store, family):
    make_secret_key(store, family.client.organization_id)
    assert admin.get("/v1/api-keys").json()["items"] == []
    at_client = admin.get("/v1/api-keys", headers={"X-LH-Organization": family.client.organization_id}).json()["items"]
    assert len(at_client) == 1
    assert admin.delete(f"/v1/api-keys/{at_client[0]['api_key_id']}").status_code == 404


def test_whoever_looks_at_the_keys_stands_in_the_log(admin, store, family):
    ours = family.agency.organization_id
    assert admin.get("/v1/api-keys").status_code == 200
    with store.read(Scope.of(ours)) as work:
        assert [(each.action, each.actor_kind) for each in Audit(work).about("api_key", ours)] == [("read", "user")]
