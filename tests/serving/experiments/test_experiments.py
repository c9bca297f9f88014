"""Experiments from draft to decision: who may change what, and what may be concluded. On both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from domain.ids import new_id
from domain.tenancy import Role, Scope
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.forms import Forms
from storage.ops.tables import Contact, Deal, DecisionLedger, FormSubmission, IdentityDecision
from tests.factories import SYSTEM, TESTER, make_company, make_contact
from tests.factories.experiments import HERO, expose, make_experiment


@pytest.fixture
def agency(family):
    return family.agency.organization_id


def path_of(made, tail=""):
    return f"/v1/experiments/{made['experiment_id']}{tail}"


def results(client, made):
    answer = client.get(path_of(made, "/results"))
    assert answer.status_code == 200, answer.text
    return answer.json()


def make_people(store, agency, total, *, won=0, won_at=None, company_id=None):
    """Contacts, the first of whom have a deal that was opened at a moment; answers their nodes."""
    now, ids = store.clock(), [new_id() for _ in range(total)]
    people = [
        {"contact_id": one, "organization_id": agency, "email": f"{one}@x.example", "known_at": now,
         "company_id": company_id, "created_at": now, "updated_at": now}
        for one in ids
    ]  # fmt: skip
    deals = [
        {"deal_id": new_id(), "organization_id": agency, "contact_id": one, "name": "Deal", "opened_at": won_at,
         "created_at": now, "updated_at": now}
        for one in ids[:won]
    ]  # fmt: skip
    with store.write(SYSTEM, TESTER) as work:
        work.session.execute(insert(Contact), people)
        if deals:
            work.session.execute(insert(Deal), deals)
    return [f"contact:{one}" for one in ids]


def test_a_draft_is_changed_with_its_etag_listed_and_deleted(api, sign_in, agency):
    made = make_experiment(api, is_started=False)
    assert (made["state"], made["unit"], made["exposure_count"]) == ("draft", "person", 0)
    changed = api.patch(path_of(made), json={"traffic": 0.5}, headers={"If-Match": made["etag"]})
    assert changed.json()["traffic"] == 0.5
    stale = api.patch(path_of(made), json={"traffic": 0.4}, headers={"If-Match": made["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert api.post("/v1/experiments", json=HERO).json()["code"] == "conflict"
    make_experiment(api, key="second")
    running = api.get("/v1/experiments", params={"filter": "state:eq:running"}).json()
    assert [one["key"] for one in running["items"]] == ["second"]
    first = api.get("/v1/experiments", params={"limit": 1, "sort": "name"}).json()
    assert (first["total"], first["next_cursor"] is not None) == (2, True)
    assert api.delete(path_of(made)).status_code == 204
    assert api.get(path_of(made)).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"arms": [{"key": "now"}, {"key": "now"}]},
        {"arms": [{"key": "now"}]},
        {"allocation": "bandit"},
        {"guardrails": ["boredom"]},
        {"key": "No Spaces"},
    ],
)
def test_what_cannot_be_dealt_or_read_is_refused_and_nothing_is_kept(api, changes):
    assert api.post("/v1/experiments", json=HERO | changes).status_code == 422
    assert api.get("/v1/experiments").json()["total"] == 0


def test_one_that_runs_is_frozen_and_stopping_writes_who_decided_what_and_why(api, store, agency):
    made = make_experiment(api)
    frozen = api.patch(path_of(made), json={"arms": [{"key": "now"}, {"key": "short", "weight": 3}]})
    assert (frozen.status_code, frozen.json()["code"]) == (409, "experiment_frozen")
    assert api.delete(path_of(made)).status_code == 409
    stopped = api.post(path_of(made, "/stop"), json={"adopted_arm": "short", "reason": "The client likes it."})
    assert (stopped.json()["state"], stopped.json()["adopted_arm"]) == ("stopped", "short")
    with store.read(Scope.of(agency)) as work:
        (decision,) = work.session.scalars(select(DecisionLedger).where(DecisionLedger.kind == "experiment"))
        assert (decision.outcome, decision.subject_id) == ("adopted", made["experiment_id"])
        assert (decision.detail["why"], decision.detail["read_as"]) == ("The client likes it.", "unknown")
        acts = [entry.action for entry in Audit(work).about("experiment", made["experiment_id"])]
    assert acts == ["stop", "start", "create"]
    assert api.post(path_of(made, "/stop"), json={"reason": "again"}).status_code == 409


def test_an_agency_reads_its_clients_experiments_and_changes_them_as_the_client_alone(api, sign_in, family):
    client = sign_in(family.client.organization_id, Role.OPERATOR)
    made = make_experiment(client)
    assert api.get(path_of(made)).status_code == 200
    assert api.post(path_of(made, "/stop"), json={"reason": "no"}).status_code == 404
    looks = sign_in(family.client.organization_id, Role.VIEWER)
    assert looks.post(path_of(made, "/stop"), json={"reason": "no"}).status_code == 403


def test_a_clear_winner_is_named_and_the_young_are_waited_for_and_are_no_failures(api, store, agency, clock, sign_in):
    made = make_experiment(api, guardrails=["unsubscribed"])
    began = clock.now
    for arm, won in (("now", 10), ("short", 60)):
        expose(store, made, arm, make_people(store, agency, 200, won=won, won_at=began + timedelta(days=3)), at=began)
    expose(store, made, "short", make_people(store, agency, 50), at=began + timedelta(days=10))
    expose(store, made, "now", make_people(store, agency, 50), at=began + timedelta(days=10))
    clock.now = began + timedelta(days=15)
    api = sign_in(agency)
    found = results(api, made)
    assert (found["outcome"], found["arm_id"], found["young"]) == ("better", "short", 100)
    now, short = found["arms"]
    assert (now["exposed"], now["matured"], now["successes"]) == (250, 200, 10)
    assert short["rate"] == 0.3
    assert 0 < short["difference_low"] < short["difference"] == pytest.approx(0.25)
    assert [each["state"] for each in found["guardrails"]] == ["unknown"]


def test_outcomes_before_the_exposure_or_after_the_horizon_do_not_count(api, store, agency, clock, sign_in):
    made = make_experiment(api)
    began = clock.now
    for days in (-1, 20):
        expose(store, made, "now", make_people(store, agency, 5, won=5, won_at=began + timedelta(days=days)), at=began)
    clock.now = began + timedelta(days=30)
    found = results(sign_in(agency), made)
    assert (found["arms"][0]["matured"], found["arms"][0]["successes"]) == (10, 0)


def test_where_nobody_can_know_yet_it_says_how_long_that_takes_at_the_organizations_own_pace(
    api, store, agency, clock, sign_in
):
    made = make_experiment(api, least_lift=0.5)
    began = clock.now
    for arm in ("now", "short"):
        expose(store, made, arm, make_people(store, agency, 100, won=10, won_at=began + timedelta(days=1)), at=began)
    clock.now = began + timedelta(days=20)
    found = results(sign_in(agency), made)
    plan = found["plan"]
    assert (found["outcome"], found["reason"]) == ("unknown", "undecided")
    assert (plan["base_rate"], plan["base_rate_from"], plan["units_per_day_from"]) == (0.1, "arms", "exposures")
    assert found["missing"] == plan["per_arm"] - 100
    assert plan["days"] is None  # nobody met an arm in the last fourteen days
    expose(store, made, "now", make_people(store, agency, 140), at=clock.now - timedelta(days=1))
    again = results(sign_in(agency), made)["plan"]
    still = max(again["per_arm"] - 240, 0) + again["per_arm"] - 100
    assert again["units_per_day"] == 10
    assert again["days"] == pytest.approx(still / 10 + 14)


def test_a_split_that_is_not_as_the_weights_say_makes_every_figure_unbelievable(api, store, agency, clock, sign_in):
    made = make_experiment(api)
    for arm, total in (("now", 300), ("short", 200)):
        expose(store, made, arm, [f"anonymous:{arm}{number}" for number in range(total)], at=clock.now)
    found = results(api, made)
    assert (found["outcome"], found["reason"]) == ("invalid", "split_mismatch")
    assert found["expected_units"] == [250, 250]


def test_a_browser_counts_as_the_person_it_turned_out_to_be_and_two_arms_of_one_count_nowhere(
    api, store, agency, clock, sign_in
):
    made = make_experiment(api, metric="form_submission")
    began = clock.now
    person = make_contact(store, agency)
    links = [("anonymous:b1", person.contact_id), ("anonymous:b2", person.contact_id)]
    with store.write(Scope.of(agency), TESTER) as work:
        form_id = Forms(work).create("Demo", fields=[]).form_id
        work.session.execute(
            insert(IdentityDecision),
            [{"identity_decision_id": new_id(), "organization_id": agency, "left_node": node,
              "right_node": f"contact:{who}", "verdict": "same", "rule": "form", "confidence": 0.9,
              "decided_by": "form", "decided_at": began} for node, who in links],
        )  # fmt: skip
        for browser, contact_id in (("b1", person.contact_id), ("unknown", None)):
            work.session.execute(
                insert(FormSubmission),
                [{"form_submission_id": new_id(), "submission_id": new_id(), "organization_id": agency,
                  "form_id": form_id, "contact_id": contact_id, "anonymous_id": browser,
                  "submitted_at": began + timedelta(hours=1)}],
            )  # fmt: skip
    expose(store, made, "now", ["anonymous:b1", "anonymous:b2", "anonymous:unknown"], at=began)
    clock.now = began + timedelta(days=15)
    api = sign_in(agency)
    now = results(api, made)["arms"][0]
    assert (now["exposed"], now["successes"]) == (2, 2)
    expose(store, made, "short", [f"contact:{person.contact_id}"], at=began)
    found = results(api, made)
    assert (found["clash_count"], found["arms"][0]["exposed"], found["arms"][1]["exposed"]) == (1, 1, 0)


def test_where_companies_are_dealt_what_any_colleague_does_is_the_companys(api, store, agency, clock, sign_in):
    made = make_experiment(api, unit="company")
    began = clock.now
    company = make_company(store, agency).company_id
    make_people(store, agency, 3, won=2, won_at=began + timedelta(days=1), company_id=company)
    expose(store, made, "now", [f"company:{company}"], at=began)
    clock.now = began + timedelta(days=15)
    now = results(sign_in(agency), made)["arms"][0]
    assert (now["exposed"], now["successes"]) == (1, 1)


def test_a_bandit_moves_its_weights_by_what_matured_above_its_floor_and_says_so(api, store, agency, clock, sign_in):
    made = make_experiment(api, allocation="bandit", floor=0.2)
    assert api.post(path_of(made, "/reallocation")).status_code == 409
    began = clock.now
    for arm, won in (("now", 5), ("short", 40)):
        expose(store, made, arm, make_people(store, agency, 100, won=won, won_at=began + timedelta(days=2)), at=began)
    clock.now = began + timedelta(days=15)
    api = sign_in(agency)
    moved = api.post(path_of(made, "/reallocation")).json()
    assert [arm["weight"] for arm in moved["arms"]] == pytest.approx([0.2, 0.8], abs=0.01)
    found = results(api, made)
    assert (found["split_p_value"], found["expected_units"]) == (None, [])
    with store.read(Scope.of(agency)) as work:
        (decision,) = work.session.scalars(select(DecisionLedger).where(DecisionLedger.kind == "experiment"))
        assert (decision.outcome, decision.reason) == ("reallocated", "chance_to_be_best")
        assert decision.detail["counts"] == {"now": [5, 100], "short": [40, 100]}
