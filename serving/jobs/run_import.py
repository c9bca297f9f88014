"""Carries an import out: `run_import {import_id}`. Interrupted, it goes on where its last commit left it.
What it made is then routed (`serving.jobs.route_contacts`)."""

from __future__ import annotations

from typing import Any

from domain.routing import SETTING
from serving.jobs import route_contacts
from serving.jobs.base import JobContext, JobPaused
from storage.ops.bulk.running import ImportPaused, run_import
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.organization_settings import OrganizationSettings

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
    with context.store.write(context.scope, context.actor) as work:
        if OrganizationSettings(work).current(SETTING) is not None:
            key = f"{route_contacts.KIND}:{payload['import_id']}"
            Jobs(work).enqueue(route_contacts.KIND, payload=payload, unique_key=key)
