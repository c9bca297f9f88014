"""The feed of companies, one company, and searches for more: over the API, on both dialects, for one tenant only."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.ids import new_id
from domain.tenancy import Role, Scope
from models_ml.similarity.embed import HashingEmbedder
from models_ml.similarity.index import embed_organization
from serving.companies.router import router
from serving.jobs import find_lookalikes
from serving.jobs.base import JobContext
from storage.ops.repositories.company_lists import CompanyLists
from storage.ops.repositories.consents import Suppressions
from storage.ops.tables import Job
from tests.conftest import NOON
from tests.factories import TESTER, make_company, make_company_summary, make_contact
from tests.models_ml.similarity.conftest import company_lake, made_up  # noqa: F401  a fixture

COMPANIES = [
    {"session_count": 9, "quality": 8, "industry": "Logistics", "employee_count": 120, "country": "DE", "status": "customer"},
    {"session_count": 0, "quality": 2, "industry": "Software", "employee_count": 12, "country": "US"},
    {"session_count": 4, "quality": 6, "industry": "Software", "lookalike_rank": 1, "lookalike_score": 91.0,
     "lookalike_summary": "Like Alpha", "lookalike_reasons": ["Both in DE"], "closest_company_id": "alpha"},
    {"session_count": 4, "quality": 5, "lookalike_rank": 2, "lookalike_score": 80.0},
]  # fmt: skip
NAMES = ("alpha", "bravo", "charlie", "delta")


@pytest.fixture
def feed(store, family):
    organization_id = family.agency.organization_id
    for number, (name, changes) in enumerate(zip(NAMES, COMPANIES, strict=True)):
        make_company_summary(store, organization_id, name, last_seen_at=NOON - timedelta(days=number), **changes)
    make_company_summary(
        store, organization_id, "network:campus.example", name="Campus", domain="campus.example", last_seen_at=None,
        network_type="education", network_confidence="medium",
    )  # fmt: skip
    return organization_id


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [item["company_id"] for item in answer.json()["items"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["alpha", "bravo", "charlie", "delta", "network:campus.example"]),
        ("sort=-session_count", ["alpha", "delta", "charlie", "network:campus.example", "bravo"]),
        ("sort=lookalike_rank", ["charlie", "delta"]),
        ("sort=name&q=cha", ["charlie"]),
        ("q=campus", ["network:campus.example"]),
        ("filter=industry:in:Software,Logistics&sort=name", ["alpha", "bravo", "charlie"]),
        ("filter=status:ne:customer&filter=session_count:gt:0", ["charlie", "delta"]),
        ("filter=network_type:filled", ["network:campus.example"]),
        ("filter=quality:gte:6&sort=-quality", ["alpha", "charlie"]),
        ("filter=employee_count:lte:50", ["bravo"]),
    ],
)
def test_companies_are_found_filtered_and_sorted(api, feed, query, expected):
    assert ids(api.get(f"/v1/companies?{query}")) == expected


@pytest.mark.parametrize("sort", ["", "name", "-quality", "-session_count", "last_seen_at", "lookalike_rank"])
def test_pages_together_are_the_list(api, feed, sort):
    whole, seen, cursor = ids(api.get(f"/v1/companies?sort={sort}")), [], ""
    while True:
        page = api.get(
            "/v1/companies", params={"sort": sort, "limit": 2, **({"cursor": cursor} if cursor else {})}
        ).json()
        seen += [item["company_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == whole


def test_a_line_says_how_the_company_is_known_and_where_it_stands(api, feed):
    lines = {item["company_id"]: item for item in api.get("/v1/companies").json()["items"]}
    assert lines["network:campus.example"]["network"] == {"type": "education", "confidence": "medium"}
    assert lines["alpha"]["network"] is None
    assert lines["charlie"]["lookalike"] == {
        "rank": 1, "score": 91.0, "summary": "Like Alpha", "reasons": ["Both in DE"], "closest_company_id": "alpha",
    }  # fmt: skip
    assert lines["alpha"]["lookalike"] is None


def test_a_filter_that_is_none_is_explained(api, feed):
    answer = api.get("/v1/companies?filter=colour:eq:red")
    assert answer.status_code == 422
    assert "fields:" in answer.json()["hint"]


def test_one_company_has_its_people_and_its_closest_customer(api, feed, store):
    company = make_company(store, feed, domain="charlie.example", name="Charlie Ltd")
    make_company_summary(
        store, feed, company.company_id, name="Charlie Ltd", closest_company_id="alpha", lookalike_rank=3
    )
    make_contact(store, feed, first_name="Cora", last_name="Hale", company_id=company.company_id, title="CMO")
    found = api.get(f"/v1/companies/{company.company_id}").json()
    assert (found["name"], found["closest_name"]) == ("Charlie Ltd", "Alpha")
    assert [(person["display_name"], person["title"]) for person in found["people"]] == [("Cora Hale", "CMO")]
    assert found["summary"]["lookalike"]["rank"] == 3


def test_a_company_that_no_build_has_seen_yet_is_there_all_the_same(api, feed, store):
    company = make_company(store, feed, domain="fresh.example", name="Fresh")
    found = api.get(f"/v1/companies/{company.company_id}").json()
    assert (found["name"], found["summary"], found["people"]) == ("Fresh", None, [])


def test_no_route_tells_of_another_organization(api, feed, store, stranger):
    theirs = make_company(store, stranger.organization_id, domain="secret.example", name="Secret")
    make_company_summary(store, stranger.organization_id, theirs.company_id, name="Secret", industry="Secrecy")
    make_company_summary(store, stranger.organization_id, "alpha", name="Their secret alpha")
    assert api.get(f"/v1/companies/{theirs.company_id}").status_code == 404
    assert theirs.company_id not in ids(api.get("/v1/companies?q=secret"))
    assert "Secrecy" not in api.get("/v1/companies/facets").text
    assert api.get("/v1/companies/alpha").json()["name"] == "Alpha"


def test_the_export_holds_the_filtered_list_with_people_and_tags(api, feed, store, stranger):
    make_company_summary(store, stranger.organization_id, "theirs", name="Theirs")
    api.post("/v1/companies/bulk", json={"ids": ["charlie", "delta"], "set": {"add_tags": ["Key account"]}})

    def exported(**asked):
        answer = api.get("/v1/companies/export", params=asked)
        assert answer.headers["content-disposition"].endswith('companies.csv"')
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert [row["company_id"] for row in exported()] == ids(api.get("/v1/companies"))
    narrowed = exported(filter=["quality:gte:5", "tag:eq:key account"], sort="name")
    assert [(row["name"], row["lookalike_score"], row["tags"]) for row in narrowed] == [
        ("Charlie", "91.0", "Key account"), ("Delta", "80.0", "Key account"),
    ]  # fmt: skip
    assert api.get("/v1/companies/export", params={"filter": "colour:eq:red"}).status_code == 422
    assert api.get("/v1/companies/export", params={"sort": "colour"}).status_code == 422


def test_a_list_is_read_whole_in_batches(store, feed):
    with store.read(Scope.of(feed)) as work:
        found = [[row.company_id for row in batch] for batch in CompanyLists(work).every(batch=2)]
    assert found == [["alpha", "bravo"], ["charlie", "delta"], ["network:campus.example"]]


def test_every_route_is_closed_to_strangers(web):
    for route in router.routes:
        for method in route.methods - {"HEAD"}:
            path = route.path.format(company_id="x", lookalike_search_id="y")
            assert web.request(method, path, json={"from_customers": True}).status_code == 401


class TestLookalikes:
    """A question over HTTP, answered by the worker's job from the lake and the vectors."""

    @pytest.fixture
    def built(self, family, store, company_lake):  # noqa: F811  the fixture
        organization_id = family.agency.organization_id
        company_lake.add(organization_id, made_up(150))
        embed_organization(company_lake.lake, company_lake.settings, organization_id, embedder=HashingEmbedder())
        return organization_id

    @pytest.fixture
    def work_off(self, store, settings, clock):
        """Runs the jobs that wait, as the worker would."""

        def run(organization_id):
            with store.read(Scope.of(organization_id)) as work:
                waiting = list(work.session.scalars(select(Job).where(Job.kind == find_lookalikes.KIND)))
            for job in waiting:
                context = JobContext(store, settings, clock, organization_id, job.job_id)
                find_lookalikes.run(context, job.payload)

        return run

    def test_a_search_is_asked_answered_and_read(self, api, built, work_off, store, family):
        with store.write(family.agency_scope, TESTER) as work:
            Suppressions(work).add("domain", "firm0002.example", reason="competitor")
        asked = api.post("/v1/companies/lookalikes", json={"from_customers": True, "sizes": ["51-200"], "limit": 5})
        assert (asked.status_code, asked.json()["status"]) == (202, "waiting")
        work_off(built)
        found = api.get(f"/v1/companies/lookalikes/{asked.json()['lookalike_search_id']}").json()
        assert (found["status"], found["problem"], len(found["items"])) == ("done", "", 5)
        assert found["embedder"] == HashingEmbedder.title
        assert all("Both in logistics" in one["reasons"] for one in found["items"])
        assert "c0002" not in [one["company_id"] for one in found["items"]]

    def test_a_search_without_a_seed_is_refused_with_what_to_send(self, api):
        answer = api.post("/v1/companies/lookalikes", json={})
        assert answer.status_code == 422
        assert "positive_ids" in answer.text

    def test_seeds_that_are_not_ours_are_no_seeds(self, api, built, work_off):
        asked = api.post("/v1/companies/lookalikes", json={"positive_ids": [new_id()]}).json()
        work_off(built)
        found = api.get(f"/v1/companies/lookalikes/{asked['lookalike_search_id']}").json()
        assert (found["status"], found["items"]) == ("failed", [])
        assert "nothing to be like" in found["problem"]

    def test_before_the_first_build_it_is_said_that_there_is_none(self, api, family, work_off):
        asked = api.post("/v1/companies/lookalikes", json={"from_customers": True}).json()
        work_off(family.agency.organization_id)
        found = api.get(f"/v1/companies/lookalikes/{asked['lookalike_search_id']}").json()
        assert "after the first pipeline run" in found["problem"]

    def test_anothers_search_is_not_told(self, api, built, sign_in, stranger):
        search_id = api.post("/v1/companies/lookalikes", json={"from_customers": True}).json()["lookalike_search_id"]
        other = sign_in(stranger.organization_id, Role.OWNER)
        assert other.get(f"/v1/companies/lookalikes/{search_id}").status_code == 404
