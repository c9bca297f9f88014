"""Looks for duplicates among an organization's records now: `find_duplicates {entity}`. In the lane of long jobs: it
reads every record, and uses a core for some seconds."""

from __future__ import annotations

from typing import Any

from domain.duplicates import RecordKind
from domain.tenancy import Actor
from models_ml.duplicates.matching import VERSION
from models_ml.duplicates.proposing import propose
from serving.jobs.base import JobContext

KIND = "find_duplicates"
LANE = "long"


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """Of one entity, or of contacts and companies both."""
    kinds = [RecordKind(payload["entity"])] if payload.get("entity") else list(RecordKind)
    for kind in kinds:
        propose(context.store, context.organization_id, kind, actor=Actor("model", VERSION))
