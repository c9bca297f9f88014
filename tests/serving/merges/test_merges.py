"""Merging, undoing and the rules of survivorship, over HTTP on both databases."""

from __future__ import annotations

import pytest

from domain.tenancy import Role, Scope
from storage.ops.repositories.audit import Audit
from tests.factories import make_contact


@pytest.fixture
def two(store, family):
    ours = family.agency.organization_id
    ada = make_contact(store, ours, email="ada@lovelace.example", first_name="Ada", title="Countess")
    return ada.contact_id, make_contact(store, ours, email="augusta@work.example", first_name="Augusta").contact_id


def merge(api, two, etag=None, **choices):
    headers = {"If-Match": etag} if etag else {}
    return api.post(f"/v1/contacts/{two[0]}/merge", json={"contact_id": two[1], "choices": choices}, headers=headers)


def preview(api, two):
    return api.get(f"/v1/contacts/{two[0]}/merge-preview", params={"with": two[1]})


def test_a_merge_is_shown_done_and_undone(api, store, family, two):
    shown = preview(api, two).json()
    named = {
        choice["field"]: (choice["kept"], choice["reason"]) for choice in shown["choices"] if choice["is_differing"]
    }
    assert named["first_name"] == ("merged", "most_complete")
    assert named["title"] == ("survivor", "only_one")
    made = merge(api, two, shown["etag"], first_name="survivor")
    assert made.status_code == 201
    old = api.get(f"/v1/contacts/{two[1]}").json()
    assert (old["contact_id"], old["first_name"]) == (two[0], "Ada")
    assert api.get("/v1/contacts").json()["total"] == 1
    undone = api.post(f"/v1/merges/{made.json()['contact_merge_id']}/undo").json()
    assert undone["status"] == "undone"
    assert api.get(f"/v1/contacts/{two[1]}").json()["first_name"] == "Augusta"
    assert [one["status"] for one in api.get(f"/v1/contacts/{two[0]}/merges").json()] == ["undone"]
    with store.read(Scope.of(family.agency.organization_id)) as work:
        assert [entry.action for entry in Audit(work).about("contact", two[0])] == ["unmerge", "merge"]


def test_a_change_since_the_preview_is_not_merged_over(api, clock, two):
    etag = preview(api, two).json()["etag"]
    for contact_id in two:
        api.patch(f"/v1/contacts/{contact_id}", json={"title": f"Since {contact_id}"})
    assert merge(api, two, etag).status_code == 412
    assert merge(api, two, preview(api, two).json()["etag"]).status_code == 201
    assert merge(api, two).status_code == 409


def test_nobody_merges_across_organizations_or_without_the_right_to(api, sign_in, store, family, stranger, two):
    foreign = make_contact(store, stranger.organization_id).contact_id
    assert merge(api, (two[0], foreign)).status_code == 404
    assert preview(api, (foreign, two[0])).status_code == 404
    assert merge(sign_in(family.agency.organization_id, Role.VIEWER), two).status_code == 403
    made = merge(api, two).json()
    elsewhere = sign_in(stranger.organization_id)
    assert elsewhere.post(f"/v1/merges/{made['contact_merge_id']}/undo").status_code == 404


def test_rules_of_an_organization_decide_what_survives(sign_in, family, two):
    admin = sign_in(family.agency.organization_id, Role.ADMIN)
    rules = {"default": "source_priority", "fields": {"first_name": "most_recent"}, "sources": ["api", "form"]}
    assert admin.put("/v1/survivorship", json=rules).json() == rules
    assert admin.get("/v1/survivorship").json() == rules
    choices = {choice["field"]: choice["reason"] for choice in preview(admin, two).json()["choices"]}
    assert choices["first_name"] in {"most_recent", "no_difference"}
    refused = admin.put("/v1/survivorship", json={"default": "loudest"})
    assert (refused.status_code, "most_recent" in refused.json()["hint"]) == (422, True)
