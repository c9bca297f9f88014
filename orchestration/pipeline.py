"""Runs Dagster jobs in this process and tells, asset by asset, how far they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster._core.utils import make_new_run_id

from domain.errors import LeadhouseError
from orchestration.passes_alone import TAGS, alone, bury
from orchestration.state import current_settings, prepare_environment


class JobFailed(LeadhouseError):
    """A pipeline job failed."""

    code = "job_failed"
    hint = "Open the run in Dagster (`leadhouse up`), or logs/pipeline.log beside the data; what had landed is kept."


@dataclass(frozen=True, slots=True)
class JobReport:
    """One job of a pass: how many assets it made, the checks that failed with what they say of it, and the seconds it took."""

    job: str
    run_id: str
    asset_count: int
    failed_checks: tuple[str, ...]
    seconds: float


Progress = Callable[[str, int, int, str], None]
"""Called with job, assets made so far, assets in all, and the asset just made."""


def run_jobs(names: Sequence[str], progress: Progress) -> list[JobReport]:
    """Runs the named jobs in order, keeping their history in Dagster's own store; raises JobFailed at the first failure,
    PassRunning where another process runs some."""
    prepare_environment()
    from orchestration.definitions import defs

    definitions = defs()
    folder = current_settings().data.dir.absolute()
    log = folder / "logs" / "pipeline.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # dbt writes its own story to standard output; it belongs in a file, beside the bars.
    with (
        alone(folder),
        dg.DagsterInstance.get() as instance,
        log.open("a", encoding="utf-8") as story,
        redirect_stdout(story),
    ):
        bury(instance)
        return [_run(definitions, instance, name, progress) for name in names]


def _run(definitions: dg.Definitions, instance: dg.DagsterInstance, name: str, progress: Progress) -> JobReport:
    job = definitions.resolve_job_def(name)
    total = len(list(job.asset_layer.executable_asset_keys))
    made: list[str] = []
    run_id = make_new_run_id()
    started = time.monotonic()

    def hear(entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is not None and event.is_step_materialization and event.asset_key is not None:
            made.append(event.asset_key.to_user_string())
            progress(name, len(made), total, made[-1])

    instance.add_event_listener(run_id, hear)
    progress(name, 0, total, "")
    # Dagster would print every event, and a page of stack for a failure that is told in a line and kept in the log.
    quiet: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    result = job.execute_in_process(run_config=quiet, instance=instance, run_id=run_id, tags=TAGS, raise_on_error=False)
    if not result.success:
        raise failure_of(name, result)
    failed = tuple(
        f"{check.asset_key.to_user_string()}: {check.check_name}"
        + (f"\n{check.description}" if check.description else "")
        for check in result.get_asset_check_evaluations()
        if not check.passed
    )
    return JobReport(name, run_id, len(made), failed, time.monotonic() - started)


def failure_of(name: str, result: dg.ExecuteInProcessResult) -> JobFailed:
    """Of the first step that failed, in a line; its stack goes where standard output does."""
    event = next((event for event in result.all_events if event.is_step_failure), None)
    error = event.step_failure_data.error if event else None
    if event is None or error is None:
        return JobFailed(f"{name}: the run failed before its first step")
    print(error.to_string())
    cause = error.cause or error
    if "DagsterExecutionInterruptedError" in {error.cls_name, cause.cls_name}:
        return JobFailed(
            f"{name}: stopped at {event.step_key}", hint="The same command goes on; what had landed is kept."
        )
    return JobFailed(f"{name}: {event.step_key}: {cause.message.strip()}")
