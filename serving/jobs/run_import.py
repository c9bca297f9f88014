"""Carries an import out: `run_import {import_id}`. Interrupted, it goes on where its last commit left it."""

from __future__ import annotations

from typing import Any

from serving.jobs.base import JobContext, JobPaused
from storage.ops.bulk.running import ImportPaused, run_import

KIND = "run_import"
LANE = "long"


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """Raises JobPaused when the worker stops; the job is then given back."""
    try:
        run_import(
            context.store,
            context.settings,
            str(payload["import_id"]),
            actor=context.actor,
            is_stopping=context.is_stopping,
        )
    except ImportPaused as paused:
        raise JobPaused from paused
