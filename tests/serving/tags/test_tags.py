"""Tags: made, renamed and deleted; put on contacts and companies, one or many; asked for by lists. On both databases."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.tenancy import Role, Scope
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.contact_lists import ContactLists
from storage.ops.repositories.contact_questions import ContactQuestion
from storage.ops.tables import ContactTag, Job
from tests.factories import make_company, make_company_summary, make_contact

WORN = {"Ann": ["VIP", "Webinar"], "Bob": ["Webinar"], "Cid": ["Partner, old"], "Dee": []}


def bulk(api, ids, entity="contacts", **values):
    answer = api.post(f"/v1/{entity}/bulk", json={"ids": ids, "set": values})
    assert answer.status_code == 200, answer.text
    return [result["outcome"] for result in answer.json()["results"]]


def names(api, *filters, **asked):
    answer = api.get("/v1/contacts", params={"filter": filters, **asked})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    found = {item["first_name"] for item in page["items"]}
    if "limit" not in asked:
        assert page["total"] == len(found) == len(page["items"])
    return found


@pytest.fixture
def people(store, api, family):
    made = {name: make_contact(store, family.agency.organization_id, first_name=name).contact_id for name in WORN}
    for name, tags in WORN.items():
        if tags:
            assert bulk(api, [made[name]], add_tags=tags) == ["changed"]
    return made


ASKED = [
    (["tag:eq:vip"], {"Ann"}),
    (["tag:in:VIP,webinar"], {"Ann", "Bob"}),
    (["tag:in:Partner\\, old"], {"Cid"}),
    (["tag:eq:vip", "tag:eq:webinar"], {"Ann"}),
    (["tag:ne:webinar"], {"Cid", "Dee"}),
    (["tag:not_in:vip,partner\\, old"], {"Bob", "Dee"}),
    (["tag:contains:in"], {"Ann", "Bob"}),
    (["tag:starts:part"], {"Cid"}),
    (["tag:empty"], {"Dee"}),
    (["tag:filled"], {"Ann", "Bob", "Cid"}),
    (["tag:eq:no such tag"], set()),
    (["tag:ne:no such tag"], {"Ann", "Bob", "Cid", "Dee"}),
    (["tag:filled", "first_name:starts:b"], {"Bob"}),
]


def test_lists_are_filtered_by_tag(store, api, people, family):
    for filters, found in ASKED:
        assert names(api, *filters) == found
        assert names(api, *filters, sort="score") == found
        with store.read(Scope.of(family.agency.organization_id)) as work:  # as where a filter finds too many to sort
            lists = ContactLists(work, few=0)
            page = lists.page(ContactQuestion(filters=filters), limit=10)
            assert ({line.contact.first_name for line in page.lines}, page.total) == (found, len(found))
            assert lists.page(ContactQuestion(filters=filters), limit=1).total == len(found)


def test_many_are_tagged_and_untagged_and_each_is_answered_for(store, api, people, family):
    ids = [people["Ann"], people["Dee"], "nobody"]
    assert bulk(api, ids, add_tags=["vip", " Hot   lead "], remove_tags=["webinar", "never was"]) == [
        "changed", "changed", "not_found",
    ]  # fmt: skip
    assert api.get(f"/v1/contacts/{people['Ann']}").json()["tags"] == ["Hot lead", "VIP"]
    assert api.get(f"/v1/contacts/{people['Dee']}").json()["tags"] == ["Hot lead", "VIP"]
    assert bulk(api, ids[:2], add_tags=["VIP"]) == ["unchanged", "unchanged"]
    with store.read(Scope.of(family.agency.organization_id)) as work:
        audit = Audit(work)
        newest = audit.values_of(audit.about("contact", people["Ann"])[0])
        assert newest.before == {"tags": ["VIP", "Webinar"]}
        assert newest.after == {"tags": ["Hot lead", "VIP"]}
        assert work.session.scalars(select(Job).where(Job.kind == "score_contact")).all() == []


def test_one_is_tagged_with_what_else_is_corrected_and_its_etag_moves(api, people, clock):
    clock.now += timedelta(minutes=1)
    bob = api.get(f"/v1/contacts/{people['Bob']}")
    sent = {"title": "CTO", "add_tags": ["VIP"]}
    changed = api.patch(f"/v1/contacts/{people['Bob']}", json=sent, headers={"If-Match": bob.headers["ETag"]})
    assert (changed.json()["title"], changed.json()["tags"]) == ("CTO", ["VIP", "Webinar"])
    again = api.patch(f"/v1/contacts/{people['Bob']}", json=sent, headers={"If-Match": bob.headers["ETag"]})
    assert again.status_code == 412


def test_what_is_no_tag_is_refused_and_nothing_is_made(api, people):
    before = api.get("/v1/tags").json()
    for bad in (
        {"add_tags": ["  "]}, {"add_tags": ["a" * 61]}, {"add_tags": ["x"], "remove_tags": ["X"]}, {"add_tags": []},
        {"add_tags": [f"t{n}" for n in range(21)]},
    ):  # fmt: skip
        assert api.post("/v1/contacts/bulk", json={"ids": [people["Dee"]], "set": bad}).status_code == 422
    assert api.get("/v1/tags").json() == before


def test_tags_are_counted_renamed_and_deleted(store, api, people, family):
    found = {tag["name"]: tag for tag in api.get("/v1/tags").json()["items"]}
    assert {name: tag["contact_count"] for name, tag in found.items()} == {"Partner, old": 1, "VIP": 1, "Webinar": 2}
    webinar = found["Webinar"]["tag_id"]
    assert api.patch(f"/v1/tags/{webinar}", json={"name": "vip"}).status_code == 409
    renamed = api.patch(
        f"/v1/tags/{webinar}", json={"name": "WEBINAR May"}, headers={"If-Match": found["Webinar"]["etag"]}
    )
    assert renamed.json()["name"] == "WEBINAR May"
    assert names(api, "tag:eq:webinar may") == {"Ann", "Bob"}
    assert api.delete(f"/v1/tags/{webinar}").status_code == 204
    assert api.delete(f"/v1/tags/{webinar}").status_code == 404
    assert names(api, "tag:filled") == {"Ann", "Cid"}
    with store.read(Scope.of(family.agency.organization_id)) as work:
        assert work.session.scalars(select(ContactTag).where(ContactTag.tag_id == webinar)).all() == []
        acts = [entry.action for entry in Audit(work).about("tag", webinar)]
        assert acts == ["delete", "change"]


def test_a_tag_is_made_once_by_whoever_is_first(api):
    assert api.post("/v1/tags", json={"name": "Key account"}).status_code == 201
    assert api.post("/v1/tags", json={"name": " key ACCOUNT "}).status_code == 409
    assert [tag["name"] for tag in api.get("/v1/tags").json()["items"]] == ["Key account"]


def test_another_organization_has_its_own_tags(sign_in, api, people, stranger, store):
    there = sign_in(stranger.organization_id)
    assert there.get("/v1/tags").json() == {"items": []}
    theirs = make_contact(store, stranger.organization_id).contact_id
    bulk(there, [theirs, people["Ann"]], add_tags=["vip"])
    assert names(api, "tag:eq:vip") == {"Ann"}
    ours = api.get("/v1/tags").json()["items"][0]["tag_id"]
    assert there.patch(f"/v1/tags/{ours}", json={"name": "mine"}).status_code == 404
    assert there.delete(f"/v1/tags/{ours}").status_code == 404


def test_who_only_looks_tags_nobody(sign_in, family, people):
    viewer = sign_in(family.agency.organization_id, Role.VIEWER)
    assert viewer.post("/v1/tags", json={"name": "x"}).status_code == 403
    assert viewer.post("/v1/contacts/bulk", json={"ids": ["a"], "set": {"add_tags": ["x"]}}).status_code == 403
    assert viewer.post("/v1/companies/bulk", json={"ids": ["a"], "set": {"add_tags": ["x"]}}).status_code == 403
    assert viewer.get("/v1/tags").status_code == 200


def test_an_export_says_the_tags(sign_in, family, people):
    admin = sign_in(family.agency.organization_id, Role.ADMIN)
    rows = csv.DictReader(io.StringIO(admin.get("/v1/contacts/export").text.removeprefix("\ufeff")))
    assert {row["name"]: row["tags"] for row in rows} == {
        "Ann": "VIP; Webinar", "Bob": "Webinar", "Cid": "Partner, old", "Dee": "",
    }  # fmt: skip


def test_a_view_keeps_a_question_about_tags(api, people):
    for entity in ("contact", "company"):
        body = {"entity": entity, "name": f"VIPs {entity}", "question": {"filter": ["tag:eq:vip"], "columns": ["Tags"]}}
        assert api.post("/v1/saved-views", json=body).status_code == 201


@pytest.fixture
def companies(store, family):
    """One of the CRM, and one that only a network told of."""
    organization_id = family.agency.organization_id
    ours = make_company(store, organization_id, domain="alpha.example", name="Alpha").company_id
    make_company_summary(store, organization_id, ours, name="Alpha")
    make_company_summary(store, organization_id, "network:campus.example", name="Campus")
    return ours, "network:campus.example"


def test_companies_are_tagged_edited_and_filtered(store, api, companies, family):
    ours, network = companies
    sent = {"add_tags": ["Key account"], "industry": "Software", "country": "DE", "employee_count": 40}
    assert bulk(api, [ours, network, "nobody"], "companies", **sent) == ["changed", "changed", "not_found"]
    assert bulk(api, [ours, network], "companies", **sent) == ["unchanged", "no_record"]
    found = {
        item["company_id"]: item
        for item in api.get("/v1/companies", params={"filter": "tag:eq:key account"}).json()["items"]
    }
    assert {key: item["tags"] for key, item in found.items()} == {ours: ["Key account"], network: ["Key account"]}
    assert (found[ours]["industry"], found[ours]["country"], found[ours]["employee_count"]) == ("Software", "DE", 40)
    assert found[network]["industry"] is None
    assert bulk(api, [network], "companies", remove_tags=["key account"]) == ["changed"]
    left = api.get("/v1/companies", params={"filter": "tag:empty"}).json()
    assert ([item["company_id"] for item in left["items"]], left["total"]) == ([network], 1)
    assert api.get(f"/v1/companies/{ours}").json()["tags"] == ["Key account"]
    with store.read(Scope.of(family.agency.organization_id)) as work:
        audit = Audit(work)
        kept = audit.values_of(audit.about("company", ours)[0])
        assert kept.after == {"tags": ["Key account"], "industry": "Software", "country": "DE", "employee_count": 40}


def test_a_network_company_that_two_organizations_know_has_tags_of_each(store, api, sign_in, companies, stranger):
    there = sign_in(stranger.organization_id)
    make_company_summary(store, stranger.organization_id, companies[1], name="Campus")
    bulk(api, [companies[1]], "companies", add_tags=["Ours"])
    bulk(there, [companies[1]], "companies", add_tags=["Theirs"])
    assert api.get("/v1/companies", params={"filter": "tag:filled"}).json()["items"][0]["tags"] == ["Ours"]
    assert there.get("/v1/companies", params={"filter": "tag:filled"}).json()["items"][0]["tags"] == ["Theirs"]


def test_what_is_merged_brings_its_tags_and_takes_them_back(store, sign_in, api, family, people):
    admin = sign_in(family.agency.organization_id, Role.ADMIN)
    made = admin.post(f"/v1/contacts/{people['Ann']}/merge", json={"contact_id": people["Cid"]}).json()
    assert api.get(f"/v1/contacts/{people['Ann']}").json()["tags"] == ["Partner, old", "VIP", "Webinar"]
    assert names(api, "tag:eq:partner, old") == {"Ann"}
    assert admin.post(f"/v1/merges/{made['contact_merge_id']}/undo").status_code == 200
    assert api.get(f"/v1/contacts/{people['Ann']}").json()["tags"] == ["VIP", "Webinar"]
    assert names(api, "tag:eq:partner, old") == {"Cid"}


def test_merged_companies_share_their_tags_until_they_are_two_again(store, sign_in, api, family):
    organization_id, admin = family.agency.organization_id, sign_in(family.agency.organization_id, Role.ADMIN)
    one, other = (make_company(store, organization_id, name=name).company_id for name in ("One", "Other"))
    for company_id, name in ((one, "One"), (other, "Other")):
        make_company_summary(store, organization_id, company_id, name=name)
        bulk(api, [company_id], "companies", add_tags=["Both", name])
    made = admin.post(f"/v1/companies/{one}/merge", json={"company_id": other})
    assert made.status_code == 201, made.text
    assert api.get(f"/v1/companies/{one}").json()["tags"] == ["Both", "One", "Other"]
    assert admin.post(f"/v1/company-merges/{made.json()['company_merge_id']}/undo").status_code == 200
    assert api.get(f"/v1/companies/{one}").json()["tags"] == ["Both", "One"]
