"""Joining, splitting and taking back, over HTTP on both databases."""

from __future__ import annotations

import pytest

from domain.tenancy import Role, Scope
from storage.ops.repositories.consents import Suppressions
from tests.factories import TESTER, make_contact


@pytest.fixture
def scope(family):
    return Scope.of(family.agency.organization_id)


@pytest.fixture
def two(store, scope):
    """Two contacts, as nodes."""
    return [f"contact:{make_contact(store, scope.organization_id).contact_id}" for _ in range(2)]


def decide(api, two, verdict):
    return api.post("/v1/identity/decisions", json={"left_node": two[0], "right_node": two[1], "verdict": verdict})


def test_a_second_decision_of_a_pair_revokes_the_first(api, two):
    joined = decide(api, two, "same")
    assert joined.status_code == 201
    assert (joined.json()["rule"], joined.json()["confidence"], joined.json()["revoked_at"]) == ("person", 1.0, None)
    decide(api, two, "different")
    listed = api.get("/v1/identity/decisions", params={"node": two[0]}).json()
    assert {(one["verdict"], one["revoked_at"] is None) for one in listed} == {("same", False), ("different", True)}


def test_a_decision_can_be_taken_back(api, two):
    made = decide(api, two, "different").json()
    revoked = api.post(f"/v1/identity/decisions/{made['identity_decision_id']}/revoke").json()
    assert revoked["revoked_at"] is not None


def test_parting_two_people_lifts_no_suppression(api, store, scope, two):
    with store.write(scope, TESTER) as work:
        Suppressions(work).add("email", "stop@example.org", reason="complaint", contact_id=two[0].partition(":")[2])
    for verdict in ("same", "different"):
        decide(api, two, verdict)
    with store.read(scope) as work:
        assert len(Suppressions(work).all()) == 1


def test_a_node_that_is_not_here_is_not_decided_about(api, store, stranger, two):
    foreign = f"contact:{make_contact(store, stranger.organization_id).contact_id}"
    assert decide(api, [two[0], foreign], "same").status_code == 404
    assert decide(api, [two[0], "nonsense"], "same").status_code == 422
    assert decide(api, [two[0], two[0]], "same").status_code == 422


def test_who_may_only_look_decides_nothing(sign_in, family, two):
    viewer = sign_in(family.agency.organization_id, Role.VIEWER)
    assert decide(viewer, two, "same").status_code == 403
