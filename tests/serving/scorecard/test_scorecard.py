"""Targets over the API: defaults until somebody sets some, a version for every change, and nobody else's."""

from __future__ import annotations

import pytest

from domain.tenancy import Role

PATH = "/v1/scorecard/targets"


@pytest.fixture
def admin(sign_in, family):
    return sign_in(family.agency.organization_id, Role.ADMIN)


def plan_of(client):
    held = client.get(PATH).json()
    return held, {name: held[name] for name in ("steps", "currency", "starts_on")}


def test_the_defaults_hold_until_somebody_sets_targets(admin, sign_in, family):
    held, plan = plan_of(admin)
    assert (held["version"], [step["from_month"] for step in held["steps"]]) == (None, [3, 6])
    plan["steps"][0]["leads"] = 50
    plan |= {"currency": "EUR", "starts_on": "2026-02-17"}
    made = admin.put(PATH, json=plan).json()
    assert (made["version"], made["steps"][0]["leads"], made["currency"], made["starts_on"]) == (
        1,
        50,
        "EUR",
        "2026-02-01",
    )
    assert admin.put(PATH, json=plan).json()["version"] == 1
    other = sign_in(family.client.organization_id, Role.ADMIN)
    assert other.get(PATH).json()["version"] is None


def test_who_only_works_here_reads_targets_and_sets_none(api):
    _, plan = plan_of(api)
    assert api.put(PATH, json=plan).status_code == 403


@pytest.mark.parametrize("change", [{"contact_rate": 1.2}, {"from_month": 0}, {"leads": -1}, {"surprise": 1}])
def test_targets_that_nobody_can_reach_are_refused(admin, change):
    _, plan = plan_of(admin)
    plan["steps"][0] |= change
    assert admin.put(PATH, json=plan).status_code == 422


def test_two_steps_of_the_same_month_are_refused(admin):
    _, plan = plan_of(admin)
    plan["steps"][1]["from_month"] = plan["steps"][0]["from_month"]
    answer = admin.put(PATH, json=plan)
    assert answer.status_code == 422
    assert "same month" in answer.text
