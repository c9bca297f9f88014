"""An agency's day: how each of its clients does, those that need somebody first, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.tenancy import Role, Scope
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.organizations import Organizations
from tests.factories import SYSTEM, TESTER, make_contact

FIRST_TOUCH = {
    "policies": [{"name": "five minutes", "clock": "speed_to_lead", "target_minutes": 5}],
}  # fmt: skip


@pytest.fixture
def lines(sign_in, family):
    """`lines()`: what an operator of the agency sees of its clients, by name."""
    operator = sign_in(family.agency.organization_id)
    return lambda: operator.get("/v1/day/clients").json()["items"]


def make_client(store, family, name: str) -> str:
    with store.write(SYSTEM, TESTER) as work:
        return Organizations(work).create_client(family.agency.organization_id, name).organization_id


def test_each_client_is_counted_for_itself(store, family, stranger, lines):
    client_id = family.client.organization_id
    contact = make_contact(store, client_id)
    make_contact(store, stranger.organization_id)
    make_contact(store, family.agency.organization_id)
    with store.write(Scope.of(client_id), TESTER) as work:
        Activities(work).add(kind="email", contact_id=contact.contact_id, summary="Yes", actor_kind="contact")
    make_client(store, family, "Quiet")

    ours, quiet = lines()
    assert (ours["name"], ours["lead_count"], ours["lead_count_week"]) == (family.client.name, 1, 1)
    assert (ours["reply_count"], ours["reply_count_week"], ours["open_deal_count"]) == (1, 1, 0)
    assert quiet["name"] == "Quiet"
    assert {quiet[name] for name in quiet if name.endswith(("count", "week"))} == {0}


def test_days_go_by_and_a_week_is_remembered(store, family, lines, clock):
    make_contact(store, family.client.organization_id)
    clock.now += timedelta(days=2)
    [line] = lines()
    assert (line["lead_count"], line["lead_count_week"]) == (0, 1)
    clock.now += timedelta(days=6)
    [line] = lines()
    assert (line["lead_count"], line["lead_count_week"]) == (0, 0)


def test_the_client_whose_promise_is_broken_stands_first(store, family, sign_in, lines, clock):
    late_id = make_client(store, family, "Zweifel")
    owner = sign_in(late_id, Role.OWNER)
    assert owner.put("/v1/service-levels", json=FIRST_TOUCH).is_success
    assert owner.post("/v1/contacts", json={"email": "ada@lovelace.example"}).is_success
    [pipeline, *_] = owner.get("/v1/pipelines").json()["pipelines"]
    assert owner.post("/v1/deals", json={"name": "Relaunch", "pipeline": pipeline["key"]}).is_success
    clock.now += timedelta(minutes=6)
    first, second = lines()
    assert (first["name"], first["late_count"], first["at_risk_count"]) == ("Zweifel", 1, 0)
    assert first["open_deal_count"] == 1
    assert (second["name"], second["late_count"]) == (family.client.name, 0)


def test_a_client_sees_no_clients(family, sign_in):
    assert sign_in(family.client.organization_id, Role.OWNER).get("/v1/day/clients").json()["items"] == []
