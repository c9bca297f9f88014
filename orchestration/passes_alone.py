"""One pass at a time on this machine, and what a pass that was killed leaves behind.

A step that may write to the lake holds Dagster's pool `lake_write` until it ends. A process that is killed gives nothing back:
without this every later run would wait for it without end. That a pass is dead is known by its lock, which the system
takes from it with its life.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

from domain.errors import LeadhouseError

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
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "pass.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PassRunning(f"process {os.read(handle, 20).decode()} runs a pass already") from error
        os.truncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def bury(instance: dg.DagsterInstance) -> list[str]:
    """Ends passes that no process runs any more and gives back what they held; answers their runs' ids. Call it `alone`."""
    dead = instance.get_runs(dg.RunsFilter(statuses=list(NOT_FINISHED_STATUSES), tags=TAGS))
    for run in dead:
        instance.report_run_failed(run, KILLED)
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return [run.run_id for run in dead]
