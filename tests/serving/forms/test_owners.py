"""Making and changing forms, by those who may."""

from __future__ import annotations

import pytest

from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from tests.factories import make_organization, make_secret_key
from tests.serving.forms.conftest import FIELDS


@pytest.fixture
def headers(desk):
    return {"Authorization": f"Bearer {make_secret_key(desk.store, desk.organization_id)}"}


def test_a_form_is_made_changed_and_listed(desk, headers):
    body = {"name": "Newsletter", "fields": FIELDS[:1], "consent_text": "Yes", "settings": {"submit_label": "Join"}}
    made = desk.client.post("/v1/forms", json=body, headers=headers)
    assert made.status_code == 201
    form = made.json()
    assert (form["name"], form["settings"]["submit_label"], form["consent_version"]) == ("Newsletter", "Join", "1")
    address = f"/v1/forms/{form['form_id']}"
    changed = desk.client.patch(
        address, json={"consent_text": "Yes, please", "is_active": False}, headers=headers
    ).json()
    assert (changed["consent_version"], changed["is_active"], changed["name"]) == ("2", False, "Newsletter")
    assert [one["name"] for one in desk.client.get("/v1/forms", headers=headers).json()] == [
        "Newsletter",
        "Request a proposal",
    ]


def test_the_attributes_that_answers_fill_are_defined_with_the_form(desk, headers):
    fields = [*FIELDS, {"key": "seats", "label": "Seats", "type": "number", "maps_to": "attributes.seats"}]
    desk.client.patch(f"/v1/forms/{desk.form_id}", json={"fields": fields}, headers=headers)
    with desk.store.read(desk.scope) as work:
        defined = {one.key: (one.label, one.data_type, one.role) for one in AttributeDefinitions(work).all()}
    assert defined == {"budget": ("Budget", "text", "feature"), "seats": ("Seats", "number", "feature")}


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "fields": FIELDS},
        {"name": "x", "fields": [{"key": "email", "type": "text"}]},
        {"name": "x", "fields": FIELDS, "settings": {"redirect_url": "javascript:alert(1)"}},
        {"name": "x", "fields": FIELDS, "colour": "red"},
    ],
)
def test_a_form_that_cannot_work_is_refused(desk, headers, body):
    assert desk.client.post("/v1/forms", json=body, headers=headers).status_code == 422


def test_nobody_else_makes_changes_or_looks(desk):
    address = f"/v1/forms/{desk.form_id}"
    assert desk.client.post("/v1/forms", json={"name": "x", "fields": FIELDS}).status_code == 401
    other = make_secret_key(desk.store, make_organization(desk.store).organization_id)
    headers = {"Authorization": f"Bearer {other}"}
    assert desk.client.patch(address, json={"name": "mine"}, headers=headers).status_code == 404
    assert desk.client.get(f"{address}/submissions", headers=headers).status_code == 404
    assert desk.client.get("/v1/forms", headers=headers).json() == []
