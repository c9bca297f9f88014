"""/v1/models: suspect columns used all the same, and a former version put back in use."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter

from domain.errors import NotConfigured, NotFound
from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.crm.dependencies import LakeDep
from serving.deps import StoreDep
from serving.models.schemas import ChoicesOut, KeepVersion, OverruleOut, PinOut, UseColumn
from storage.ops.repositories.model_choices import ModelChoices
from storage.ops.store import Work

router = APIRouter(prefix="/v1/models/lead-scoring", tags=["models"])
ROLES = frozenset({"api", "ui"})
Viewer = Annotated[Principal, may(Permission.MODELS_READ)]
Decider = Annotated[Principal, may(Permission.MODELS_WRITE)]

VERSION = (
    "select version, algorithm, artifact_hash from lake.ml.model_versions "
    "where organization_id = ? and model = 'lead_scoring' and version = ? order by trained_at desc limit 1"
)


@router.get("/choices")
def read_choices(store: StoreDep, principal: Viewer) -> ChoicesOut:
    """Columns that are used although suspect, and the version that is kept in use."""
    with store.read(principal.scope) as work:
        return _choices(work)


@router.post("/columns")
def use_column(body: UseColumn, store: StoreDep, principal: Decider) -> ChoicesOut:
    """Overrules the leakage guard for one column, from the next training on."""
    with store.write(principal.scope, principal.actor) as work:
        ModelChoices(work).use_column(body.column, by=principal.email, reason=body.reason)
        return _choices(work)


@router.delete("/columns/{column}")
def leave_column_out(column: str, store: StoreDep, principal: Decider) -> ChoicesOut:
    """Takes that back."""
    with store.write(principal.scope, principal.actor) as work:
        ModelChoices(work).leave_column_out(column)
        return _choices(work)


@router.post("/version")
def keep_version(body: KeepVersion, store: StoreDep, lake: LakeDep, principal: Decider) -> ChoicesOut:
    """Rolls back (or forward) to a version and keeps it in use until it is let go."""
    try:
        found = lake.arrow(VERSION, [principal.scope.organization_id, body.version]).to_pylist()
    except NotConfigured:  # no lake yet: nothing was ever trained
        found = []
    if not found:
        raise NotFound(f"no version {body.version!r}", hint="The Model page lists the versions there are.")
    with store.write(principal.scope, principal.actor) as work:
        ModelChoices(work).keep_version(found[0], by=principal.email, reason=body.reason)
        return _choices(work)


@router.delete("/version")
def let_version_go(store: StoreDep, principal: Decider) -> ChoicesOut:
    """Lets the gates decide again which version scores."""
    with store.write(principal.scope, principal.actor) as work:
        ModelChoices(work).let_go()
        return _choices(work)


def _choices(work: Work) -> ChoicesOut:
    choices = ModelChoices(work)
    pinned = choices.pin()
    return ChoicesOut(
        overrules=[OverruleOut(**asdict(one)) for one in choices.overrules().values()],
        pinned=PinOut(**asdict(pinned)) if pinned else None,
    )
