"""A contact written down by hand or by a program: one that is new, with everything that follows from a lead."""

from __future__ import annotations

import pytest

from domain.tenancy import Role
from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from storage.ops.repositories.audit import Audit
from storage.ops.tables import Job
from tests.factories import TESTER, make_company, make_contact, make_secret_key

ADA = {
    "email": "Ada@Lovelace.example", "first_name": "Ada", "last_name": "Lovelace", "title": "Head of Engines",
    "country": "GB", "company_name": "Lovelace Engines",
}  # fmt: skip


@pytest.fixture
def api(sign_in, family):
    return sign_in(family.agency.organization_id, Role.OPERATOR)


def test_a_person_is_added_with_company_owner_tags_and_custom_attributes(api, store, family):
    with store.write(family.agency_scope, TESTER) as work:
        AttributeDefinitions(work).ensure("budget", data_type="number")
    answer = api.post(
        "/v1/contacts", json=ADA | {"owner_user_id": "me", "attributes": {"budget": 900}, "add_tags": ["Fair"]}
    )
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made == api.get(f"/v1/contacts/{made['contact_id']}").json()
    assert answer.headers["ETag"].strip('"') == made["etag"].strip('"')
    assert (made["email"], made["source"], made["lifecycle_stage"]) == ("ada@lovelace.example", "manual", "lead")
    assert (made["company"]["name"], made["company"]["domain"]) == ("Lovelace Engines", "lovelace.example")
    assert made["owner_user_id"] == api.get("/v1/me").json()["user_id"]
    assert (made["attributes"], made["tags"]) == ({"budget": 900}, ["Fair"])
    assert [line["contact_id"] for line in api.get("/v1/contacts", params={"q": "lovel"}).json()["items"]] == [
        made["contact_id"]
    ]
    with store.read(family.agency_scope) as work:
        [entry] = Audit(work).about("contact", made["contact_id"])
        assert (entry.action, Audit(work).values_of(entry).after["last_name"]) == ("create", "Lovelace")
        assert work.session.query(Job).filter_by(kind="score_contact").count() == 1


def test_nobody_is_added_twice(api, family, store, sign_in):
    known = make_contact(store, family.agency.organization_id, email="ada@lovelace.example", external_id="crm-1")
    for again in ({"email": " ADA@lovelace.example"}, {"external_id": "crm-1", "email": "other@lovelace.example"}):
        refused = api.post("/v1/contacts", json=again | {"first_name": "Else"})
        assert refused.status_code == 409, refused.text
        assert "Search" in refused.json()["hint"]
    assert api.get(f"/v1/contacts/{known.contact_id}").json()["first_name"] == known.first_name
    # the same address at a client is another record
    of_client = sign_in(family.client.organization_id).post("/v1/contacts", json=ADA)
    assert of_client.status_code == 201


def test_somebody_met_at_a_fair_has_no_address_yet(api):
    made = api.post("/v1/contacts", json={"last_name": "Byron", "phone": "+44 20 7946 0018"})
    assert made.status_code == 201
    assert (made.json()["email"], made.json()["company"]) == (None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"title": "Head"},
        {"email": "not an address"},
        {"email": "a@b.example", "owner_user_id": "nobody"},
        {"email": "a@b.example", "attributes": {"unknown": 1}},
        {"email": "a@b.example", "country": "Britain"},
        {"email": "a@b.example", "company_domain": "no domain"},
        {"email": "a@b.example", "consent": True},
    ],
)
def test_what_makes_no_contact_is_refused_with_a_reason_and_leaves_nothing(api, wrong):
    refused = api.post("/v1/contacts", json=wrong)
    assert refused.status_code == 422
    assert refused.json()["detail"]
    assert api.get("/v1/contacts").json()["total"] == 0


def test_a_company_of_another_organization_is_not_here(api, store, family, stranger):
    for organization_id in (stranger.organization_id, family.client.organization_id):
        company = make_company(store, organization_id)
        refused = api.post("/v1/contacts", json={"email": "a@b.example", "company_id": company.company_id})
        assert refused.status_code == 404


def test_a_program_adds_contacts_too_and_they_say_so(api, web, store, family):
    key = make_secret_key(store, family.agency.organization_id, scopes=["contacts:write", "contacts:read"])
    made = web.post("/v1/contacts", json=ADA, headers={"Authorization": f"Bearer {key}"})
    assert made.status_code == 201, made.text
    assert made.json()["source"] == "api"
    assert [one["kind"] for one in made.json()["decisions"]] == ["promote"]


def test_a_lead_by_hand_is_routed_like_any_other(office):
    office.put_routing()
    made = office.api.post("/v1/contacts", json=ADA).json()
    assert office.api.get(f"/v1/contacts/{made['contact_id']}").json()["owner_user_id"]
    told = office.api.post("/v1/contacts", json={"last_name": "Mine", "owner_user_id": "me"}).json()
    assert told["owner_user_id"] == office.api.get("/v1/me").json()["user_id"]
