"""What an organization calls the stages of its people."""

from __future__ import annotations

import pytest

from domain.tenancy import Role, Scope
from storage.ops.repositories.audit import Audit

DEFAULTS = ["Visitor", "Lead", "MQL", "SQL", "Opportunity", "Customer", "Lost"]


@pytest.fixture
def admin(sign_in, family):
    return sign_in(family.agency.organization_id, Role.ADMIN)


def names(client):
    return [found["name"] for found in client.get("/v1/lifecycle-stages").json()["items"]]


def test_stages_have_our_names_until_somebody_gives_them_others(admin, api, family, store):
    assert names(api) == DEFAULTS
    answer = admin.put("/v1/lifecycle-stages", json={"names": {"lead": " New  enquiry ", "mql": "", "sql": "SQL"}})
    assert answer.status_code == 200, answer.text
    assert names(api) == ["Visitor", "New enquiry", *DEFAULTS[2:]]
    assert api.get("/v1/me").json()["stage_names"]["lead"] == "New enquiry"
    with store.read(Scope.of(family.agency.organization_id)) as work:
        assert any(row.entity_id == "stage_names" for row in Audit(work).page(limit=50))
    admin.put("/v1/lifecycle-stages", json={"names": {}})
    assert names(api) == DEFAULTS


def test_each_organization_has_its_own(admin, sign_in, family, stranger):
    admin.put("/v1/lifecycle-stages", json={"names": {"lead": "Enquiry"}})
    assert names(sign_in(family.client.organization_id)) == DEFAULTS
    assert names(sign_in(stranger.organization_id)) == DEFAULTS


@pytest.mark.parametrize(
    "told",
    [
        {"leads": "Enquiry"},
        {"lead": "customer"},
        {"lead": "Same", "mql": "same"},
        {"lead": "x" * 31},
        {"lead": "a\u0007b"},
    ],
)
def test_what_would_confuse_is_refused(admin, told):
    assert admin.put("/v1/lifecycle-stages", json={"names": told}).status_code == 422
    assert names(admin) == DEFAULTS


def test_names_may_be_swapped(admin):
    assert admin.put("/v1/lifecycle-stages", json={"names": {"mql": "SQL", "sql": "MQL"}}).status_code == 200
    assert names(admin)[2:4] == ["SQL", "MQL"]


def test_an_operator_reads_and_does_not_rename(api):
    assert api.put("/v1/lifecycle-stages", json={"names": {"lead": "Enquiry"}}).status_code == 403
