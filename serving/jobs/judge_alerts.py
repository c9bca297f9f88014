"""Judges an organization's alert rules by the marts that were just built: `judge_alerts {}`, one transaction."""

from __future__ import annotations

from typing import Any

from domain.alerts import JOB
from domain.tenancy import Actor
from serving.alerts.watching import judged, rules_of, watch
from serving.jobs.answering import lake_at, places_of
from serving.jobs.base import JobContext

KIND = JOB
LANE = "long"


def run(context: JobContext, payload: dict[str, Any]) -> None:  # noqa: ARG001  a job's signature
    with context.store.read(context.scope) as work:
        found = judged(work, lake_at(places_of(context.settings)), rules_of(work))
    with context.store.write(context.scope, Actor.system("alerts")) as work:
        watch(work, found)
