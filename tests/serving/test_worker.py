"""What the worker promises about jobs, with jobs made for the tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from domain.errors import InvalidInput, ProviderBusy
from domain.tenancy import Scope, SystemScope
from serving.jobs.base import JobKind, JobPaused, all_kinds
from serving.worker import Worker
from storage.ops.bulk.imports import create_import
from storage.ops.repositories.imports import load_import
from storage.ops.repositories.jobs import Jobs
from tests.factories import TESTER, make_organization

ROOT = Path(__file__).parents[2]


@pytest.fixture
def organization_id(store) -> str:
    return make_organization(store).organization_id


@pytest.fixture
def enqueue(store, organization_id, clock):
    def put(kind: str, **options) -> str:
        with store.write(Scope.of(organization_id), TESTER) as work:
            return Jobs(work).enqueue(kind, run_at=options.pop("run_at", clock()), **options)

    return put


@pytest.fixture
def worker_of(store, settings, clock):
    def make(run, *, lane="short", only=None, stop=None) -> Worker:
        return Worker(store, settings, clock=clock, kinds={"it": JobKind("it", lane, run)}, lane=only, stop=stop)

    return make


def job(store, job_id):
    with store.read(SystemScope("test")) as work:
        found = Jobs(work).get(job_id)
        work.session.expunge(found)
        return found


def test_a_job_is_run_with_its_payload_in_its_organization(worker_of, enqueue, store, organization_id):
    seen = []
    job_id = enqueue("it", payload={"contact_id": "c"})

    assert worker_of(lambda context, payload: seen.append((context.organization_id, payload))).drain() == 1
    assert seen == [(organization_id, {"contact_id": "c"})]
    assert job(store, job_id).status == "done"


def test_an_unknown_kind_is_a_dead_letter_with_its_reason(worker_of, enqueue, store):
    job_id = enqueue("from_the_future")
    worker_of(lambda *_: None).drain()

    found = job(store, job_id)
    assert (found.status, found.last_error.partition(":")[0]) == ("dead", "unknown_kind")


def test_an_error_that_will_not_pass_buries_the_job(worker_of, enqueue, store):
    def refuse(*_):
        raise InvalidInput("no such thing")

    job_id = enqueue("it")
    worker_of(refuse).drain()
    found = job(store, job_id)
    assert (found.status, found.attempts) == ("dead", 1)
    assert "no such thing" in found.last_error


@pytest.mark.parametrize("error", [ProviderBusy("later"), RuntimeError("a bug, or the network")])
def test_an_error_that_may_pass_is_tried_again_later_until_attempts_end(
    worker_of, enqueue, store, settings, clock, error
):
    def fail(*_):
        raise error

    job_id = enqueue("it")
    worker = worker_of(fail)
    for attempt in range(1, settings.worker.max_attempts + 1):
        assert worker.drain() == 1
        assert job(store, job_id).attempts == attempt
        assert worker.drain() == 0, "not before its time"
        clock.now += timedelta(hours=1)
    assert job(store, job_id).status == "dead"


def test_one_failure_does_not_keep_the_rest_of_the_batch(worker_of, enqueue, store):
    def fail_on_two(_, payload):
        if payload["n"] == 2:
            raise InvalidInput("two")

    ids = [enqueue("it", payload={"n": n}) for n in range(4)]
    worker_of(fail_on_two).drain()
    assert [job(store, each).status for each in ids] == ["done", "done", "dead", "done"]


def test_a_paused_job_is_given_back_and_the_attempt_does_not_count(worker_of, enqueue, store):
    stop = threading.Event()

    def pause(*_):
        stop.set()
        raise JobPaused

    ids = [enqueue("it") for _ in range(3)]
    worker_of(pause, stop=stop).run_once()
    assert [(job(store, each).status, job(store, each).attempts) for each in ids] == [("ready", 0)] * 3


def test_a_stop_finishes_the_job_in_hand_and_gives_the_others_back(worker_of, enqueue, store):
    stop = threading.Event()
    ids = [enqueue("it") for _ in range(3)]
    worker_of(lambda *_: stop.set(), stop=stop).run_once()
    assert [job(store, each).status for each in ids] == ["done", "ready", "ready"]


def test_a_long_lease_is_kept_alive_while_the_job_runs(store, settings, organization_id, enqueue):
    brief = settings.model_copy(update={"worker": settings.worker.model_copy(update={"lease_seconds": 1})})
    stop, seen = threading.Event(), []

    def outlast(context, _):
        until = time.monotonic() + 2.5
        while time.monotonic() < until:
            seen.append(context.extend_lease())
            time.sleep(0.2)
        stop.set()

    job_id = enqueue("it", run_at=None)
    kinds = {"it": JobKind("it", "short", outlast)}
    Worker(store, brief, kinds=kinds, stop=stop).run()
    assert all(seen)
    assert (job(store, job_id).status, job(store, job_id).attempts) == ("done", 1)


def test_short_jobs_do_not_wait_behind_a_long_one(store, settings, organization_id, enqueue):
    stop, begun, answered = threading.Event(), threading.Event(), threading.Event()

    def long(*_):
        begun.set()
        assert answered.wait(20)

    kinds = {"long": JobKind("long", "long", long), "short": JobKind("short", "short", lambda *_: answered.set())}
    workers = [Worker(store, settings, kinds=kinds, lane=lane, stop=stop) for lane in ("short", "long")]
    threads = [threading.Thread(target=worker.run) for worker in workers]
    for thread in threads:
        thread.start()
    enqueue("long", run_at=None)
    assert begun.wait(20)
    enqueue("short", run_at=None)
    assert answered.wait(20)
    stop.set()
    for thread in threads:
        thread.join()


def test_the_kinds_are_found(store):
    found = all_kinds()
    assert {"run_import", "undo_import"} <= set(found)
    assert {name for name, kind in found.items() if kind.lane == "long"} >= {"run_import", "undo_import"}


def start_worker(settings) -> subprocess.Popen:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LEADHOUSE_DATA__DIR": str(settings.data.dir),
        "LEADHOUSE_SECURITY__KEYS": settings.security.keys.get_secret_value(),
        "LEADHOUSE_WORKER__LEASE_SECONDS": "2",
    }
    if settings.store.url:
        environment["LEADHOUSE_STORE__URL"] = settings.store.url
    return subprocess.Popen([sys.executable, "-m", "serving.worker"], env=environment, cwd=ROOT)


def test_a_killed_worker_loses_no_job_and_a_gentle_stop_leaves_none_running(store, settings, organization_id, enqueue):
    rows = "".join(f"p{number}@example.com\n" for number in range(8000))
    made = create_import(
        store, settings, Scope.of(organization_id), TESTER, content=f"email\n{rows}".encode(), file_name="a.csv"
    )
    job_id = enqueue("run_import", payload={"import_id": made.import_id}, run_at=None)

    def until(reached, seconds=90):
        deadline = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def progress():
        return load_import(store, SystemScope("test"), made.import_id)

    first = start_worker(settings)
    until(lambda: progress().rows_done > 200)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert job(store, job_id).status == "running"

    second = start_worker(settings)
    until(lambda: progress().rows_done == 8000 and job(store, job_id).status == "done")
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=30) == 0
    assert (progress().status, progress().created_count, job(store, job_id).attempts) == ("done", 8000, 2)
