"""Marks over the API: said, shown with who and when, taken back, and heard by lists and searches."""

from __future__ import annotations

import pytest

from domain.tenancy import Role
from storage.ops.repositories.lookalike_searches import LookalikeSearches
from tests.factories import TESTER, make_company_summary


@pytest.fixture
def feed(store, family):
    organization_id = family.agency.organization_id
    for number, name in enumerate(("alpha", "bravo", "charlie"), start=1):
        make_company_summary(
            store, organization_id, name, name=name.title(), domain=f"{name}.example", lookalike_rank=number,
            lookalike_score=90.0 - number,
        )  # fmt: skip
    return organization_id


def suggested(api):
    return [item["company_id"] for item in api.get("/v1/companies?sort=lookalike_rank").json()["items"]]


def outcomes(answer):
    assert answer.status_code == 200, answer.text
    return {each["value"]: each["outcome"] for each in answer.json()["results"]}


def test_what_does_not_fit_leaves_the_suggestions_at_once_and_comes_back_when_taken_back(api, feed):
    body = {"kind": "unfit", "company_ids": ["bravo", "nobody"], "note": "too small"}
    assert outcomes(api.post("/v1/lookalike-marks", json=body)) == {"bravo": "marked", "nobody": "not_found"}
    assert suggested(api) == ["alpha", "charlie"]
    lines = {item["company_id"]: item for item in api.get("/v1/companies").json()["items"]}
    assert (lines["bravo"]["lookalike"], lines["bravo"]["lookalike_mark"]) == (None, "unfit")
    assert api.get("/v1/companies/bravo").json()["summary"]["lookalike_mark"] == "unfit"
    shown = api.get("/v1/lookalike-marks").json()
    (mark,) = shown["items"]
    assert (mark["name"], mark["kind"], mark["note"], shown["counts"]) == ("Bravo", "unfit", "too small", {"unfit": 1})
    assert mark["marked_by"]
    assert mark["marked_at"]
    assert api.get("/v1/lookalike-marks?kind=good").json()["items"] == []
    assert api.delete(f"/v1/lookalike-marks/{mark['lookalike_mark_id']}").status_code == 204
    assert suggested(api) == ["alpha", "bravo", "charlie"]


def test_a_pasted_list_excludes_domains_and_says_what_it_could_not_read(api, feed):
    body = {"kind": "excluded", "domains": "https://charlie.example/x, rubbish", "list": "competitors"}
    found = outcomes(api.post("/v1/lookalike-marks", json=body))
    assert found == {"charlie.example": "marked", "rubbish": "refused"}
    assert suggested(api) == ["alpha", "bravo"]
    (mark,) = api.get("/v1/lookalike-marks").json()["items"]
    assert (mark["domain"], mark["name"], mark["list"]) == ("charlie.example", "charlie.example", "competitors")


def test_a_good_one_stays_and_says_so(api, feed):
    api.post("/v1/lookalike-marks", json={"kind": "good", "company_ids": ["alpha"]})
    items = api.get("/v1/companies?sort=lookalike_rank").json()["items"]
    assert [item["lookalike_mark"] for item in items] == ["good", None, None]
    exported = api.get("/v1/companies/export?sort=lookalike_rank").content.decode("utf-8-sig").splitlines()
    assert ",good," in exported[1]


def test_an_answer_that_came_before_a_mark_does_not_show_what_was_hidden_since(api, feed, store, family):
    with store.write(family.agency_scope, TESTER) as work:
        search = LookalikeSearches(work).ask({"from_customers": True})
        found = [{"company_id": name, "rank": number, "score": 80.0, "text_closeness": 0.5, "firm_odds": 1.0,
                  "closest_company_id": None, "closest_name": "", "summary": "", "reasons": []}
                 for number, name in enumerate(("alpha", "bravo"), start=1)]  # fmt: skip
        LookalikeSearches(work).finish(search.lookalike_search_id, {"items": found})
        search_id = search.lookalike_search_id
    api.post("/v1/lookalike-marks", json={"kind": "excluded", "company_ids": ["alpha"]})
    items = api.get(f"/v1/companies/lookalikes/{search_id}").json()["items"]
    assert [item["company_id"] for item in items] == ["bravo"]


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "good"},
        {"kind": "good", "domains": "a.example"},
        {"kind": "unfit", "company_ids": ["alpha"], "list": "other"},
        {"kind": "loved", "company_ids": ["alpha"]},
    ],
)
def test_a_mark_that_makes_no_sense_is_refused(api, feed, body):
    assert api.post("/v1/lookalike-marks", json=body).status_code == 422


def test_who_only_looks_marks_nothing_and_nobody_marks_elsewhere(sign_in, feed, stranger, store, api):
    viewer = sign_in(feed, Role.VIEWER)
    assert viewer.post("/v1/lookalike-marks", json={"kind": "good", "company_ids": ["alpha"]}).status_code == 403
    make_company_summary(store, stranger.organization_id, "alpha", domain="alpha.example")
    other = sign_in(stranger.organization_id)
    other.post("/v1/lookalike-marks", json={"kind": "excluded", "company_ids": ["alpha"], "domains": "bravo.example"})
    assert suggested(api) == ["alpha", "bravo", "charlie"]
    (mark, _) = other.get("/v1/lookalike-marks").json()["items"]
    assert api.delete(f"/v1/lookalike-marks/{mark['lookalike_mark_id']}").status_code == 404
