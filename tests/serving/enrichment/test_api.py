"""Enrichment over the API: connected, written, previewed, run, and where every value came from."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from domain.settings import EnrichmentSettings
from domain.tenancy import Role
from serving.worker import Worker
from storage.ops.tables import Company, Job
from tests.factories import SYSTEM, make_company, make_contact
from tests.factories.enrichment import FAST
from tests.vendor_server import Said

SOURCE = """\
# what we know of companies
name: Firmographics
subject: company
ceilings: {per_row: 0.1}
fields:
  - field: employee_count
    providers: [facts]   # ours first
  - field: industry
    providers: [facts]
"""


@pytest.fixture
def settings(settings, vendors):
    """Providers on loopback may be asked."""
    vendors.forget()
    chosen = EnrichmentSettings(local_origins=frozenset({vendors.address}), timeout_seconds=1.0)
    return settings.model_copy(update={"enrichment": chosen})


@pytest.fixture
def admin(sign_in, family):
    return sign_in(family.agency.organization_id, Role.ADMIN)


@pytest.fixture
def facts(admin, vendors):
    """A JSON API that is connected at 2 cents a call."""
    body = {
        "name": "facts", "provider": "http_json", "secrets": {"api_key": "s3cret"}, "price": 0.02, **FAST,
        "options": {
            "url": f"{vendors.address}/facts/{{company_domain}}", "headers": {"Authorization": "Bearer {api_key}"},
            "fields": {"employee_count": "data.size", "industry": "data.tags[0]"},
        },
    }  # fmt: skip
    answer = admin.post("/v1/enrichment/connections", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_workflow_goes_from_its_yaml_to_values_that_say_where_they_came_from(
    admin, api, facts, store, settings, family, vendors, clock
):
    company = make_company(store, family.agency.organization_id, domain="acme.example")
    vendors.says("/facts/acme.example", {"data": {"size": 140, "tags": ["Software"]}})
    assert "s3cret" not in str(facts)
    made = api.post("/v1/enrichment/workflows", json={"source": SOURCE}).json()
    assert made["source"] == SOURCE
    assert [chain["steps"][0]["problem"] for chain in made["chains"]] == ["", ""]
    path = f"/v1/enrichment/workflows/{made['enrichment_workflow_id']}"
    preview = api.get(f"{path}/preview").json()
    assert (preview["row_count"], preview["most_cost_micros"], preview["cost_micros"]) == (1, 20_000, 10_000)
    assert vendors.asked == []
    run = api.post(f"{path}/runs", json={}).json()
    Worker(store, settings, clock=clock).drain()
    found = api.get(f"/v1/enrichment/runs/{run['enrichment_run_id']}").json()
    assert (found["status"], found["rows"], found["filled_count"], found["spent_micros"]) == (
        "finished",
        {"done": 1},
        2,
        20_000,
    )
    assert vendors.asked[0].headers["authorization"] == "Bearer s3cret"
    values = api.get("/v1/enrichment/values", params={"company_id": company.company_id}).json()["items"]
    assert {(each["field"], each["value"], each["verdict"]) for each in values} == {
        ("employee_count", 140, "written"),
        ("industry", "Software", "written"),
    }
    again = api.get(f"{path}/preview").json()
    assert (again["idle_count"], again["most_cost_micros"]) == (1, 0)


def test_a_lead_that_comes_in_is_enriched_by_the_worker(
    admin, api, facts, store, settings, family, vendors, clock, office
):
    vendors.says("/facts/", {"data": {"size": 12, "tags": ["Bakery"]}})
    source = SOURCE.replace("subject: company", "subject: company\non_capture: true")
    made = api.post("/v1/enrichment/workflows", json={"source": source}).json()
    api.post(f"/v1/enrichment/workflows/{made['enrichment_workflow_id']}/switch", json={"status": "active"})
    contact_id = office.lead()
    Worker(store, settings, clock=clock, lane="leads").drain()
    company_id = office.contact(contact_id).company_id
    values = api.get("/v1/enrichment/values", params={"company_id": company_id}).json()["items"]
    assert {each["value"] for each in values} == {12, "Bakery"}


def test_what_a_lead_is_not_told_in_time_follows_and_then_it_is_scored_again(
    admin, api, facts, store, settings, vendors, clock, office
):
    options = {"url": f"{vendors.address}/later/{{company_domain}}", "fields": {"industry": "field"}}
    admin.post(
        "/v1/enrichment/connections", json={"name": "later", "provider": "http_json", "options": options, **FAST}
    )
    vendors.says("/facts/", Said({"data": {"size": 12}}, after=0.3))
    vendors.says("/later/", {"field": "Bakery"})
    source = SOURCE.replace("subject: company", "subject: company\non_capture: true\ntime_budget_seconds: 0.2")
    source = source.replace("industry\n    providers: [facts]", "industry\n    providers: [later]")
    made = api.post("/v1/enrichment/workflows", json={"source": source}).json()
    api.post(f"/v1/enrichment/workflows/{made['enrichment_workflow_id']}/switch", json={"status": "active"})
    company_id = office.contact(office.lead()).company_id
    Worker(store, settings, clock=clock, lane="leads").drain()
    Worker(store, settings, clock=clock, lane="short").drain()
    company = _company(store, company_id)
    assert (company.employee_count, company.industry, _waiting(store)) == (12, None, 0)
    Worker(store, settings, clock=clock, lane="enrich").drain()
    assert (_company(store, company_id).industry, _waiting(store)) == ("Bakery", 1)


def _company(store, company_id) -> Company:
    with store.read(SYSTEM) as work:
        return work.session.get_one(Company, company_id)


def _waiting(store) -> int:
    """Scorings that are due."""
    asked = select(func.count()).where(Job.kind == "score_contact", Job.status == "ready")
    with store.read(SYSTEM) as work:
        return work.session.scalar(asked)


def test_dead_letters_are_shown_with_their_calls_and_replayed(
    admin, api, facts, store, settings, family, vendors, clock
):
    make_company(store, family.agency.organization_id, domain="acme.example", name="Acme")
    vendors.says("/facts/", Said("<html>Gateway</html>", content_type="text/html"))
    made = api.post("/v1/enrichment/workflows", json={"source": SOURCE}).json()
    run = api.post(f"/v1/enrichment/workflows/{made['enrichment_workflow_id']}/runs", json={}).json()
    path = f"/v1/enrichment/runs/{run['enrichment_run_id']}"
    Worker(store, settings, clock=clock).drain()
    (dead,) = api.get(f"{path}/rows", params={"status": "failed"}).json()["items"]
    assert dead["display_name"] == "Acme"
    assert [(call["outcome"], call["cost_micros"]) for call in dead["calls"]] == [("malformed", 20_000)]
    assert api.get(path).json()["doubtful_calls"] == 1
    vendors.says("/facts/", {"data": {"size": 12, "tags": ["Bakery"]}})
    assert api.post(f"{path}/replay", json={}).json() == {"row_count": 1}
    Worker(store, settings, clock=clock).drain()
    found = api.get(path).json()
    assert (found["rows"], found["filled_count"], found["spent_micros"]) == ({"done": 1}, 2, 40_000)


def test_what_cannot_be_read_or_connected_says_what_to_do(admin, api, sign_in, stranger):
    faulty = SOURCE.replace("industry", "industri").replace("[facts]   # ours first", "[]")
    answer = api.post("/v1/enrichment/workflows/check", json={"source": faulty})
    assert answer.status_code == 422
    assert "fields[0] (employee_count).providers" in answer.json()["detail"]
    unknown = {"name": "x", "provider": "nobody"}
    assert "website" in admin.post("/v1/enrichment/connections", json=unknown).json()["hint"]
    keyless = {"name": "hunter", "provider": "hunter"}
    assert "api_key" in admin.post("/v1/enrichment/connections", json=keyless).json()["detail"]
    made = api.post("/v1/enrichment/workflows", json={"source": SOURCE}).json()
    started = api.post(f"/v1/enrichment/workflows/{made['enrichment_workflow_id']}/runs", json={})
    assert (started.status_code, "Connect one of: facts" in started.json()["hint"]) == (422, True)
    assert api.post("/v1/enrichment/connections", json=keyless).status_code == 403
    elsewhere = sign_in(stranger.organization_id, Role.ADMIN)
    assert elsewhere.get(f"/v1/enrichment/workflows/{made['enrichment_workflow_id']}").status_code == 404


def test_a_table_is_uploaded_looked_up_and_tried(admin, store, family):
    make_contact(store, family.agency.organization_id, email="ada@acme.example")
    body = {
        "name": "ours", "provider": "csv_table",
        "options": {"key": "company_domain", "key_column": "Website", "columns": {"Employees": "employee_count"}},
    }  # fmt: skip
    made = admin.post("/v1/enrichment/connections", json=body).json()
    path = f"/v1/enrichment/connections/{made['enrichment_connection_id']}"
    table = "Website;Employees\nhttps://www.Acme.example/;1,200\n;5\nother.example;\n"
    assert admin.put(f"{path}/table", json={"csv": table}).json() == {"line_count": 2, "refused": [3]}
    told = admin.post(f"{path}/test", json={"question": {"company_domain": "acme.example"}}).json()
    assert (told["outcome"], told["told"]["employee_count"]["value"]) == ("found", 1200)
    wrong = admin.put(f"{path}/table", json={"csv": "Domain\nx.example\n"})
    assert (wrong.status_code, wrong.json()["hint"]) == (422, "Its columns are: Domain.")


def test_what_is_tried_counts_against_the_limits_and_another_server_is_not_told_the_secret(admin, facts, vendors):
    vendors.says("/facts/", {"data": {"size": 12}})
    path = f"/v1/enrichment/connections/{facts['enrichment_connection_id']}"
    admin.put("/v1/enrichment/limits", json={"per_day": 0.03})
    question = {"question": {"company_domain": "acme.example"}}
    assert admin.post(f"{path}/test", json=question).json()["outcome"] == "found"
    limits = admin.get("/v1/enrichment/limits").json()
    assert (limits["spent_today_micros"], limits["reserved_micros"]) == (20_000, 0)
    refused = admin.post(f"{path}/test", json=question)
    assert (refused.status_code, "for the day" in refused.json()["detail"], len(vendors.asked)) == (409, True, 1)
    options = dict(facts["options"], fields={"industry": "data.tags[0]"})
    assert admin.patch(path, json={"options": options}).json()["secrets_held"] == ["api_key"]
    options["url"] = "https://elsewhere.example/{company_domain}"
    assert admin.patch(path, json={"options": options}).json()["secrets_held"] == []


def test_the_record_of_providers_proposes_an_order_that_holds_once_it_is_adopted(
    admin, api, facts, store, settings, family, vendors, clock
):
    options = {"url": f"{vendors.address}/thrifty/{{company_domain}}", "fields": {"employee_count": "size"}}
    admin.post(
        "/v1/enrichment/connections", json={"name": "thrifty", "provider": "http_json", "options": options, **FAST}
    )
    for number in range(40):
        make_company(store, family.agency.organization_id, domain=f"c{number}.example")
    vendors.says(
        "/facts/",
        lambda asked: Said({"data": {"size": 140} if asked.path.endswith(("0.example", "1.example")) else {}}),
    )
    vendors.says("/thrifty/", {"size": 140})
    source = SOURCE.replace("[facts]   # ours first", "[facts, thrifty]   # ours first")
    made = api.post("/v1/enrichment/workflows", json={"source": source}).json()
    path = f"/v1/enrichment/workflows/{made['enrichment_workflow_id']}"
    assert api.get(f"{path}/order").json()["items"][0]["reason"] == "too_little"
    api.post(f"{path}/runs", json={})
    Worker(store, settings, clock=clock).drain()
    records = {
        each["connection"]: each
        for each in api.get("/v1/enrichment/scoreboard").json()["items"]
        if each["field"] == "employee_count"
    }
    assert (records["facts"]["asked"], records["facts"]["hits"]) == (40, 8)
    low, high = records["facts"]["hit_interval"]
    assert low < 0.2 < high
    proposed = api.get(f"{path}/order").json()
    assert proposed["items"][0]["proposed"] == ["thrifty", "facts"]
    assert api.get(path).json()["version"] == 1, "nothing changes by itself"
    stale = api.post(f"{path}/order", json={"fields": ["employee_count"]}, headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    adopted = api.post(
        f"{path}/order", json={"fields": ["employee_count"]}, headers={"If-Match": proposed["etag"]}
    ).json()
    assert (adopted["version"], adopted["source"]) == (2, source.replace("[facts, thrifty]", "[thrifty, facts]"))
    assert api.post(f"{path}/order", json={"fields": ["industry"]}).status_code == 409
