"""What the operators' routes ask for: somebody who may write, and the lake to read."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request

from domain.errors import NotAllowed
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
    if not principal.role.may_write:
        raise NotAllowed("Your role may look, not change.", hint="Ask an owner or admin for the role of operator.")
    return Actor("user", principal.user_id)


LakeDep = Annotated[Lake, Depends(_lake)]
WriterDep = Annotated[Actor, Depends(_writer)]
