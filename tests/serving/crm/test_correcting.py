"""The address and the company of a contact are corrected by hand."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from domain.tenancy import Scope
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.identity_decisions import IdentityDecisions
from storage.ops.tables import Contact
from tests.factories import make_company, make_contact


@pytest.fixture
def ada(store, family):
    return make_contact(store, family.agency.organization_id, first_name="Ada", email="ada@gmial.example")


def correct(api, contact, **fields):
    return api.patch(f"/v1/contacts/{contact.contact_id}", json=fields)


def test_a_new_address_is_found_by_and_the_old_one_stays_theirs(api, store, family, ada):
    answer = correct(api, ada, email=" Ada@Lovelace.example ")
    assert answer.status_code == 200, answer.text
    assert answer.json()["email"] == "ada@lovelace.example"
    assert answer.json()["company"]["domain"] == "lovelace.example", "a work address says where somebody works"
    assert [found["contact_id"] for found in api.get("/v1/contacts", params={"q": "ada@lovelace"}).json()["items"]] == [
        ada.contact_id
    ]
    assert api.get("/v1/contacts", params={"q": "gmial"}).json()["items"] == []
    with store.read(Scope.of(family.agency.organization_id)) as work:
        now = work.session.scalars(select(Contact).where(Contact.contact_id == ada.contact_id)).one()
        assert now.email_hash not in {None, ada.email_hash}
        (decision,) = IdentityDecisions(work).of_node(f"email:{ada.email_hash}")
        assert (decision.verdict, decision.rule, decision.left_node) == (
            "same", "former_address", f"contact:{ada.contact_id}",
        )  # fmt: skip
        newest = Audit(work).values_of(Audit(work).about("contact", ada.contact_id)[0])
        assert (newest.before, newest.after) == ({"email": ada.email}, {"email": "ada@lovelace.example"})


def test_an_address_of_another_contact_is_refused_and_nothing_is_changed(api, store, family, ada):
    other = make_contact(store, family.agency.organization_id, email="taken@lovelace.example")
    answer = correct(api, ada, email=other.email, title="Countess")
    assert answer.status_code == 409
    assert "Merge" in answer.json()["hint"]
    found = api.get(f"/v1/contacts/{ada.contact_id}").json()
    assert (found["email"], found["title"]) == (ada.email, "")


def test_the_same_address_in_another_organization_is_no_hindrance(api, store, stranger, ada):
    make_contact(store, stranger.organization_id, email="ada@lovelace.example")
    assert correct(api, ada, email="ada@lovelace.example").status_code == 200


@pytest.mark.parametrize("email", ["", None, "no address", "ada@"])
def test_what_is_no_address_is_refused(api, ada, email):
    assert correct(api, ada, email=email).status_code == 422


def test_a_company_is_chosen_by_its_id_made_by_its_name_or_taken_away(api, store, family, stranger, ada):
    acme = make_company(store, family.agency.organization_id, domain="acme.example", name="Acme")
    theirs = make_company(store, stranger.organization_id, domain="theirs.example", name="Theirs")
    assert correct(api, ada, company_id=acme.company_id).json()["company"]["name"] == "Acme"
    assert correct(api, ada, company_id=theirs.company_id).status_code == 404
    assert correct(api, ada, company_name="ACME").json()["company"]["company_id"] == acme.company_id
    assert correct(api, ada, company_name="Engines & Co").json()["company"]["name"] == "Engines & Co"
    assert correct(api, ada, title="Countess").json()["company"]["name"] == "Engines & Co"
    assert correct(api, ada, company_id=None).json()["company"] is None
