"""What the operators' routes ask for: somebody who may write, and the lake to read."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request

from domain.tenancy import Actor
from serving.deps import PrincipalDep, SettingsDep
from storage.lake import Lake


def _lake(request: Request, settings: SettingsDep) -> Lake:
    """One lake object a process; nothing is opened until it is asked."""
    state: Any = request.app.state
    if not hasattr(state, "lake"):
        state.lake = Lake.open(settings)
    lake: Lake = state.lake
    return lake


def _writer(principal: PrincipalDep) -> Actor:
    """The actor of a change; raises NotAllowed for those who may only look."""
    principal.require_write()
    return principal.actor


LakeDep = Annotated[Lake, Depends(_lake)]
WriterDep = Annotated[Actor, Depends(_writer)]
