"""What starts work when there is some: rows waiting to land, finished imports waiting for their marts."""

import dagster as dg

from domain.tenancy import SystemScope
from ingest.landing import pending
from orchestration.builds import last_built_at
from orchestration.defs.automation.jobs import land, refresh
from orchestration.drops import dropped_files
from orchestration.resources import House
from orchestration.state import current_settings
from storage.ops.repositories.erasures import Erasures
from storage.ops.repositories.imports import Imports

LAND_EVERY = current_settings().scheduler.land_every_seconds


@dg.sensor(
    name="land_when_waiting",
    job=land,
    minimum_interval_seconds=LAND_EVERY,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Lands at most once a minute, and only when something waits.",
)
def land_when_waiting(context: dg.SensorEvaluationContext, house: House) -> dg.RunRequest | dg.SkipReason:
    waiting = {name: count for name, count in pending(house.store).items() if count}
    files = dropped_files(house.drop)
    if not waiting and not files:
        return dg.SkipReason("nothing waits to land")
    if _is_running(context, "land"):
        return dg.SkipReason("a landing is under way")
    return dg.RunRequest(tags={"leadhouse/waiting": str(sum(waiting.values()) + len(files))})


@dg.sensor(
    name="refresh_after_imports",
    job=refresh,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Builds marts and scores once a new import is done and has landed.",
)
def refresh_after_imports(context: dg.SensorEvaluationContext, house: House) -> dg.RunRequest | dg.SkipReason:
    with house.store.read(SystemScope("imports that finished")) as work:
        newest = Imports(work).newest_finished_at()
    built_at = last_built_at(house.lake, "marts")
    if newest is None or newest.isoformat() == context.cursor or (built_at is not None and newest < built_at):
        return dg.SkipReason("no import has finished since the last refresh")
    if pending(house.store).get("operational") or _is_running(context, "refresh"):
        return dg.SkipReason("the import has not landed yet, or a refresh is under way")
    context.update_cursor(newest.isoformat())
    return dg.RunRequest(run_key=f"import:{newest.isoformat()}")


@dg.sensor(
    name="erase_when_asked",
    job_name="erase",
    minimum_interval_seconds=300,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Finishes erasures, at most every five minutes: one pass forgets everybody who waits.",
)
def erase_when_asked(context: dg.SensorEvaluationContext, house: House) -> dg.RunRequest | dg.SkipReason:
    with house.store.read(SystemScope("erasures of every organization")) as work:
        waiting = Erasures(work).unfinished()
    if not waiting:
        return dg.SkipReason("nobody waits to be forgotten")
    if _is_running(context, "erase"):
        return dg.SkipReason("an erasure is under way")
    return dg.RunRequest(tags={"leadhouse/people": str(len(waiting))})


def _is_running(context: dg.SensorEvaluationContext, job_name: str) -> bool:
    open_statuses = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
    return bool(context.instance.get_runs(dg.RunsFilter(job_name=job_name, statuses=open_statuses), limit=1))
