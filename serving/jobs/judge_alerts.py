"""Judges an organization's alert rules by the marts that were just built: `judge_alerts {}`, one transaction."""

from __future__ import annotations

from typing import Any

from domain.alerts import JOB
from domain.tenancy import Actor
from serving.alerts.watching import judged, rules_of, watch
from serving.jobs.base import JobContext
from storage.lake import Lake

KIND = JOB
LANE = "long"


def run(context: JobContext, payload: dict[str, Any]) -> None:  # noqa: ARG001  a job's signature
    lake = Lake.open(context.settings)
    try:
        with context.store.read(context.scope) as work:
            found = judged(work, lake, rules_of(work))
    finally:
        lake.close()
    with context.store.write(context.scope, Actor.system("alerts")) as work:
        watch(work, found)
