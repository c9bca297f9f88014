"""Asks the plays about signals that came in: `run_plays {buying_signal_ids}`. Each signal is a unit of work, and a play that
was asked about one is not asked again, so a job that is repeated goes on where it stood."""

from __future__ import annotations

from typing import Any

from domain.plays import JOB
from domain.tenancy import Actor
from serving.jobs.base import JobContext, JobPaused
from serving.plays.playing import play

KIND = JOB
LANE = "long"


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """Raises JobPaused when the worker stops."""
    for buying_signal_id in payload["buying_signal_ids"]:
        if context.is_stopping():
            raise JobPaused
        context.store.give_way()
        with context.store.write(context.scope, Actor.system("plays")) as work:
            play(work, str(buying_signal_id))
