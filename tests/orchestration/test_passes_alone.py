"""A pass that was killed does not keep the next one from running, and two never run at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import dagster as dg
import pytest

from orchestration.passes_alone import TAGS, PassRunning, alone, bury


@pytest.fixture
def instance(tmp_path):
    with dg.DagsterInstance.local_temp(str(tmp_path), {"concurrency": {"pools": {"default_limit": 1}}}) as found:
        yield found


def one_that_holds(instance, tags) -> str:
    @dg.op(pool="lake_write")
    def write(): ...

    @dg.job
    def build():
        write()

    run = instance.create_run_for_job(build, tags=tags, status=dg.DagsterRunStatus.STARTED)
    log = instance.event_log_storage
    log.initialize_concurrency_limit_to_default("lake_write")
    assert log.claim_concurrency_slot("lake_write", run.run_id, "write").is_claimed
    return run.run_id


def test_what_a_killed_pass_held_is_free_again_and_its_run_has_failed(instance):
    killed = one_that_holds(instance, TAGS)
    assert bury(instance) == [killed]
    assert instance.get_run_by_id(killed).status is dg.DagsterRunStatus.FAILURE
    assert instance.event_log_storage.claim_concurrency_slot("lake_write", "the next", "write").is_claimed


def test_runs_of_the_web_server_are_left_alone(instance):
    theirs = one_that_holds(instance, {})
    assert bury(instance) == []
    assert instance.get_run_by_id(theirs).status is dg.DagsterRunStatus.STARTED


def test_a_second_pass_is_refused_until_the_first_one_dies(tmp_path):
    code = f"""
import time; from pathlib import Path; from orchestration.passes_alone import alone
with alone(Path({str(tmp_path)!r})): print("held", flush=True); time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(PassRunning, match=str(other.pid)), alone(tmp_path):
            pass
        os.kill(other.pid, signal.SIGKILL)
    with alone(tmp_path):
        assert (tmp_path / "pass.lock").read_text() == str(os.getpid())
