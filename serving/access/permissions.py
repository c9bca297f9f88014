"""`Annotated[Principal, may(Permission.X)]`: how a route says who may use it."""

from __future__ import annotations

from typing import Any

from fastapi import Depends, Request

from domain.permissions import Permission
from serving.access.principals import Principal
from serving.deps import PrincipalDep, StoreDep


class Allowed:
    """A dependency that answers the principal, or raises NotAllowed; `permission` is what a test reads."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(self, request: Request, principal: PrincipalDep, store: StoreDep) -> Principal:
        principal.require(self.permission)
        request.app.state.visits.note(store, principal)
        found: Principal = principal
        return found


def may(permission: Permission) -> Any:
    """A route with this needs the permission in the chosen organization: 401 for strangers, 403 for others."""
    return Depends(Allowed(permission))
