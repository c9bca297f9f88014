"""Saved views: shared or one's own, checked when they are kept, and never another tenant's."""

from __future__ import annotations

import pytest

from domain.tenancy import Role, Scope
from storage.ops.repositories.audit import Audit


def save(api, name="Hot ones", entity="contact", question=None, **more):
    body = {"entity": entity, "name": name, "question": question or {"band": ["hot"], "sort": "score"}, **more}
    return api.post("/v1/saved-views", json=body)


def names(api, **asked):
    return [view["name"] for view in api.get("/v1/saved-views", params=asked).json()["items"]]


def test_ones_own_view_is_seen_by_oneself_and_a_shared_one_by_everybody(api, sign_in, family):
    colleague = sign_in(family.agency.organization_id)
    assert save(api, "Mine").status_code == 201
    assert save(api, "Ours", is_shared=True).json()["is_own"]
    assert names(api) == ["Mine", "Ours"]
    (shared,) = colleague.get("/v1/saved-views").json()["items"]
    assert (shared["name"], shared["is_own"]) == ("Ours", False)


def test_a_view_is_kept_as_the_list_understands_it(api):
    made = save(api, question={"q": "ada", "band": ["hot"], "sort": "newest", "stage": []}).json()
    assert made["question"] == {"q": "ada", "band": ["hot"]}
    assert api.get("/v1/contacts", params=made["question"]).status_code == 200
    deals = save(api, "Big", "deal", {"filter": ["amount_minor:gte:100000"], "sort": "-amount_minor"}).json()
    assert api.get("/v1/deals", params=deals["question"]).status_code == 200
    assert names(api, entity="deal") == ["Big"]


@pytest.mark.parametrize(
    ("entity", "question", "said"),
    [
        ("contact", {"colour": "red"}, "colour"),
        ("contact", {"sort": "age"}, "sort"),
        ("contact", {"attribute": ["made_up:1"]}, "made_up"),
        ("contact", {"cursor": "x"}, "cursor"),
        ("deal", {"filter": ["height:gt:1"]}, "height"),
        ("company", {"sort": "-height"}, "height"),
    ],
)
def test_what_a_list_cannot_be_asked_is_not_kept(api, entity, question, said):
    answer = save(api, entity=entity, question=question)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert names(api) == []


def test_a_name_is_taken_once_among_what_one_sees(api, sign_in, family):
    colleague = sign_in(family.agency.organization_id)
    assert save(api, "Hot ones").status_code == 201
    assert save(api, "HOT ones").status_code == 409
    assert save(colleague, "Hot ones").status_code == 201
    assert save(api, "Hot ones", "deal", {"sort": "name"}).status_code == 201


def test_a_shared_view_is_changed_by_its_maker_or_an_administrator_only(api, sign_in, family):
    agency = family.agency.organization_id
    made = save(api, "Ours", is_shared=True).json()
    path = f"/v1/saved-views/{made['saved_view_id']}"
    assert sign_in(agency).patch(path, json={"name": "Theirs"}).status_code == 403
    changed = sign_in(agency, Role.ADMIN).patch(path, json={"question": {"stage": ["mql"]}}).json()
    assert changed["question"] == {"stage": ["mql"]}
    assert api.patch(path, json={"name": "New"}, headers={"If-Match": made["etag"]}).status_code == 412
    assert api.patch(path, json={"name": None}).status_code == 422
    assert api.delete(path).status_code == 204
    assert names(api) == []


def test_nobody_else_finds_ones_own_view_by_its_id(api, sign_in, family, stranger):
    path = f"/v1/saved-views/{save(api).json()['saved_view_id']}"
    for other in (sign_in(family.agency.organization_id, Role.OWNER), sign_in(stranger.organization_id, Role.OWNER)):
        assert other.patch(path, json={"name": "Found"}).status_code == 404
        assert other.delete(path).status_code == 404


def test_what_becomes_of_a_view_is_answered_for_without_what_was_searched(api, store, family):
    made = save(api, question={"q": "ada lovelace"}).json()
    path = f"/v1/saved-views/{made['saved_view_id']}"
    api.patch(path, json={"is_shared": True})
    api.delete(path)
    with store.read(Scope.of(family.agency.organization_id)) as work:
        rows = Audit(work).about("saved_view", made["saved_view_id"])
        assert [row.action for row in rows] == ["delete", "change", "create"]
        assert "lovelace" not in str([Audit(work).values_of(row) for row in rows])
