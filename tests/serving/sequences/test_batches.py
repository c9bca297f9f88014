"""Many people put into a sequence by one act: seen before it, done in parts, gone on with after a kill, each told why."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.contacts import LifecycleStage
from domain.tenancy import Role, Scope
from serving.jobs import enrol_batch
from serving.jobs.base import JobContext, JobPaused
from serving.sequences.batches import DONE_AT_ONCE, PER_TRANSACTION, carry_on
from storage.ops.repositories.consents import Suppressions
from storage.ops.repositories.jobs import Jobs
from storage.ops.tables import DecisionLedger, Enrolment, EnrolmentBatchPart, Job
from tests.conftest import TEST_KEYS
from tests.factories import SYSTEM, TESTER, make_company, make_contact
from tests.factories.outreach import employ

SOURCE = """\
name: Spring
limits: {active_per_company: 2}
steps:
  - {id: hello, type: email, subject: "Hi", text: "Hello"}
"""
ROOT = Path(__file__).parents[3]
AUTUMN = SOURCE.replace("Spring", "Autumn")


@pytest.fixture
def sequence(api) -> str:
    return api.post("/v1/sequences", json={"source": SOURCE}).json()["sequence_id"]


@pytest.fixture
def meet(store, family):
    """`meet(3)` answers as many new contacts of the agency."""

    def met(count: int, **facts) -> list[str]:
        return [make_contact(store, family.agency.organization_id, **facts).contact_id for _ in range(count)]

    return met


def rows(store, table) -> list:
    with store.read(SYSTEM) as work:
        return list(work.session.scalars(select(table)))


def told(store) -> Counter[tuple[str, str]]:
    lines = [row for row in rows(store, DecisionLedger) if row.subject_kind == "contact" and row.kind == "sequence"]
    return Counter((row.outcome, row.reason) for row in lines)


def start(api, sequence_id: str, contact_ids: list[str]) -> dict:
    answer = api.post(f"/v1/sequences/{sequence_id}/enrolment-batches", json={"contact_ids": contact_ids})
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_a_preview_counts_each_reason_and_the_batch_then_does_exactly_that(api, store, family, sequence, meet):
    ours = family.agency.organization_id
    free = meet(4)
    employ(store, make_company(store, ours, domain="lovelace.example"), *free[:3])
    inside, elsewhere = meet(1)[0], make_contact(store, ours, email="else@where.example").contact_id
    nameless = make_contact(store, ours, email=None, external_id="7").contact_id
    quiet = make_contact(store, ours, email="quiet@babbage.example").contact_id
    gone = make_contact(
        store, ours, email="gone@babbage.example",
        attributes={"email_status": "undeliverable", "email_verified": "gone@babbage.example"},
    ).contact_id  # fmt: skip
    with store.write(Scope.of(ours), TESTER) as work:
        Suppressions(work).add("email", "quiet@babbage.example", reason="legal")
    other = api.post("/v1/sequences", json={"source": AUTUMN}).json()["sequence_id"]
    start(api, sequence, [inside])
    start(api, other, [elsewhere])
    everybody = [*free, inside, elsewhere, nameless, quiet, gone, "nobody"]
    refused = {
        "enrolled_already": 1, "in_another_sequence": 1, "no_address": 1, "suppressed": 1, "unknown_contact": 1,
        "address_undeliverable": 1,
    }  # fmt: skip
    before = told(store)
    path = f"/v1/sequences/{sequence}/enrolment-preview"
    assert api.post(path, json={"contact_ids": everybody}).json() == {
        "contact_count": 10, "enrolled": 4, "refused": refused, "waiting": {"company_limit": 1},
    }  # fmt: skip
    assert told(store) == before
    done = start(api, sequence, everybody)
    assert (done["status"], done["done_count"], done["enrolled"], done["refused"]) == ("finished", 10, 4, refused)
    assert api.get(f"/v1/enrolment-batches/{done['enrolment_batch_id']}").json() == done
    written = told(store)
    written.subtract(before)
    here = {("not_enrolled", reason): 1 for reason in refused if reason != "unknown_contact"}
    assert +written == {("enrolled", "asked_for"): 4, **here}
    again = start(api, sequence, free)
    assert (again["enrolled"], again["refused"]) == (0, {"enrolled_already": 4})
    listed = api.get(f"/v1/sequences/{sequence}/enrolment-batches").json()["items"]
    assert {each["enrolment_batch_id"] for each in listed} >= {done["enrolment_batch_id"], again["enrolment_batch_id"]}


def test_a_filtered_list_and_a_saved_view_are_selections_too(api, store, family, sequence, meet):
    meet(2, stage=LifecycleStage.MQL)
    meet(3)
    preview = f"/v1/sequences/{sequence}/enrolment-preview"
    assert api.post(preview, json={"filters": {"stage": ["mql"]}}).json()["enrolled"] == 2
    asked = {"entity": "contact", "name": "Ours", "question": {"stage": ["mql"], "columns": ["Stage"]}}
    view = api.post("/v1/saved-views", json=asked).json()["saved_view_id"]
    assert api.post(preview, json={"saved_view_id": view}).json()["enrolled"] == 2
    answer = api.post(f"/v1/sequences/{sequence}/enrolment-batches", json={"saved_view_id": view}).json()
    assert (answer["status"], answer["enrolled"]) == ("finished", 2)
    deals = api.post("/v1/saved-views", json={"entity": "deal", "name": "Deals", "question": {}}).json()
    for bad in (
        {}, {"filters": {}, "saved_view_id": view}, {"filters": {"colour": "red"}}, {"contact_ids": []},
        {"saved_view_id": deals["saved_view_id"]}, {"filters": {"attribute": ["x"]}},
    ):  # fmt: skip
        assert api.post(preview, json=bad).status_code == 422, bad
    empty = {"filters": {"stage": ["customer"]}}
    assert api.post(f"/v1/sequences/{sequence}/enrolment-batches", json=empty).status_code == 422
    api.post(f"/v1/sequences/{sequence}/switch", json={"status": "ended"})
    assert api.post(f"/v1/sequences/{sequence}/enrolment-batches", json={"saved_view_id": view}).status_code == 409


def test_a_large_batch_is_the_workers_which_rests_and_goes_on(api, store, settings, clock, family, sequence, meet):
    people = meet(DONE_AT_ONCE + 1)
    batch = start(api, sequence, people)
    assert (batch["status"], batch["done_count"]) == ("running", 0)
    (job,) = [row for row in rows(store, Job) if row.kind == enrol_batch.KIND]
    looks = iter([False, False, True])
    context = JobContext(
        store, settings, clock, family.agency.organization_id, job.job_id, is_stopping=lambda: next(looks)
    )
    with pytest.raises(JobPaused):
        enrol_batch.run(context, job.payload)
    resting = api.get(f"/v1/enrolment-batches/{batch['enrolment_batch_id']}").json()
    assert (resting["status"], resting["done_count"]) == ("running", 2 * PER_TRANSACTION)
    enrol_batch.run(JobContext(store, settings, clock, family.agency.organization_id, job.job_id), job.payload)
    done = api.get(f"/v1/enrolment-batches/{batch['enrolment_batch_id']}").json()
    assert (done["status"], done["enrolled"], done["finished_at"] is not None) == ("finished", len(people), True)
    assert Counter(row.enrolled_by for row in rows(store, Enrolment)) == {batch["started_by"]: len(people)}
    assert told(store) == {("enrolled", "asked_for"): len(people)}
    enrol_batch.run(context, job.payload | {"enrolment_batch_id": "gone"})


def test_a_stopped_batch_leaves_in_who_is_in_and_the_rest_out(api, store, family, sequence, meet):
    people = meet(DONE_AT_ONCE + 1)
    batch_id = start(api, sequence, people)["enrolment_batch_id"]
    looks = iter([False, True])
    assert not carry_on(store, TESTER, family.agency.organization_id, batch_id, lambda: next(looks))
    stopped = api.post(f"/v1/enrolment-batches/{batch_id}/stop").json()
    assert (stopped["status"], stopped["enrolled"]) == ("stopped", PER_TRANSACTION)
    assert api.post(f"/v1/enrolment-batches/{batch_id}/stop").status_code == 409
    assert carry_on(store, TESTER, family.agency.organization_id, batch_id)
    assert len(rows(store, Enrolment)) == PER_TRANSACTION


@pytest.mark.slow
def test_a_batch_whose_process_is_killed_in_any_part_puts_everybody_in_once(
    api, store, settings, family, sequence, meet
):
    if store.dialect != "sqlite":
        pytest.skip("the process that dies opens the store of a folder")
    people = meet(DONE_AT_ONCE + 1)
    batch_id = start(api, sequence, people)["enrolment_batch_id"]
    for dies_at in (1, 2, 1, None):
        asked = json.dumps([family.agency.organization_id, batch_id, dies_at])
        ended = subprocess.run(
            [sys.executable, "-m", "tests.serving.sequences.dying_enrolment", asked],
            env=os.environ | {"LEADHOUSE_DATA__DIR": str(settings.data.dir), "LEADHOUSE_SECURITY__KEYS": TEST_KEYS},
            cwd=ROOT, check=False, timeout=60,
        )  # fmt: skip
        assert ended.returncode == (0 if dies_at is None else -signal.SIGKILL)
    assert Counter(row.contact_id for row in rows(store, Enrolment)) == Counter(people)
    assert told(store) == {("enrolled", "asked_for"): len(people)}
    assert all(part.done_at for part in rows(store, EnrolmentBatchPart))


def test_another_organization_neither_selects_nor_sees_nor_stops(api, store, sign_in, family, stranger, sequence, meet):
    people = meet(1)
    batch_id = start(api, sequence, people)["enrolment_batch_id"]
    eve = sign_in(stranger.organization_id, Role.OWNER)
    body = {"contact_ids": people}
    answers = [
        eve.post(f"/v1/sequences/{sequence}/enrolment-preview", json=body),
        eve.post(f"/v1/sequences/{sequence}/enrolment-batches", json=body),
        eve.get(f"/v1/sequences/{sequence}/enrolment-batches"),
        eve.get(f"/v1/enrolment-batches/{batch_id}"),
        eve.post(f"/v1/enrolment-batches/{batch_id}/stop"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    theirs = eve.post("/v1/sequences", json={"source": SOURCE}).json()["sequence_id"]
    before = told(store)
    done = start(eve, theirs, people)
    assert (done["enrolled"], done["refused"]) == (0, {"unknown_contact": 1})
    assert told(store) == before
    with store.read(SYSTEM) as work:
        assert Jobs(work).is_waiting(enrol_batch.KIND, stranger.organization_id)
