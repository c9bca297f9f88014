"""Custom fields: made, renamed, put away, and what lists of contacts do with them, over HTTP on both databases."""

from __future__ import annotations

import pytest

from domain.tenancy import Role, Scope
from serving.jobs import index_contacts
from serving.jobs.base import JobContext
from storage.ops.bulk.imports import create_import, run_import
from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from storage.ops.repositories.jobs import Jobs
from tests.factories import TESTER, make_contact


@pytest.fixture
def admin(sign_in, family):
    return sign_in(family.agency.organization_id, Role.ADMIN)


def made(admin, label, **more):
    answer = admin.post("/v1/custom-fields", json={"label": label, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def indexed(store, settings, clock, organization_id):
    """As the worker would: what waits is done."""
    with store.read(Scope.of(organization_id)) as work:
        assert Jobs(work).is_waiting(index_contacts.KIND)
    index_contacts.run(JobContext(store, settings, clock, organization_id, "job"), {})


def names(api, **asked):
    answer = api.get("/v1/contacts", params=asked)
    assert answer.status_code == 200, answer.text
    return [item["first_name"] for item in answer.json()["items"]]


@pytest.fixture
def people(store, admin, family):
    """Ann, Bob, Cid and Dee, and what is known of them."""
    for label, data_type in (("Budget", "number"), ("Seats", "integer"), ("Is VIP", "boolean"), ("Renews on", "date"),
                             ("Met at", "datetime"), ("Hobby", "text")):  # fmt: skip
        made(admin, label, data_type=data_type)
    made(admin, "Plan", data_type="choice", options=["Free", "Pro", "Enterprise"])
    known = {
        "Ann": {
            "budget": 5000.5,
            "seats": 3,
            "is_vip": True,
            "renews_on": "2026-05-01",
            "plan": "Pro",
            "hobby": "Égalité",
        },
        "Bob": {"budget": 90.0, "seats": 30, "is_vip": False, "met_at": "2026-03-01T08:00:00+02:00", "plan": "Free"},
        "Cid": {"budget": 12000.0, "renews_on": "2027-01-01", "plan": "Enterprise", "hobby": "egal what"},
        "Dee": {},
    }
    return {
        name: make_contact(store, family.agency.organization_id, first_name=name, attributes=attributes)
        for name, attributes in known.items()
    }


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (["custom.budget:gte:5000"], {"Ann", "Cid"}),
        (["custom.budget:lt:5000.5"], {"Bob"}),
        (["custom.budget:empty"], {"Dee"}),
        (["custom.budget:filled"], {"Ann", "Bob", "Cid"}),
        (["custom.budget:ne:90"], {"Ann", "Cid", "Dee"}),
        (["custom.seats:in:3,4"], {"Ann"}),
        (["custom.seats:not_in:3,4"], {"Bob", "Cid", "Dee"}),
        (["custom.is_vip:eq:true"], {"Ann"}),
        (["custom.is_vip:eq:false"], {"Bob"}),
        (["custom.renews_on:gt:2026-05-01"], {"Cid"}),
        (["custom.met_at:lte:2026-03-01T06:00:00Z"], {"Bob"}),
        (["custom.plan:eq:pro"], {"Ann"}),
        (["custom.plan:in:PRO,Free"], {"Ann", "Bob"}),
        (["custom.hobby:starts:EGAL"], {"Ann", "Cid"}),
        (["custom.hobby:contains:lite"], {"Ann"}),
        (["custom.budget:gte:5000", "custom.plan:ne:pro"], {"Cid"}),
        (["stage:eq:lead", "custom.seats:filled"], {"Ann", "Bob"}),
        (["first_name:starts:d"], {"Dee"}),
    ],
)  # fmt: skip
def test_lists_are_filtered_by_every_type_of_field(api, people, filters, found):
    assert set(names(api, filter=filters)) == found
    for sort in ("score", "-custom.budget", "custom.hobby"):
        assert set(names(api, filter=filters, sort=sort)) == found


