"""`POST /v1/identify`: with a public write key (and a `user_hash`, or fewer rights), or with a secret key."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from domain.capture import permission
from domain.permissions import Permission
from domain.tenancy import Actor, Scope
from serving.cross_origin import PublicRoute, preflight
from serving.deps import ClockDep, StoreDep, write_key_of
from serving.identify.calls import Call, identify
from serving.identify.schemas import IdentifyIn, IdentifyOut

router = APIRouter(prefix="/v1/identify", tags=["capture"], route_class=PublicRoute)
ROLES = frozenset({"capture", "api"})


class Caller:
    """Whose organization a call is about, and whether a secret key vouches for it."""

    def __init__(self, request: Request) -> None:
        if request.headers.get("authorization"):
            from serving.access.principals import principal_of

            principal = principal_of(request)
            principal.require(Permission.CONTACTS_WRITE)
            self.scope, self.actor, self.is_vouched = principal.scope, principal.actor, True
            return
        key = write_key_of(request)
        self.scope, self.is_vouched = Scope.of(key.organization_id), False
        self.actor = Actor("api_key", key.api_key_id)


@router.post("", status_code=202)
def create_identify(
    body: IdentifyIn, request: Request, caller: Annotated[Caller, Depends(Caller)], store: StoreDep, clock: ClockDep
) -> IdentifyOut:
    headers = request.headers
    allowed = permission(body.consent, gpc=headers.get("sec-gpc") == "1", dnt=headers.get("dnt") == "1")
    now = clock()
    answer = identify(
        store,
        caller.scope,
        caller.actor,
        Call(
            traits=body.traits,
            occurred_at=min(body.occurred_at or now, now),
            anonymous_id=body.anonymous_id,
            user_hash=body.user_hash,
            is_vouched=caller.is_vouched,
            level=body.consent if caller.is_vouched else allowed.level,
            grants=tuple(one.grant() for one in body.consents),
            event_id=body.event_id,
        ),
    )
    shown = answer.recorded if caller.is_vouched else None
    return IdentifyOut(
        is_signed=answer.is_signed,
        ignored=list(answer.ignored),
        contact_id=shown.contact_id if shown else None,
        outcome=shown.outcome if shown else None,
    )


router.add_api_route("", preflight, methods=["OPTIONS"], include_in_schema=False)
