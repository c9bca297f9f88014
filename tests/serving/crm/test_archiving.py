"""Contacts are taken off the lists and put back, with nothing of them lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.consent import ConsentGrant
from domain.contacts import EmailAddress
from domain.merging import ContactFacts
from domain.tenancy import Role, Scope
from serving.identify.service import LeadClaim, Source, record_lead
from storage.ops.repositories.audit import Audit
from tests.factories import TESTER, make_contact
from tests.serving.crm.test_contacts import names


@pytest.fixture
def three(store, family, clock):
    """Ids of three leads of the agency, by name."""
    agency = family.agency.organization_id
    return {
        name: make_contact(store, agency, first_name=name, last_name="", email=f"{name.lower()}@x.example").contact_id
        for name in ("Ada", "Ben", "Cy")
    }


def send(api, verb, *ids):
    answer = api.post(f"/v1/contacts/{verb}", json={"ids": list(ids)})
    assert answer.status_code == 200, answer.text
    return [found["outcome"] for found in answer.json()["results"]]


def test_who_is_archived_is_on_no_list_and_comes_back_as_they_were(api, store, family, three):
    before = api.get(f"/v1/contacts/{three['Ada']}").json()
    assert send(api, "archive", three["Ada"], "nobody", three["Ben"]) == ["changed", "not_found", "changed"]
    assert send(api, "archive", three["Ada"]) == ["unchanged"]
    assert names(api.get("/v1/contacts")) == ["Cy"]
    assert names(api.get("/v1/contacts", params={"q": "ada"})) == []
    assert api.get(f"/v1/contacts/{three['Ada']}").status_code == 404
    gone = api.get("/v1/contacts/archived").json()
    assert (sorted(found["display_name"] for found in gone["items"]), gone["total"]) == (["Ada", "Ben"], 2)

    assert send(api, "restore", three["Ada"], "nobody", three["Cy"]) == ["changed", "not_found", "unchanged"]
    after = api.get(f"/v1/contacts/{three['Ada']}").json()
    assert {name for name in before if before[name] != after[name]} <= {"etag", "score"}
    assert names(api.get("/v1/contacts", params={"q": "ada"})) == ["Ada"]
    with store.read(Scope.of(family.agency.organization_id)) as work:
        assert [row.action for row in Audit(work).about("contact", three["Ada"])][:2] == ["restore", "archive"]


def test_the_archived_are_paged_the_last_one_first(api, three, clock):
    for name in ("Ada", "Ben", "Cy"):
        clock.now += timedelta(minutes=1)
        send(api, "archive", three[name])
    first = api.get("/v1/contacts/archived", params={"limit": 2}).json()
    rest = api.get("/v1/contacts/archived", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [found["display_name"] for found in first["items"] + rest["items"]] == ["Cy", "Ben", "Ada"]
    assert rest["next_cursor"] is None
    assert api.get("/v1/contacts/archived", params={"cursor": "made-up"}).status_code == 422


def test_whoever_sends_a_form_again_is_back(api, store, family, three, clock):
    send(api, "archive", three["Ada"])
    claim = LeadClaim(
        Source.FORM, ContactFacts(email=EmailAddress("ada@x.example")), clock(),
        consents=(ConsentGrant("marketing", "email", True, "yes", "1"),),
    )  # fmt: skip
    with store.write(Scope.of(family.agency.organization_id), TESTER) as work:
        assert record_lead(work, claim).contact_id == three["Ada"]
    assert "Ada" in names(api.get("/v1/contacts"))
    assert api.get("/v1/contacts/archived").json()["items"] == []


def test_what_is_to_do_about_somebody_archived_waits_until_they_are_back(api, three):
    made = api.post("/v1/tasks", json={"title": "Call Ada", "contact_id": three["Ada"], "assignee_user_id": "me"})
    assert made.status_code == 201, made.text
    send(api, "archive", three["Ada"])
    assert api.get("/v1/tasks").json()["items"] == []
    assert api.get("/v1/tasks/counts").json()["whenever"] == 0
    send(api, "restore", three["Ada"])
    assert [task["title"] for task in api.get("/v1/tasks").json()["items"]] == ["Call Ada"]
    assert api.get("/v1/tasks/counts").json()["whenever"] == 1


def test_only_who_may_write_archives_and_nobody_reaches_into_another_organization(
    api, sign_in, store, family, stranger, three
):
    viewer = sign_in(family.agency.organization_id, Role.VIEWER)
    assert viewer.post("/v1/contacts/archive", json={"ids": [three["Ada"]]}).status_code == 403
    theirs = make_contact(store, stranger.organization_id).contact_id
    assert send(api, "archive", theirs) == ["not_found"]
    assert sign_in(stranger.organization_id).get(f"/v1/contacts/{theirs}").status_code == 200