def test_a_list_is_sorted_by_a_field_with_those_without_it_last_and_paged_by_key(api, people):
    def paged(sort):
        seen, cursor = [], None
        while True:
            page = api.get(
                "/v1/contacts", params={"sort": sort, "limit": 1} | ({"cursor": cursor} if cursor else {})
            ).json()
            seen += [item["first_name"] for item in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                return seen

    assert paged("custom.budget") == ["Bob", "Ann", "Cid", "Dee"]
    assert paged("-custom.budget") == ["Cid", "Ann", "Bob", "Dee"]
    assert paged("custom.plan")[:3] == ["Cid", "Bob", "Ann"]


def test_what_cannot_be_asked_is_said(api, people):
    for asked, word in (
        ({"filter": "custom.none:eq:1"}, "no filter of this list"),
        ({"filter": "custom.budget:starts:1"}, "cannot be compared"),
        ({"filter": "custom.budget:eq:much"}, "not a value"),
        ({"sort": "custom.none"}, "cannot be sorted"),
    ):
        answer = api.get("/v1/contacts", params=asked)
        assert answer.status_code == 422
        assert word in answer.json()["detail"]
    cursor = api.get("/v1/contacts", params={"sort": "custom.budget", "limit": 1}).json()["next_cursor"]
    assert api.get("/v1/contacts", params={"sort": "-custom.budget", "cursor": cursor}).status_code == 422
    assert api.get("/v1/contacts", params={"sort": "custom.budget", "cursor": cursor[:-3]}).status_code == 422


def test_a_choice_takes_its_options_however_they_are_spelled_and_nothing_else(api, people):
    contact_id = people["Dee"].contact_id
    told = api.patch(f"/v1/contacts/{contact_id}", json={"attributes": {"plan": "enterprise"}})
    assert told.json()["attributes"]["plan"] == "Enterprise"
    refused = api.patch(f"/v1/contacts/{contact_id}", json={"attributes": {"plan": "Platinum"}})
    assert refused.status_code == 422
    assert "Free, Pro, Enterprise" in refused.json()["hint"]
    assert set(names(api, filter="custom.plan:eq:Enterprise")) == {"Cid", "Dee"}


def test_a_field_that_becomes_filterable_or_searched_is_so_for_everybody_once_the_worker_was_there(
    api, admin, store, settings, clock, family, people
):
    made(admin, "Note", is_filterable=False, is_searchable=False)
    for name in ("Ann", "Bob"):
        api.patch(f"/v1/contacts/{people[name].contact_id}", json={"attributes": {"note": f"Fond of {name}"}})
    assert api.get("/v1/contacts", params={"filter": "custom.note:filled"}).status_code == 422
    assert names(api, q="fond") == []
    changed = admin.patch("/v1/custom-fields/note", json={"is_filterable": True, "is_searchable": True})
    assert changed.status_code == 200
    assert admin.get("/v1/custom-fields").json()["is_indexing"] is True
    indexed(store, settings, clock, family.agency.organization_id)
    assert set(names(api, filter="custom.note:starts:fond")) == {"Ann", "Bob"}
    assert set(names(api, q="fond")) == {"Ann", "Bob"}


def test_an_archived_field_is_in_no_list_and_keeps_its_values(api, admin, store, settings, clock, family, people):
    admin.patch("/v1/custom-fields/hobby", json={"is_archived": True})
    indexed(store, settings, clock, family.agency.organization_id)
    assert api.get("/v1/contacts", params={"filter": "custom.hobby:filled"}).status_code == 422
    assert names(api, q="egal") == []
    assert "hobby" not in {field["key"] for field in api.get("/v1/contacts/facets").json()["attributes"]}
    assert "hobby" not in {field["key"] for field in admin.get("/v1/custom-fields").json()["items"]}
    admin.patch("/v1/custom-fields/hobby", json={"is_archived": False})
    indexed(store, settings, clock, family.agency.organization_id)
    assert set(names(api, q="egal")) == {"Ann", "Cid"}


def test_changes_are_checked_named_and_only_an_administrators(api, admin, people):
    field = made(admin, "Annual budget (EUR)", data_type="number")
    assert field["key"] == "annual_budget_eur"
    assert admin.post("/v1/custom-fields", json={"label": "Annual budget (EUR)"}).status_code == 409
    assert admin.post("/v1/custom-fields", json={"label": "Colour", "data_type": "choice"}).status_code == 422
    assert (
        admin.patch("/v1/custom-fields/plan", json={"options": ["Free"], "label": "Contract"}).json()["label"]
        == "Contract"
    )
    assert admin.patch("/v1/custom-fields/budget", json={"options": ["1"]}).status_code == 422
    assert admin.patch("/v1/custom-fields/none", json={"label": "x"}).status_code == 404
    stale = admin.patch("/v1/custom-fields/plan", json={"label": "y"}, headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    assert api.post("/v1/custom-fields", json={"label": "Mine"}).status_code == 403


def test_an_import_makes_fields_that_lists_are_filtered_by_and_a_wider_type_moves_all_values(
    api, store, settings, clock, family
):
    organization_id = family.agency.organization_id
    for content in (
        b"email,first name,Units\na@x.example,Ann,3\nb@x.example,Bob,40\n",
        b"email,first name,Units\nc@x.example,Cid,a dozen\n",
    ):
        taken = create_import(
            store, settings, Scope.of(organization_id), TESTER, content=content, file_name="units.csv"
        )
        run_import(store, settings, taken.import_id)
        if b"dozen" not in content:
            assert names(api, filter="custom.units:gt:3") == ["Bob"]
    indexed(store, settings, clock, organization_id)
    assert set(names(api, filter="custom.units:in:3,a dozen")) == {"Ann", "Cid"}


def test_no_more_fields_are_filterable_than_can_be(admin, store, family):
    with store.write(Scope.of(family.agency.organization_id), TESTER) as work:
        for number in range(52):
            AttributeDefinitions(work).ensure(f"field_{number}")
        assert AttributeDefinitions(work).filterable_count() == 50
    assert admin.post("/v1/custom-fields", json={"label": "One more"}).status_code == 422
    assert made(admin, "One more", is_filterable=False)["is_filterable"] is False
