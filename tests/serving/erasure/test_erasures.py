"""Asking that a person be forgotten, over the API."""

from __future__ import annotations

from domain.tenancy import Role
from tests.factories import make_contact

ADA = "ada.unique@lovelace.example"


def test_an_erasure_is_asked_for_by_an_admin_and_followed_over_the_api(store, sign_in, family):
    contact = make_contact(store, family.agency.organization_id, email=ADA)
    operator, admin = (sign_in(family.agency.organization_id, role) for role in (Role.OPERATOR, Role.ADMIN))
    path = f"/v1/contacts/{contact.contact_id}/erasure"
    assert operator.post(path).status_code == 403
    made = admin.post(path)
    assert (made.status_code, made.json()["status"]) == (202, "asked")
    assert admin.get(f"/v1/erasures/{made.json()['erasure_id']}").json()["contact_id"] == contact.contact_id
    assert admin.post("/v1/erasures", json={"email": "nobody@nowhere.example"}).status_code == 202
    assert admin.post("/v1/erasures", json={}).status_code == 422
    assert len(admin.get("/v1/erasures").json()["items"]) == 2
