"""Hands what somebody had to somebody else: `hand_over {from, to, by}`. Interrupted, it goes on where it stood."""

from __future__ import annotations

from typing import Any

from domain.tenancy import Actor
from serving.jobs.base import JobContext, JobPaused
from serving.members.handing_over import hand_some, tell

KIND = "hand_over"
LANE = "long"


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """In small parts, each as the person who asked for it. Raises JobPaused when the worker stops."""
    leaving, to, by = (str(payload[name]) for name in ("from", "to", "by"))
    count = 0
    while True:
        if context.is_stopping():
            raise JobPaused
        context.store.give_way()
        with context.store.write(context.scope, Actor("user", by)) as work:
            done = hand_some(work, leaving, to)
            count += done
            if not done:
                tell(work, to, count)
                return
