"""Nightly upkeep: old runs forgotten, small files of the lake merged, the store kept small."""

from datetime import timedelta

import dagster as dg

from ingest.trimming import forget_keys
from orchestration.erasing import erase_waiting
from orchestration.resources import House
from storage.ops.housekeeping import tidy_store

RUNS_KEPT = timedelta(days=7)


@dg.op(description="Deletes finished runs that are older than seven days, with their logs.")
def forget_old_runs(context: dg.OpExecutionContext, house: House) -> int:
    finished = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
    old = dg.RunsFilter(statuses=finished, created_before=house.clock() - RUNS_KEPT)
    run_ids = [run.run_id for run in context.instance.get_runs(old)]
    for run_id in run_ids:
        context.instance.delete_run(run_id)
    return len(run_ids)


@dg.op(description="Forgets everybody who waits for it, in one pass over lake and files.", pool="lake_write")
def erase_people(house: House) -> int:
    return len(erase_waiting(house.store, house.lake, house.settings, clock=house.clock))


@dg.job(description="Finishes erasures: the lake, the drop folder and the store's free pages.")
def erase() -> None:
    erase_people()


@dg.op(description="Merges small files of the lake and lets old snapshots go.", pool="lake_write")
def tidy_lake(house: House) -> None:
    house.lake.maintain()


@dg.op(description="Forgets ids of events that landed longer ago than a retry may come.")
def forget_event_keys(house: House) -> int:
    return forget_keys(house.store, house.settings.capture.event_keep_days, house.clock)


@dg.op(description="Deletes decisions that are in the lake since a month, and sessions that ended long ago.")
def tidy_operational_store(house: House) -> dict[str, int]:
    return tidy_store(house.store, house.clock)


@dg.job(description="Nightly upkeep of runs, lake, store and event keys.")
def keep_tidy() -> None:
    forget_old_runs()
    tidy_lake()
    forget_event_keys()
    tidy_operational_store()


keep_tidy_nightly = dg.ScheduleDefinition(
    name="keep_tidy_nightly", job=keep_tidy, cron_schedule="45 2 * * *", default_status=dg.DefaultScheduleStatus.RUNNING
)
