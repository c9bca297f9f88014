"""Service levels through the product: clocks that begin with a lead and with an owner, acts that happen once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.ids import new_id
from domain.tenancy import Actor
from serving.jobs import watch_service_levels
from serving.jobs.base import JobContext, all_kinds
from serving.jobs.watch_service_levels import queue_looks
from serving.service_levels import acting
from serving.worker import Worker
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.service_clocks import ServiceClocks
from storage.ops.tables import DecisionLedger
from tests.conftest import TEST_KEYS

ROOT = Path(__file__).parents[3]
FAST = {"name": "five minutes", "clock": "speed_to_lead", "target_minutes": 5}


@pytest.fixture
def pass_time(office, settings, clock):
    """`pass_time(minutes)`: time goes on, and the worker's timer looks at what is due."""

    def passed(minutes: float) -> None:
        clock.now += timedelta(minutes=minutes)
        if queue_looks(office.store, clock):
            watch_service_levels.run(JobContext(office.store, settings, clock, office.organization_id, new_id()), {})

    return passed


def clocks(office):
    return office.api.get("/v1/service-levels/clocks").json()


def kinds(office, user_id):
    return [told.kind for told in office.told(user_id)]


def call(office, contact_id, *, by=None):
    with office.store.write(office.scope, by or Actor("user", office.ada)) as work:
        Activities(work).add(kind="call", contact_id=contact_id)


def test_a_lead_that_is_not_touched_warns_is_breached_and_is_written_down_each_once(office, pass_time):
    office.put_routing()
    office.put_policies(FAST)
    lead = office.lead()
    (clock,) = clocks(office)["items"]
    assert (clock["clock"], clock["standing"], clock["contact_id"]) == ("speed_to_lead", "on_track", lead)
    pass_time(4)
    assert clocks(office)["items"][0]["standing"] == "at_risk"
    for _ in range(3):
        pass_time(2)
    assert kinds(office, office.ada) == ["lead_assigned", "sla_warn", "sla_breach"]
    found = clocks(office)
    assert found["counts"] == {"breached": 1}
    assert found["items"][0]["done_acts"] == ["warn", "breach"]
    with office.store.read(office.scope) as work:
        written = Decisions(work).about("service_clock", clock["service_clock_id"])
        assert sorted(each.outcome for each in written) == ["breach", "warn"]
        lines = [each for each in Activities(work).of_contact(lead) if each.kind == "service_level"]
    assert [line.summary for line in lines] == ["Speed to lead, “five minutes”: not touched in time"]


def test_what_a_person_does_stops_the_clock_and_what_machines_and_notes_do_does_not(office, pass_time):
    office.put_routing()
    office.put_policies(FAST)
    lead = office.lead()
    pass_time(1)
    call(office, lead, by=Actor.system("sequence"))
    with office.store.write(office.scope, Actor("user", office.ada)) as work:
        Activities(work).add(kind="note", contact_id=lead)
        Activities(work).add(kind="email", contact_id=lead, actor_kind="contact")
    assert len(clocks(office)["items"]) == 1
    logged = office.api.post("/v1/activities", json={"kind": "call", "contact_id": lead, "summary": "Reached"})
    assert logged.status_code == 201
    assert clocks(office)["items"] == []
    pass_time(60)
    assert kinds(office, office.ada) == ["lead_assigned"]


def test_a_call_that_was_a_task_is_a_touch(office):
    office.put_routing()
    office.put_policies(FAST)
    lead = office.lead()
    task = office.api.post("/v1/tasks", json={"title": "Call", "kind": "call", "contact_id": lead}).json()
    office.api.post(f"/v1/tasks/{task['task_id']}/finish", json={"outcome": "reached"})
    assert clocks(office)["items"] == []


