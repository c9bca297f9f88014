"""Looks at the clocks of one organization that may have run out: `watch_service_levels {}`. Each clock is a transaction of
its own, so that a long list holds nobody up and a worker that dies repeats nothing."""

from __future__ import annotations

from typing import Any

from domain.clock import Clock
from domain.tenancy import Actor, SystemScope
from serving.jobs.base import JobContext, JobPaused
from serving.service_levels.acting import look
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.service_clocks import ServiceClocks
from storage.ops.store import Store

KIND = "watch_service_levels"
EVERY_SECONDS = 30
_AT_ONCE = 200
_SCOPE = SystemScope("clocks of service levels")


def run(context: JobContext, payload: dict[str, Any]) -> None:  # noqa: ARG001  a job's signature
    """Raises JobPaused when the worker stops; the clocks that were not looked at stay due."""
    while True:
        with context.store.read(context.scope) as work:
            due = ServiceClocks(work).due(context.clock(), limit=_AT_ONCE)
        for service_clock_id in due:
            if context.is_stopping():
                raise JobPaused
            context.store.give_way()
            with context.store.write(context.scope, Actor.system("service_levels")) as work:
                look(work, service_clock_id)
        if len(due) < _AT_ONCE:
            return


def queue_looks(store: Store, clock: Clock) -> int:
    """Queues a look for every organization that has a clock to look at; answers how many."""
    with store.read(_SCOPE) as work:
        waiting = ServiceClocks(work).organizations_due(clock())
    if waiting:
        with store.write(_SCOPE, Actor.system("service_levels")) as work:
            for organization_id in waiting:
                Jobs(work).enqueue(KIND, organization_id=organization_id, unique_key=KIND)
    return len(waiting)
