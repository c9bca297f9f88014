"""`POST /v1/experiments/{key}/assignments`: with a secret key for anybody, or with a public write key for a browser."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from domain.capture import permission
from domain.contacts import EmailAddress
from domain.errors import NotAllowed
from domain.permissions import Permission
from domain.tenancy import Actor, Scope
from serving.assignments.dealing import Asked, assign_arm
from serving.assignments.schemas import AssignmentIn, AssignmentOut
from serving.capture.rates import spend
from serving.cross_origin import PublicRoute, preflight
from serving.deps import SettingsDep, StoreDep, current_principal, write_key_of

router = APIRouter(prefix="/v1/experiments", tags=["experiments"], route_class=PublicRoute)
ROLES = frozenset({"capture", "api"})


class Caller:
    """Whose organization is asked, and whether by a secret key: a public one may only speak of a browser."""

    def __init__(self, request: Request) -> None:
        if request.headers.get("authorization"):
            principal = current_principal(request)
            principal.require(Permission.EXPERIMENTS_ASSIGN)
            self.scope, self.actor, self.per_minute = principal.scope, principal.actor, None
            self.is_public = False
            return
        key = write_key_of(request)
        self.scope, self.actor = Scope.of(key.organization_id), Actor("api_key", key.api_key_id)
        self.per_minute, self.is_public = key.rate_per_minute, True


@router.post("/{key}/assignments")
async def create_assignment(
    *,
    key: str,
    body: AssignmentIn,
    request: Request,
    response: Response,
    caller: Annotated[Caller, Depends(Caller)],
    store: StoreDep,
    settings: SettingsDep,
) -> AssignmentOut:
    """The arm of somebody, the same however often it is asked, and logged when they meet it first. A visit without consent
    to ids gets an arm and is not logged."""
    response.headers["Cache-Control"] = "no-store"
    headers = request.headers
    allowed = permission(body.consent, gpc=headers.get("sec-gpc") == "1", dnt=headers.get("dnt") == "1")
    if caller.is_public:
        per_minute = caller.per_minute or settings.capture.rate_per_minute
        spend(
            request.app.state, "assignments", caller.actor.id, per_minute, "This key asks more often than it may."
        )  # fmt: skip
        if body.anonymous_id is None:
            raise NotAllowed("a write key may only ask for a browser", hint="Send anonymous_id, or use a secret key.")
    asked = Asked(
        anonymous_id=body.anonymous_id,
        contact_id=body.contact_id,
        company_id=body.company_id,
        email=EmailAddress.parse(body.email) if body.email else None,
        may_link=allowed.may_link_to_person or not caller.is_public,
    )
    dealt = await run_in_threadpool(
        assign_arm, store, caller.scope, caller.actor, key, asked,
        is_shown=body.is_shown and (allowed.may_keep_ids or not caller.is_public),
        via="browser" if caller.is_public else "server",
    )  # fmt: skip
    return AssignmentOut(arm=dealt.assignment.variant, reason=dealt.assignment.reason, is_logged=dealt.is_logged)


router.add_api_route("/{key}/assignments", preflight, methods=["OPTIONS"], include_in_schema=False)