def test_an_owner_who_does_not_answer_loses_the_lead_and_the_next_one_has_a_clock_of_their_own(office, pass_time):
    office.put_routing({"name": "pool", "people": {office.ada: 1, office.bob: 1}})
    office.put_policies(
        {"name": "answer", "clock": "rep", "target_minutes": 30, "reassigns_after_minutes": 10,
         "escalates_after_minutes": 20, "escalates_to": office.boss},
    )  # fmt: skip
    lead = office.lead()
    first = office.owner(lead)
    pass_time(41)
    second = office.owner(lead)
    assert {first, second} == {office.ada, office.bob}
    assert kinds(office, first) == ["lead_assigned", "sla_warn", "sla_breach", "lead_taken"]
    assert kinds(office, second) == ["lead_assigned"]
    (clock,) = clocks(office)["items"]
    assert (clock["owner_user_id"], clock["standing"], clock["done_acts"]) == (second, "on_track", [])
    route = next(each for each in office.api.get(f"/v1/contacts/{lead}").json()["decisions"] if each["kind"] == "route")
    assert (route["outcome"], route["detail"]["cause"]) == (second, "service_level")
    assert route["detail"]["steps"][0]["passed_over"] == {first: "had_it"}
    call(office, lead, by=Actor("user", second))
    pass_time(600)
    assert kinds(office, office.boss) == []


def test_who_loses_a_lead_gets_no_more_where_the_policy_says_so(office, pass_time):
    office.put_routing({"name": "pool", "people": {office.ada: 1, office.bob: 1}})
    office.put_policies(FAST | {"reassigns_after_minutes": 0, "pauses_owner": True})
    first = office.owner(office.lead())
    pass_time(6)
    assert {office.owner(office.lead()) for _ in range(3)} == {office.ada, office.bob} - {first}
    (person,) = [each for each in office.api.get("/v1/routing").json()["people"] if each["user_id"] == first]
    assert person["absence"] == "paused"


def test_an_escalation_reaches_the_named_person(office, pass_time):
    office.put_routing()
    office.put_policies(FAST | {"escalates_after_minutes": 15, "escalates_to": office.boss})
    office.lead()
    pass_time(19)
    assert kinds(office, office.boss) == []
    pass_time(2)
    assert kinds(office, office.boss) == ["sla_escalate"]
    pass_time(60)
    assert kinds(office, office.boss) == ["sla_escalate"]


def test_the_night_does_not_count_where_hours_are_kept(office, pass_time, clock):
    office.put_routing()
    week = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    office.put_policies(
        {"name": "an hour", "clock": "speed_to_lead", "target_minutes": 60, "hours": {"time_zone": "UTC", **week}}
    )
    clock.now = clock.now.replace(hour=16, minute=30)  # a Monday
    lead = office.lead()
    pass_time(60 * 12)
    assert kinds(office, office.ada) == ["lead_assigned"]
    due = clocks(office)["items"][0]["due_at"]
    assert due.startswith(f"{clock.now:%Y-%m-%d}T09:30")
    pass_time(60 * 5 + 5)
    assert kinds(office, office.ada) == ["lead_assigned", "sla_warn", "sla_breach"]
    assert office.owner(lead) == office.ada


def test_a_promise_that_runs_is_not_rewritten(office, pass_time):
    office.put_routing()
    office.put_policies(FAST)
    office.lead()
    office.put_policies(FAST | {"target_minutes": 500})
    pass_time(6)
    assert clocks(office)["items"][0]["standing"] == "breached"


def test_a_lead_that_is_lost_or_won_asks_for_nothing_any_more(office, pass_time):
    office.put_routing()
    office.put_policies(FAST)
    lead = office.lead()
    assert office.api.patch(f"/v1/contacts/{lead}", json={"lifecycle_stage": "lost"}).status_code == 200
    pass_time(60)
    assert kinds(office, office.ada) == ["lead_assigned"]
    assert clocks(office)["items"] == []


