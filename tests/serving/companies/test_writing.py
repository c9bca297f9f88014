"""Companies that people write down and correct by hand."""

from __future__ import annotations

import pytest

from domain.tenancy import Role, Scope
from storage.ops.repositories.audit import Audit
from tests.factories import make_company, make_company_summary, make_contact

ACME = {
    "name": "Acme Rockets", "domain": "WWW.Acme.example", "industry": "Aerospace", "employee_count": 40, "country": "US",
}  # fmt: skip


def listed(api, **asked):
    answer = api.get("/v1/companies", params=asked)
    assert answer.status_code == 200, answer.text
    return [(item["name"], item["domain"], item["industry"]) for item in answer.json()["items"]]


def test_a_company_is_added_listed_and_found_at_once(api, store, family):
    answer = api.post("/v1/companies", json=ACME | {"add_tags": ["Target"]})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["domain"], made["tags"], made["summary"]["quality"]["richness"]) == ("acme.example", ["Target"], 4)
    assert listed(api) == listed(api, q="rock") == [("Acme Rockets", "acme.example", "Aerospace")]
    assert made == api.get(f"/v1/companies/{made['company_id']}").json()
    with store.read(Scope.of(family.agency.organization_id)) as work:
        assert [row.action for row in Audit(work).about("company", made["company_id"])] == ["create"]
    person = api.post("/v1/contacts", json={"email": "ada@acme.example"}).json()
    assert person["company"]["company_id"] == made["company_id"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (ACME | {"name": "Another"}, 409),
        ({"name": "acme rockets"}, 409),
        ({"name": "  "}, 422),
        ({"domain": "no domain"}, 422),
        ({"name": "Acme", "country": "usa"}, 422),
    ],
)
def test_one_that_is_known_or_says_nothing_is_refused(api, body, status):
    api.post("/v1/companies", json=ACME)
    assert api.post("/v1/companies", json=body).status_code == status
    assert len(listed(api)) == 1


def test_a_company_is_corrected_with_its_people_and_its_counts(api, store, family):
    agency = family.agency.organization_id
    acme = make_company(store, agency, domain="acme.example", name="Acme")
    make_company_summary(store, agency, acme.company_id, name="Acme", domain="acme.example", session_count=7)
    make_contact(store, agency, first_name="Ada", company_id=acme.company_id)
    read = api.get(f"/v1/companies/{acme.company_id}")
    answer = api.patch(
        f"/v1/companies/{acme.company_id}",
        json={"name": "Acme Rockets", "domain": "acme-rockets.example", "industry": "Aerospace"},
        headers={"If-Match": read.headers["ETag"]},
    )
    assert answer.status_code == 200, answer.text
    assert listed(api, q="acme-rockets") == [("Acme Rockets", "acme-rockets.example", "Aerospace")]
    assert answer.json()["summary"]["session_count"] == 7
    assert [item["company"]["name"] for item in api.get("/v1/contacts", params={"q": "rockets"}).json()["items"]] == [
        "Acme Rockets"
    ]
    stale = api.patch(
        f"/v1/companies/{acme.company_id}", json={"name": "X"}, headers={"If-Match": read.headers["ETag"]}
    )
    assert stale.status_code == 412
    taken = api.patch(f"/v1/companies/{acme.company_id}", json={"industry": None, "name": ""})
    assert (taken.json()["industry"], taken.json()["name"]) == (None, "acme-rockets.example")


def test_a_domain_of_another_company_and_another_organizations_company_are_out_of_reach(
    api, sign_in, store, family, stranger
):
    acme = make_company(store, family.agency.organization_id, domain="acme.example", name="Acme")
    make_company(store, family.agency.organization_id, domain="other.example", name="Other")
    theirs = make_company(store, stranger.organization_id, domain="theirs.example", name="Theirs")
    assert api.patch(f"/v1/companies/{acme.company_id}", json={"domain": "other.example"}).status_code == 409
    assert api.patch(f"/v1/companies/{acme.company_id}", json={"domain": "theirs.example"}).status_code == 200
    assert api.patch(f"/v1/companies/{theirs.company_id}", json={"name": "Stolen"}).status_code == 404
    viewer = sign_in(family.agency.organization_id, Role.VIEWER)
    assert viewer.post("/v1/companies", json={"name": "New"}).status_code == 403
