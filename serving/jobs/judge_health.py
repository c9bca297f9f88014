"""Looks at what became of the messages of an organization's mailboxes: `judge_health {}`, one transaction."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from domain.clock import Clock
from domain.tenancy import Actor, SystemScope
from serving.jobs.base import JobContext
from serving.sending.health import look
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.mailboxes import Mailboxes
from storage.ops.store import Store

KIND = "judge_health"
EVERY = timedelta(minutes=15)
ACTOR = Actor.system("health")
_SCOPE = SystemScope("health of mailboxes")
log = logging.getLogger("leadhouse.worker")


def run(context: JobContext, payload: dict[str, Any]) -> None:  # noqa: ARG001  a job's signature
    with context.store.write(context.scope, ACTOR) as work:
        paused = look(work, context.organization_id)
    if paused:
        log.warning("%d mailboxes were paused for what came of their messages", len(paused))


def queue_health(store: Store, clock: Clock) -> int:
    """Queues a look for every organization whose last one is a quarter of an hour old; answers how many."""
    with store.read(_SCOPE) as work:
        due = Mailboxes(work).organizations_to_judge(clock() - EVERY)
    if due:
        with store.write(_SCOPE, ACTOR) as work:
            for organization_id in due:
                Jobs(work).enqueue(KIND, organization_id=organization_id, unique_key=KIND)
    return len(due)