def test_a_worker_that_dies_in_the_middle_of_an_act_has_done_none_of_it(office, clock):
    """The acts and the note that they were done are one transaction: after a crash before its commit all of it is done
    by whoever comes next, and once."""
    office.put_routing({"name": "pool", "people": {office.ada: 1, office.bob: 1}})
    office.put_policies(FAST | {"reassigns_after_minutes": 0})
    lead = office.lead()
    former = office.owner(lead)
    clock.now += timedelta(minutes=6)

    class Killed(BaseException):
        pass

    with office.store.read(office.scope) as work:
        (due,) = ServiceClocks(work).due(clock.now, limit=10)
    with pytest.raises(Killed), office.store.write(office.scope, Actor.system("service_levels")) as work:
        assert len(acting.look(work, due)) == 3
        raise Killed
    assert office.owner(lead) == former
    assert kinds(office, former) == ["lead_assigned"]
    for expected in (3, 0):
        with office.store.write(office.scope, Actor.system("service_levels")) as work:
            assert len(acting.look(work, due)) == expected
    assert office.owner(lead) != former
    assert kinds(office, former) == ["lead_assigned", "sla_warn", "sla_breach", "lead_taken"]


def pause(office, **body):
    (clock,) = clocks(office)["items"]
    return office.api.post(f"/v1/service-levels/clocks/{clock['service_clock_id']}/pause", json=body)


def test_a_clock_that_is_snoozed_stands_until_then_and_no_longer(office, pass_time, clock):
    office.put_routing()
    office.put_policies(FAST)
    lead = office.lead()
    pass_time(1)
    until = (clock.now + timedelta(hours=2)).isoformat()
    answer = pause(office, reason="snoozed", until=until)
    assert (answer.status_code, answer.json()["standing"], answer.json()["pause"]) == (200, "paused", "snoozed")
    for _ in range(3):
        pass_time(30)
    assert kinds(office, office.ada) == ["lead_assigned"]
    pass_time(30)
    assert clocks(office)["items"][0]["standing"] == "on_track"
    pass_time(4.5)
    assert kinds(office, office.ada) == ["lead_assigned", "sla_warn", "sla_breach"]
    with office.store.read(office.scope) as work:
        lines = [each.summary for each in Activities(work).of_contact(lead) if each.kind == "service_level"]
    assert "Speed to lead, “five minutes”: paused" in lines
    assert office.api.get("/v1/audit", params={"entity": "service_clock"}).json()["items"][0]["action"] == "pause"


def test_a_clock_that_waits_for_the_customer_goes_on_when_they_write(office, pass_time):
    office.put_routing()
    office.put_policies(FAST)
    lead = office.lead()
    pass_time(1)
    assert pause(office, reason="waiting_for_customer").json()["due_at"] is None
    pass_time(600)
    assert kinds(office, office.ada) == ["lead_assigned"]
    with office.writing() as work:
        Activities(work).add(kind="email", contact_id=lead, actor_kind="contact", summary="When can we talk?")
    pass_time(3)
    assert kinds(office, office.ada) == ["lead_assigned", "sla_warn"]
    pass_time(2)
    assert kinds(office, office.ada) == ["lead_assigned", "sla_warn", "sla_breach"]


def test_a_pause_is_ended_by_hand_and_has_sense(office, pass_time, clock):
    office.put_routing()
    office.put_policies(FAST)
    office.lead()
    for until in (clock.now, clock.now + timedelta(days=91)):
        assert pause(office, reason="snoozed", until=until.isoformat()).status_code == 422
    assert pause(office, reason="snoozed", until="2026-05-01T09:00:00").status_code == 422  # of which zone?
    (running,) = clocks(office)["items"]
    path = f"/v1/service-levels/clocks/{running['service_clock_id']}/resume"
    assert office.api.post(path).status_code == 409
    assert pause(office, reason="waiting_for_customer").status_code == 200
    pass_time(60)
    assert office.api.post(path).json()["standing"] == "on_track"
    pass_time(6)
    assert kinds(office, office.ada)[1:] == ["sla_warn", "sla_breach"]


