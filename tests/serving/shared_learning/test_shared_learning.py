"""Switches and priors over HTTP: each client its own, a reason always, and nothing of one client in another's answer."""

from __future__ import annotations

import pytest

from domain.priors.chances import ClientPrior, LevelPrior
from domain.priors.features import Count
from domain.scoring_models import MODEL_SETTING
from domain.tenancy import Role, Scope
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.shared_learning import SharedLearning
from tests.conftest import NOON
from tests.factories import TESTER, make_agency_with_client

BASE = "/v1/models/lead-scoring/priors"
ON = {"gives": True, "uses": True, "reason": "Agreed in the contract of 3 March"}
PRIOR = ClientPrior(
    0.1, 50, 0.5, 4, 1200, Count(30, 2),
    {("source", "form"): LevelPrior(0.4, 20, 3, 400, Count(9, 1)), ("country", "AT"): LevelPrior(own=Count(2, 0))},
)  # fmt: skip


@pytest.fixture
def client_id(family):
    return family.client.organization_id


@pytest.fixture
def api(sign_in, client_id):
    """An admin of the client."""
    return sign_in(client_id, Role.ADMIN)


def keep(store, organization_id):
    with store.write(Scope.of(organization_id), TESTER) as work:
        SharedLearning(work).keep_prior(PRIOR, NOON)


def test_both_switches_are_off_until_an_admin_turns_them_with_a_reason(api, store, client_id):
    before = api.get(BASE).json()
    assert (before["status"], before["prior"], before["is_client"]) == ("off", None, True)
    assert before["limits"] == {"least_clients": 3, "least_people": 50, "most_share": 0.6}
    assert api.put(BASE, json={**ON, "reason": ""}).status_code == 422
    after = api.put(BASE, json=ON).json()
    assert (after["switches"]["gives"], after["switches"]["uses"], after["status"]) == (True, True, "waiting")
    assert after["switches"]["by"]
    assert after["switches"]["since"]
    with store.read(Scope.of(client_id)) as work:
        assert [entry.action for entry in Audit(work).about("shared_learning", client_id)] == [
            "shared_learning.switched"
        ]


def test_an_operator_may_look_and_not_switch(sign_in, client_id):
    operator = sign_in(client_id, Role.OPERATOR)
    assert operator.get(BASE).is_success
    assert operator.put(BASE, json=ON).status_code == 403
    assert sign_in(client_id, Role.CLIENT_VIEWER).get(BASE).status_code == 403


def test_a_prior_is_told_with_its_levels_and_who_stands_behind_it(api, store, client_id):
    api.put(BASE, json=ON)
    keep(store, client_id)
    found = api.get(BASE).json()
    assert found["status"] == "in_use"
    prior = found["prior"]
    assert (prior["client_count"], prior["people_count"], prior["own_count"], prior["own_good_count"]) == (
        4,
        1200,
        30,
        2,
    )
    form, austria = prior["levels"]
    assert (form["label"], form["level"], form["client_count"], form["own_count"]) == (
        "Source of the record",
        "form",
        3,
        9,
    )
    assert (austria["client_count"], austria["people_count"], austria["own_count"]) == (0, 0, 2)
    for chance in (prior["chance"], form["chance"]):
        assert 0 < chance["low"] < chance["probability"] < chance["high"] < 1


def test_a_model_of_its_own_comes_first(api, store, client_id):
    api.put(BASE, json=ON)
    keep(store, client_id)
    with store.write(Scope.of(client_id), TESTER) as work:
        OrganizationSettings(work).put(MODEL_SETTING, {"version": "v", "algorithm": "blend", "artifact_hash": "abc"})
    assert api.get(BASE).json()["status"] == "own_model"


def test_who_switches_off_has_nothing_from_that_moment_on(api, store, client_id):
    api.put(BASE, json=ON)
    keep(store, client_id)
    assert api.put(BASE, json={**ON, "uses": False}).json()["prior"] is None


def test_an_agency_sees_its_clients_and_a_client_sees_nobody(sign_in, family, store, api):
    stranger = make_agency_with_client(store, "Strange")
    with store.write(Scope.of(stranger.client.organization_id), TESTER) as work:
        SharedLearning(work).switch(gives=True, uses=True, by="x", reason="Theirs")
    api.put(BASE, json=ON)
    agency = sign_in(family.agency.organization_id, Role.ADMIN)
    (one,) = agency.get(f"{BASE}/clients").json()["items"]
    assert (one["organization_id"], one["switches"]["gives"]) == (family.client.organization_id, True)
    assert api.get(f"{BASE}/clients").json() == {"items": []}
    assert agency.put(BASE, json=ON).status_code == 409
    assert agency.get(BASE).json()["is_client"] is False


def test_one_clients_prior_is_nobody_elses(sign_in, family, store, client_id):
    keep(store, client_id)
    stranger = make_agency_with_client(store, "Strange")
    for organization_id in (family.agency.organization_id, stranger.client.organization_id):
        assert sign_in(organization_id, Role.OWNER).get(BASE).json()["prior"] is None
    outsider = sign_in(stranger.agency.organization_id, Role.OWNER)
    asked = [
        outsider.request(method, path, json=ON if method == "PUT" else None, headers={"X-LH-Organization": client_id})
        for method, path in (("GET", BASE), ("PUT", BASE), ("GET", f"{BASE}/clients"))
    ]
    assert {answer.status_code for answer in asked} == {404}
