"""One pass at a time on this machine, and what a pass that was killed leaves behind.

A step that may write to the lake holds Dagster's pool `lake_write` until it ends. A process that is killed gives nothing back:
without this every later run would wait for it without end. That a pass is dead is known by its lock, which the system
takes from it with its life.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

from domain.errors import LeadhouseError
from storage.file_lock import take_file

TAGS = {"leadhouse/pass": "in this process"}
"""Of runs that live and die with the process that holds the lock."""
KILLED = "The process of this pass was killed. What had landed is kept; the next pass goes on from there."


class PassRunning(LeadhouseError):
    """Another pass is under way."""

    code, status, retryable = "pass_running", 409, True
    hint = "It brings in what is new, too: wait for it to end, or end its process."


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Holds the machine's one pass over the run-time state in `folder`. Raises PassRunning where another holds it."""
    lock = folder / "pass.lock"
    release = take_file(lock)
    if release is None:
        raise PassRunning(f"process {lock.read_text()} runs a pass already")
    try:
        lock.write_text(str(os.getpid()))
        yield
    finally:
        release()


def bury(instance: dg.DagsterInstance) -> list[str]:
    """Ends passes that no process runs any more and gives back what they held; answers their runs' ids. Call it `alone`."""
    dead = instance.get_runs(dg.RunsFilter(statuses=list(NOT_FINISHED_STATUSES), tags=TAGS))
    for run in dead:
        instance.report_run_failed(run, KILLED)
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return [run.run_id for run in dead]