def test_workers_that_are_killed_in_the_middle_of_acts_do_each_of_them_once(office, settings, clock):
    """Real processes and SIGKILL: each dies between an act and the note that it was done; the last one is left alone."""
    if office.store.dialect != "sqlite":
        pytest.skip("the crash is the same on both; one is enough")
    office.put_routing({"name": "pool", "people": {office.ada: 1, office.bob: 1}})
    office.put_policies(
        FAST | {"reassigns_after_minutes": 0, "escalates_after_minutes": 1, "escalates_to": office.boss}
    )
    leads = [office.lead() for _ in range(6)]
    clock.now += timedelta(minutes=30)
    for dies_after in (1, 6, 13, None):
        told = json.dumps([office.organization_id, clock.now.isoformat(), dies_after])
        ended = subprocess.run(
            [sys.executable, "-m", "tests.serving.service_levels.dying_worker", told],
            env=os.environ | {"LEADHOUSE_DATA__DIR": str(settings.data.dir), "LEADHOUSE_SECURITY__KEYS": TEST_KEYS},
            cwd=ROOT, check=False, timeout=60,
        )  # fmt: skip
        assert ended.returncode == (0 if dies_after is None else -signal.SIGKILL)
    with office.store.read(office.scope) as work:
        written = [
            (row.subject_id, row.outcome)
            for row in work.session.scalars(select(DecisionLedger).where(DecisionLedger.kind == "service_level"))
        ]
    assert sorted(Counter(outcome for _, outcome in written).items()) == [
        ("breach", 6), ("escalate", 6), ("reassign", 6), ("warn", 6),
    ]  # fmt: skip
    assert len(set(written)) == len(written)
    assert Counter(kinds(office, office.boss)) == {"sla_escalate": 6}
    assert len({office.owner(lead) for lead in leads}) == 2


def test_the_timer_of_the_worker_looks_by_itself(office, settings, clock):
    office.put_routing()
    office.put_policies(FAST)
    office.lead()
    clock.now += timedelta(minutes=6)
    assert queue_looks(office.store, clock) == 1
    assert queue_looks(office.store, clock) == 1  # the job that waits is not queued twice
    kind = all_kinds()[watch_service_levels.KIND]
    worker = Worker(office.store, settings, clock=clock, kinds={kind.name: kind})
    worker.run_once()
    assert kinds(office, office.ada)[1:] == ["sla_warn", "sla_breach"]
    assert queue_looks(office.store, clock) == 0


def test_policies_that_cannot_hold_are_refused(office):
    bad = FAST | {"escalates_after_minutes": 5}
    answer = office.api.put("/v1/service-levels", json={"policies": [bad]})
    assert (answer.status_code, "escalates_to" in answer.text) == (422, True)
    assert office.api.put("/v1/service-levels", json={"policies": [FAST, FAST]}).status_code == 422


def test_a_lead_that_is_given_to_somebody_by_hand_starts_their_clock_and_tells_them(office, pass_time):
    office.put_policies({"name": "answer", "clock": "rep", "target_minutes": 30})
    leads = [office.lead() for _ in range(3)]
    assert clocks(office)["items"] == []
    given = {"ids": leads, "set": {"owner_user_id": office.ada}}
    assert office.api.post("/v1/contacts/bulk", json=given).json()["changed_count"] == 3
    assert [told.title for told in office.told(office.ada)] == ["3 leads are yours"]
    assert {each["owner_user_id"] for each in clocks(office)["items"]} == {office.ada}
    pass_time(10)
    assert office.api.patch(f"/v1/contacts/{leads[0]}", json={"owner_user_id": office.bob}).status_code == 200
    assert kinds(office, office.bob) == ["lead_assigned"]
    assert {(each["owner_user_id"], each["used"]) for each in clocks(office)["items"]} == {
        (office.ada, 0.3333), (office.bob, 0.0),
    }  # fmt: skip
