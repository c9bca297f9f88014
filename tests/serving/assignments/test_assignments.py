"""Arms over the API: the same for the same somebody, logged once, and nothing that a page could break on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from domain.tenancy import Scope
from serving.assignments.dealing import Asked, assign_arm
from serving.main import create_app
from storage.ops.repositories.experiments import ExperimentExposures, Experiments
from storage.ops.tables import ExperimentExposure
from tests.factories import TESTER, make_company, make_contact, make_secret_key, make_write_key
from tests.factories.experiments import make_experiment

PATH = "/v1/experiments/hero/assignments"


@pytest.fixture
def agency(family):
    return family.agency.organization_id


@pytest.fixture
def server(web, store, agency):
    key = make_secret_key(store, agency, scopes=["experiments:assign", "contacts:write"])
    return TestClient(web.app, headers={"Authorization": f"Bearer {key}"})


@pytest.fixture
def page(store, settings, clock, agency):
    """A visitor's page, at a process that only takes in what websites send."""
    capture = settings.model_copy(update={"web": settings.web.model_copy(update={"role": "capture"})})
    with TestClient(create_app(capture, store=store, clock=clock)) as client:
        client.headers["X-LH-Key"] = make_write_key(store, agency, allowed_origins=["https://shop.example"])
        yield client


def ask(client, **whom):
    answer = client.post(PATH, json=whom)
    assert answer.status_code == 200, answer.text
    return answer.json()


def logged(store, agency):
    with store.read(Scope.of(agency)) as work:
        return list(work.session.scalars(select(ExperimentExposure).order_by(ExperimentExposure.subject)))


def test_a_browser_gets_one_arm_however_often_it_asks_and_is_logged_once(api, page, store, agency):
    make_experiment(api)
    first = page.post(PATH, json={"anonymous_id": "browser-1"}, headers={"Origin": "https://shop.example"})
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert (first.json()["reason"], first.json()["is_logged"]) == ("dealt", True)
    assert ask(page, anonymous_id="browser-1") == {**first.json(), "reason": "kept"}
    (row,) = logged(store, agency)
    assert (row.subject, row.arm, row.via) == ("anonymous:browser-1", first.json()["arm"], "browser")


def test_a_page_of_another_site_or_one_that_names_a_person_is_refused(api, page):
    make_experiment(api)
    elsewhere = page.post(PATH, json={"anonymous_id": "b"}, headers={"Origin": "https://evil.example"})
    assert elsewhere.status_code == 403
    assert page.post(PATH, json={"email": "ada@lovelace.example"}).status_code == 403
    assert page.options(PATH).headers["Access-Control-Allow-Headers"] == "Content-Type, X-LH-Key"


def test_a_visit_without_consent_to_ids_gets_an_arm_and_leaves_no_trace(api, page, store, agency):
    make_experiment(api)
    silent = ask(page, anonymous_id="browser-1", consent="anonymous")
    assert silent["arm"] is not None
    signalled = page.post(PATH, json={"anonymous_id": "browser-1"}, headers={"Sec-GPC": "1"}).json()
    assert (signalled["arm"], signalled["is_logged"], silent["is_logged"]) == (silent["arm"], False, False)
    assert logged(store, agency) == []


def test_a_key_that_asks_too_often_is_told_to_wait(api, page, store, agency):
    make_experiment(api)
    page.headers["X-LH-Key"] = make_write_key(store, agency, rate_per_minute=2)
    answers = [page.post(PATH, json={"anonymous_id": f"b{number}"}).status_code for number in range(3)]
    assert answers == [200, 200, 429]


def test_a_draft_deals_nothing_and_one_that_was_decided_answers_its_arm_unlogged(api, server, store, agency):
    made = make_experiment(api, is_started=False)
    assert ask(server, anonymous_id="b1") == {"arm": None, "reason": "not_running", "is_logged": False}
    path = f"/v1/experiments/{made['experiment_id']}"
    api.post(f"{path}/start")
    api.post(f"{path}/stop", json={"adopted_arm": "short", "reason": "Shorter reads better."})
    assert ask(server, anonymous_id="b1") == {"arm": "short", "reason": "decided", "is_logged": False}
    assert logged(store, agency) == []


def test_a_browser_keeps_its_arm_once_it_is_known_and_brings_it_to_the_persons_other_devices(
    api, server, page, store, agency
):
    make_experiment(api)
    seen = {}
    for number in range(6):  # whatever the hash of the person would have dealt
        browser, email = f"browser-{number}", f"p{number}@lovelace.example"
        seen[email] = ask(page, anonymous_id=browser)["arm"]
        told = server.post("/v1/identify", json={"traits": {"email": email}, "anonymous_id": browser})
        assert told.status_code == 202, told.text
        assert ask(page, anonymous_id=browser)["arm"] == seen[email]
    assert {email: ask(server, email=email)["arm"] for email in seen} == seen


def test_colleagues_get_the_same_where_companies_are_dealt_and_strangers_are_not_found(api, server, store, agency):
    make_experiment(api, unit="company")
    company = make_company(store, agency, domain="lovelace.example").company_id
    people = [make_contact(store, agency, company_id=company) for _ in range(5)]
    arms = {ask(server, contact_id=person.contact_id)["arm"] for person in people}
    assert arms == {ask(server, company_id=company)["arm"]}
    assert [row.subject for row in logged(store, agency)] == [f"company:{company}"]
    assert server.post(PATH, json={"email": "nobody@elsewhere.example"}).status_code == 404


def test_another_organizations_experiment_and_people_are_not_there(api, web, store, stranger, agency):
    make_experiment(api)
    person = make_contact(store, agency)
    theirs = make_secret_key(store, stranger.organization_id)
    client = TestClient(web.app, headers={"Authorization": f"Bearer {theirs}"})
    assert client.post(PATH, json={"contact_id": person.contact_id}).status_code == 404


def test_many_who_ask_at_once_while_a_bandit_moves_its_weights_hear_one_answer(api, store, agency):
    made = make_experiment(api, allocation="bandit", floor=0.1)
    path = f"/v1/experiments/{made['experiment_id']}"

    def hear(number: int) -> str | None:
        if number % 7 == 0:
            weights = (1, 8) if number % 2 else (8, 1)
            arms = [{"key": key, "weight": weight} for key, weight in zip(("now", "short"), weights, strict=True)]
            assert api.patch(path, json={"arms": arms}).status_code == 200
        asked = Asked(anonymous_id=f"browser-{number % 4}")
        return assign_arm(
            store, Scope.of(agency), TESTER, "hero", asked, is_shown=True, via="server"
        ).assignment.variant

    with ThreadPoolExecutor(8) as pool:
        heard = list(pool.map(hear, range(48)))
    log = {row.subject: row.arm for row in logged(store, agency)}
    assert [heard[number] for number in range(48)] == [log[f"anonymous:browser-{number % 4}"] for number in range(48)]
    assert len(log) == 4


def test_the_log_keeps_the_first_arm_of_two(api, store, agency, clock):
    made = make_experiment(api)
    with store.read(Scope.of(agency)) as work:
        experiment = Experiments(work).get(made["experiment_id"])
    for arm in ("now", "short"):
        with store.write(Scope.of(agency), TESTER) as work:
            assert ExperimentExposures(work).expose(experiment, ["anonymous:b"], arm, "server") == "now"
        clock.now += timedelta(seconds=1)
