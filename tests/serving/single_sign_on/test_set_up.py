"""Owners set the provider of their organization up; its secret stays sealed, and nobody else decides who signs in."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from domain.settings import WebSettings
from domain.tenancy import Role
from serving.main import create_app
from serving.single_sign_on.router import PATH
from serving.single_sign_on.service import LASTS
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.identity_providers import IdentityProviders
from storage.ops.tables import AuditEntry
from tests.factories import make_session, make_user
from tests.serving.single_sign_on.providers import lying_provider

SECRET = "the secret of the provider"


@pytest.fixture(scope="module")
def provider():
    with lying_provider() as found:
        yield found


@pytest.fixture
def web(store, settings, clock, provider):
    changes = {"role": "api", "local_providers": frozenset({provider.issuer}), "public_url": "https://leads.example"}
    told = settings.model_copy(update={"web": settings.web.model_copy(update=changes)})
    with TestClient(create_app(told, store=store, clock=clock)) as client:
        yield client


@pytest.fixture
def as_role(web, store, family):
    def client(role: Role) -> TestClient:
        user = make_user(store, family.agency.organization_id, role=role)
        return TestClient(web.app, headers={"Authorization": f"Bearer {make_session(store, user.user_id)}"})

    return client


def body(provider, **changes):
    return {"name": "Agency ID", "issuer": provider.issuer, "client_id": "leadhouse", "client_secret": SECRET} | changes


def test_an_owner_sets_it_and_reads_what_to_register_and_never_the_secret(as_role, provider, family):
    owner = as_role(Role.OWNER)
    empty = owner.get("/v1/single-sign-on").json()
    assert empty == {
        "provider": None,
        "redirect_uri": "https://leads.example/login/sso/northwind/callback",
        "sign_out_uri": "https://leads.example/login",
    }
    made = owner.put("/v1/single-sign-on", json=body(provider, domains=["@Agency.Example"], default_role="operator"))
    assert made.status_code == 200, made.text
    assert made.json() | {"updated_at": None} == {
        "name": "Agency ID",
        "issuer": provider.issuer,
        "client_id": "leadhouse",
        "has_secret": True,
        "domains": ["agency.example"],
        "default_role": "operator",
        "is_enabled": True,
        "redirect_uri": "https://leads.example/login/sso/northwind/callback",
        "sign_out_uri": "https://leads.example/login",
        "sign_in_url": "https://leads.example/login/sso/northwind",
        "updated_at": None,
    }
    assert SECRET not in owner.get("/v1/single-sign-on").text


def test_the_secret_stays_until_the_client_is_another_and_is_on_no_record(as_role, provider, store, family):
    owner = as_role(Role.OWNER)
    owner.put("/v1/single-sign-on", json=body(provider))
    renamed = owner.put("/v1/single-sign-on", json=body(provider, name="Other words", client_secret=None))
    assert renamed.json()["has_secret"]
    elsewhere = owner.put("/v1/single-sign-on", json=body(provider, client_id="another", client_secret=None))
    assert not elsewhere.json()["has_secret"], "a secret is not sent to another client's provider"
    with store.read(family.agency_scope) as work:
        rows = work.session.scalars(select(AuditEntry).where(AuditEntry.entity == "identity_provider"))
        kept = [Audit(work).values_of(row) for row in rows]
        assert len(kept) == 3
        assert SECRET not in str(kept)
        assert work.session.scalar(text("select sealed_secret from identity_providers")) is None


def test_the_secret_opens_for_its_own_organization_alone(as_role, provider, store, family):
    as_role(Role.OWNER).put("/v1/single-sign-on", json=body(provider))
    with store.read(family.agency_scope) as work:
        found = IdentityProviders(work).of_organization()
        assert SECRET.encode() not in bytes(found.sealed_secret)
        assert IdentityProviders(work).secret_of(found) == SECRET


def test_an_admin_may_not_decide_who_signs_in_as_owner(as_role, provider):
    admin = as_role(Role.ADMIN)
    assert admin.put("/v1/single-sign-on", json=body(provider)).status_code == 403
    assert admin.delete("/v1/single-sign-on").status_code == 403
    assert as_role(Role.OPERATOR).get("/v1/single-sign-on").status_code == 403


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"default_role": "owner", "domains": ["agency.example"]}, "no admins and no owners"),
        ({"default_role": "admin", "domains": ["agency.example"]}, "no admins and no owners"),
        ({"default_role": "viewer"}, "needs domains"),
        ({"domains": ["not a domain"]}, "not a domain"),
        ({"issuer": "http://169.254.169.254"}, "https"),
        ({"issuer": "https://127.0.0.1:1"}, "public internet"),
        ({"issuer": "nonsense"}, "address"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(as_role, provider, changes, word):
    refused = as_role(Role.OWNER).put("/v1/single-sign-on", json=body(provider, **changes))
    assert refused.status_code == 422
    assert word in refused.json()["detail"]


def test_an_issuer_that_calls_itself_otherwise_is_refused(as_role, provider):
    provider.described = {"issuer": "https://accounts.example"}
    refused = as_role(Role.OWNER).put("/v1/single-sign-on", json=body(provider))
    provider.described = {"token_endpoint": "http://10.0.0.1/token"}
    inside = as_role(Role.OWNER).put("/v1/single-sign-on", json=body(provider))
    provider.described = {}
    assert (refused.status_code, inside.status_code) == (422, 422)
    assert "accounts.example" in refused.json()["detail"]


def test_a_provider_that_is_taken_away_signs_nobody_in(as_role, provider, web):
    owner = as_role(Role.OWNER)
    owner.put("/v1/single-sign-on", json=body(provider))
    assert owner.delete("/v1/single-sign-on").status_code == 204
    assert owner.delete("/v1/single-sign-on").status_code == 409
    assert web.get("/login/sso/northwind").status_code == 404


def test_the_guide_names_the_setting_the_addresses_and_the_time_there_is():
    guide = (Path(__file__).parents[3] / "docs/how-to/sign-in-with-a-provider.md").read_text(encoding="utf-8")
    assert "LEADHOUSE_WEB__LOCAL_PROVIDERS" in guide
    assert "local_providers" in WebSettings.model_fields
    for promise in (f"{PATH}/<short name>/callback", "ten minutes", "/login?org=<short name>"):
        assert promise in guide
    assert LASTS.total_seconds() == 600
