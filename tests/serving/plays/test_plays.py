"""Plays through the product: a signal comes in, what it sets off is done once and told with its reason. On both databases."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.contacts import LifecycleStage
from domain.tenancy import Role
from serving.jobs.base import all_kinds
from serving.worker import Worker
from storage.ops.repositories.consents import Suppressions
from storage.ops.tables import DecisionLedger, Enrolment, PlayRun, Task
from tests.factories import SYSTEM, make_company, make_contact

SEQUENCE = """\
name: Funded
steps:
  - {id: hello, type: email, subject: "Hi", text: "Hello"}
"""


def funding(number=1, **more):
    return {"kind": "funding", "title": f"Raised round {number}", "domain": "lovelace.example", **more}


@pytest.fixture
def lovelace(office):
    return make_company(office.store, office.organization_id, domain="lovelace.example", name="Lovelace").company_id


@pytest.fixture
def meet(office, lovelace):
    def met(name, **facts):
        address = f"{name}@lovelace.example"
        return make_contact(
            office.store, office.organization_id, email=address, company_id=lovelace, **facts
        ).contact_id  # fmt: skip

    return met


@pytest.fixture
def put_play(office):
    def put(**changes):
        play = {"key": "funded", "name": "Funded", "is_on": True, "kinds": ["funding"], **changes}
        play.setdefault("acts", {"alert": [office.bob]})
        answer = office.api.put("/v1/plays", json={"plays": [play]})
        assert answer.status_code == 200, answer.text
        return play

    return put


@pytest.fixture
def tell(office, settings, clock):
    """`tell(signal, …)` tells of signals, and the worker asks the plays."""

    def told(*items):
        answer = office.api.post("/v1/signals", json={"items": list(items)})
        assert answer.status_code == 202, answer.text
        kinds = {name: all_kinds()[name] for name in ("run_plays", "enrol_batch")}
        Worker(office.store, settings, clock=clock, kinds=kinds).drain()

    return told


def rows(office, table):
    with office.store.read(SYSTEM) as work:
        return list(work.session.scalars(select(table)))


def outcomes(office):
    return Counter(run.reason for run in rows(office, PlayRun))


def ledger(office):
    return Counter((row.outcome, row.reason) for row in rows(office, DecisionLedger) if row.kind == "play")


def test_a_signal_gives_an_owner_a_task_and_an_alert_with_its_evidence(office, put_play, meet, tell):
    ada = meet("ada")
    task = {"title": "Congratulate them", "kind": "call"}
    put_play(acts={"owner": office.bob, "task": task, "alert": ["owner"]})
    tell(funding(email="ada@lovelace.example", url="https://news.example/1"))
    assert office.owner(ada) == office.bob
    (made,) = rows(office, Task)
    assert (made.title, made.contact_id, made.assignee_user_id, made.source) == (
        "Congratulate them", ada, office.bob, "play",
    )  # fmt: skip
    assert made.body == "Raised round 1 · https://news.example/1"
    assert {told.kind: told.title for told in office.told(office.bob)}["play_fired"] == "Funded: Raised round 1"
    assert ledger(office) == {("fired", "signal"): 1}


def test_a_company_rests_after_a_play_and_each_skip_says_why(office, put_play, meet, tell, clock):
    meet("ada")
    put_play(cooldown_days=10, when=["strength:gte:20"])
    tell(funding(1), funding(2), funding(3, strength=5))
    assert outcomes(office) == {"signal": 1, "cooling_down": 1, "conditions": 1}
    clock.now += timedelta(days=11)
    tell(funding(4))
    assert outcomes(office)["signal"] == 2
    assert ledger(office) == {("fired", "signal"): 2, ("skipped", "cooling_down"): 1, ("skipped", "conditions"): 1}


def test_the_same_signal_told_or_asked_again_sets_off_nothing_more(office, put_play, lovelace, tell):
    put_play(cooldown_days=0)
    tell(funding(), funding())
    tell(funding())
    assert outcomes(office) == {"signal": 1}


def test_enrolling_goes_through_the_gate_of_every_enrolment(office, put_play, meet, tell):
    sequence_id = office.api.post("/v1/sequences", json={"source": SEQUENCE}).json()["sequence_id"]
    ada, bea = meet("ada"), meet("bea")
    with office.writing() as work:
        Suppressions(work).add("email", "bea@lovelace.example", reason="unsubscribed", source="test")
    put_play(acts={"sequence_id": sequence_id, "people": 5})
    tell(funding())
    assert [row.contact_id for row in rows(office, Enrolment)] == [ada]
    lines = {
        row.subject_id: (row.outcome, row.reason) for row in rows(office, DecisionLedger) if row.kind == "sequence"
    }
    assert lines == {ada: ("enrolled", "asked_for"), bea: ("not_enrolled", "suppressed")}


def test_customers_and_companies_with_nobody_to_act_on_are_left_alone(office, put_play, meet, lovelace, tell):
    put_play(acts={"owner": office.bob})
    tell(funding(1))
    meet("cleo", stage=LifecycleStage.CUSTOMER)
    tell(funding(2))
    assert outcomes(office) == {"nobody_to_act_on": 1, "is_customer": 1}


def test_trying_plays_on_the_past_says_what_they_would_have_done_and_writes_nothing(office, meet, tell, clock):
    sequence_id = office.api.post("/v1/sequences", json={"source": SEQUENCE}).json()["sequence_id"]
    meet("ada")
    tell(funding(1), funding(2))
    clock.now += timedelta(days=40)
    tell(funding(3), funding(4, observed_at="2020-01-01"))
    draft = {"key": "new", "name": "New", "kinds": ["funding"], "acts": {"sequence_id": sequence_id}}
    tried = office.api.post("/v1/plays/try", json={"plays": [draft]}).json()
    assert tried["signal_count"] == 4
    (found,) = tried["plays"]
    assert (found["asked"], found["fired"], found["reasons"]) == (4, 2, {"cooling_down": 1, "too_old": 1})
    assert (found["people"], found["enrolled"], found["refused"]) == (1, 1, {})
    assert {one["outcome"] for one in tried["examples"]} == {"fired", "skipped"}
    assert rows(office, PlayRun) == rows(office, Enrolment) == []


def test_plays_are_kept_in_versions_and_seen_with_what_came_of_them(office, put_play, lovelace, tell):
    put_play(is_on=False)
    tell(funding(1))
    assert outcomes(office) == {}
    put_play()
    tell(funding(2))
    held = office.api.get("/v1/plays").json()
    assert (held["version"], held["counts"]) == (2, {"funded": {"signal": 1}})
    (run,) = office.api.get("/v1/plays/runs").json()["items"]
    assert (run["outcome"], run["company_name"], run["version"]) == ("fired", "Lovelace", 2)


def test_who_saves_what_was_changed_meanwhile_loses_nobodys_words(office):
    first = office.api.get("/v1/plays").headers["ETag"]

    def put(name, etag):
        play = {"key": "k", "name": name, "kinds": ["news"], "acts": {"alert": ["owner"]}}
        return office.api.put("/v1/plays", json={"plays": [play]}, headers={"If-Match": etag})

    second = put("Mine", first)
    assert (second.status_code, second.headers["ETag"]) == (200, second.json()["etag"])
    stale = put("Yours", first)
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert [each["name"] for each in office.api.get("/v1/plays").json()["plays"]] == ["Mine"]
    assert put("Ours", second.json()["etag"]).status_code == 200


def test_another_organization_sees_no_plays_and_those_who_work_do_not_set_them(office, put_play, stranger, sign_in):
    put_play()
    elsewhere = sign_in(stranger.organization_id, Role.ADMIN)
    assert elsewhere.get("/v1/plays").json()["plays"] == []
    assert elsewhere.get("/v1/plays/runs").json()["items"] == []
    assert sign_in(office.organization_id).put("/v1/plays", json={"plays": []}).status_code == 403
