"""Rules are judged by the marts; who owns one that fires is told once, and the ledger says why and why not."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from domain.tenancy import Actor, Role
from serving.jobs.base import JobContext
from serving.jobs.judge_alerts import run
from storage.lake import Lake
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.notifications import Notifications
from storage.ops.repositories.webhook_endpoints import WebhookDeliveries, WebhookEndpoints
from tests.factories import make_user

PATH = "/v1/alerts"


@pytest.fixture
def owner(store, family):
    return make_user(store, family.agency.organization_id, role=Role.ADMIN, email="owner@agency.example")


@pytest.fixture
def admin(sign_in, family):
    return sign_in(family.agency.organization_id, Role.ADMIN)


@pytest.fixture
def marts(settings, family, clock):
    """Forty leads a day in the weeks before, four in the last one; the client has no row."""
    lake = Lake.open(settings)
    lake.migrate()
    with lake.writer() as cursor:
        cursor.execute(
            "create table lake.marts.leads_daily as select ? as organization_id, (?::date - i::integer)::date as day_on, "
            "(case when i <= 7 then 4 else 40 end)::bigint as lead_count from range(1, 64) as days(i)",
            [family.agency.organization_id, clock().date()],
        )
    yield lake
    lake.close()


@pytest.fixture
def judge(store, settings, clock, family):
    """What the worker does after a build."""

    def judged(organization_id=family.agency.organization_id):
        run(JobContext(store, settings, clock, organization_id, "a job"), {})

    return judged


def rule(owner, **changes):
    return {
        "key": "few_leads", "name": "Hardly any leads", "metric": "leads", "comparison": "unusually_low",
        "owner_user_id": owner.user_id, **changes,
    }  # fmt: skip


def outcomes(store, scope, key="few_leads"):
    with store.read(scope) as work:
        return [(one.outcome, one.reason) for one in reversed(Decisions(work).about("alert_rule", key))]


def test_who_owns_a_rule_is_told_once_in_its_cooldown_and_the_ledger_says_why(
    store, family, admin, owner, marts, judge, clock
):
    with store.write(family.agency_scope, Actor.system("test")) as work:
        endpoint, _ = WebhookEndpoints(work).add("https://hooks.example.com", ["alert.fired"], name="Chat")
    assert admin.put(PATH, json={"rules": [rule(owner)]}).status_code == 200
    judge()
    judge()
    with store.read(family.agency_scope) as work:
        (told,) = Notifications(work).of(owner.user_id)
        (sent,) = WebhookDeliveries(work).page(endpoint.webhook_endpoint_id, [], limit=10, cursor=None).rows
    assert (told.title, told.body) == ("Hardly any leads", "Leads of 7 days: 28, usual 280")
    assert json.loads(sent.body)["data"]["reason"] == "unusually_low"
    assert outcomes(store, family.agency_scope) == [("fired", "unusually_low"), ("held_back", "unusually_low")]
    clock.now += timedelta(hours=25)
    judge()
    assert outcomes(store, family.agency_scope)[-1] == ("fired", "unusually_low")
    assert admin.get(PATH).json()["rules"][0]["last"]["outcome"] == "fired"


def test_what_cannot_be_told_says_so_once(store, family, admin, owner, marts, judge):
    rules = [rule(owner, key="bounces", metric="bounce_rate", comparison="above", threshold=0.05)]
    admin.put(PATH, json={"rules": rules})
    judge()
    judge()
    assert outcomes(store, family.agency_scope, "bounces") == [("not_enough", "nothing_built")]


def test_rules_are_tried_without_anybody_being_told(store, family, admin, owner, marts):
    (tried,) = admin.post(f"{PATH}/try", json={"rules": [rule(owner)]}).json()["items"]
    assert (tried["outcome"], tried["words"]) == ("fires", "Leads of 7 days: 28, usual 280")
    assert outcomes(store, family.agency_scope) == []


def test_a_client_is_judged_by_its_own_marts_alone(store, sign_in, family, owner, marts, judge):
    client = sign_in(family.client.organization_id, Role.ADMIN)
    assert client.put(PATH, json={"rules": [rule(owner)]}).status_code == 200
    judge(family.client.organization_id)
    assert outcomes(store, family.client_scope) == [("not_enough", "nothing_built")]


def test_a_rule_belongs_to_somebody_who_works_here(admin, owner):
    answer = admin.put(PATH, json={"rules": [rule(owner, owner_user_id="somebody else")]})
    assert answer.status_code == 422
