"""Takes an import back: `undo_import {import_id}`. Interrupted, it goes on where its last commit left it."""

from __future__ import annotations

from typing import Any

from serving.jobs.base import JobContext
from storage.ops.bulk.undoing import undo_import

KIND = "undo_import"
LANE = "long"


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """What has changed since the import stays, and is listed in its rows."""
    undo_import(context.store, str(payload["import_id"]), actor=context.actor)
