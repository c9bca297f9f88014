"""/v1/members and /v1/invitations, and the page that a link of an invitation opens."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from domain.contacts import EmailAddress
from domain.errors import LeadhouseError
from domain.permissions import Permission
from serving.access import cookies, pages, resets
from serving.access.permissions import may
from serving.access.principals import Principal, refuse_other_sites, user_of_session
from serving.brand.looks import look_of
from serving.client_address import network_of
from serving.deps import AddressDep, SettingsDep, StoreDep
from serving.lists import Cursor, IfMatch, Limit
from serving.members import handing_over, service
from serving.members.schemas import (
    BelongingsOut,
    HandOverIn,
    InvitationIn,
    InvitationListOut,
    InvitationMadeOut,
    InvitationOut,
    MemberFields,
    MemberListOut,
    MemberOut,
    ResetLinkOut,
)
from storage.ops.repositories.invitations import Invitations
from storage.ops.store import Store

router = APIRouter(tags=["members"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.MEMBERS_READ)]
Writer = Annotated[Principal, may(Permission.MEMBERS_WRITE)]
PAGE = "invite.html"


@router.get("/v1/members")
def list_members(
    *, principal: Reader, store: StoreDep, with_disabled: bool = False, cursor: Cursor = None, limit: Limit = 50
) -> MemberListOut:
    """Who works in the organization, by name: its own members, and those of its agency."""
    found, following = service.members_page(store, principal, with_disabled=with_disabled, limit=limit, cursor=cursor)
    return MemberListOut(items=[MemberOut.of(member) for member in found], next_cursor=following)


@router.patch("/v1/members/{user_id}", status_code=204)
def change_member(
    user_id: str, body: MemberFields, principal: Writer, store: StoreDep, if_match: IfMatch = None
) -> None:
    """Another role, or a seat that counts no more (`is_disabled`), or again. 409 for the last owner."""
    if body.role is not None:
        service.change_role(store, principal, user_id, body.role, if_match)
    elif body.is_disabled:
        service.disable(store, principal, user_id, if_match)
    else:
        service.enable(store, principal, user_id, if_match)


@router.delete("/v1/members/{user_id}", status_code=204)
def remove_member(user_id: str, principal: Writer, store: StoreDep) -> None:
    """Takes the seat away; they are out with their next request. 409 for the last owner."""
    service.remove(store, principal, user_id)


@router.get("/v1/members/{user_id}/belongings")
def read_belongings(user_id: str, principal: Writer, store: StoreDep) -> BelongingsOut:
    """How many contacts, open deals and open tasks a person has here and, of an agency, at its clients."""
    return BelongingsOut.model_validate(handing_over.belongings(store, principal, user_id), from_attributes=True)


@router.post("/v1/members/{user_id}/hand-over", status_code=202)
def hand_over(user_id: str, body: HandOverIn, principal: Writer, store: StoreDep) -> BelongingsOut:
    """Gives all of that to somebody else, before or after the seat is taken away: queued, and told what there is."""
    found = handing_over.ask(store, principal, user_id, body.to_user_id)
    return BelongingsOut.model_validate(found, from_attributes=True)


@router.post("/v1/members/{user_id}/reset-link", status_code=201)
def make_reset_link(user_id: str, principal: Writer, store: StoreDep, settings: SettingsDep) -> ResetLinkOut:
    """A link that sets a new password, once, within an hour; hand it over yourself. 403 for somebody who works in other
    organizations too, or whose role is above one's own."""
    token = resets.token_by_administrator(store, principal, user_id)
    return ResetLinkOut(link=f"{settings.public_url}/reset/{token}")


@router.get("/v1/invitations")
def list_invitations(principal: Writer, store: StoreDep, cursor: Cursor = None, limit: Limit = 50) -> InvitationListOut:
    """Open invitations, newest first."""
    with store.read(principal.scope) as work:
        found = Invitations(work).page(limit=limit, cursor=cursor)
        items = [InvitationOut.model_validate(each, from_attributes=True) for each in found.rows]
        return InvitationListOut(items=items, next_cursor=found.next_cursor)


@router.post("/v1/invitations", status_code=201)
def create_invitation(
    body: InvitationIn, principal: Writer, store: StoreDep, settings: SettingsDep
) -> InvitationMadeOut:
    """An invitation with a link that is shown this once; hand it to the person yourself. Good for seven days."""
    made, token = service.invite(store, principal, EmailAddress.parse(body.email), body.role)
    shown = InvitationOut.model_validate(made, from_attributes=True)
    return InvitationMadeOut(**shown.model_dump(), link=f"{settings.public_url}/invite/{token}")


@router.delete("/v1/invitations/{invitation_id}", status_code=204)
def revoke_invitation(invitation_id: str, principal: Writer, store: StoreDep) -> None:
    """The link opens nothing any more."""
    with store.write(principal.scope, principal.actor) as work:
        Invitations(work).revoke(invitation_id)


@router.get("/invite/{token}", include_in_schema=False)
def read_invitation_page(token: str, request: Request, store: StoreDep) -> Response:
    """Shows what is offered. Nothing changes: mail scanners open links too."""
    try:
        return _shown(request, store, token)
    except service.InvitationEnded as error:
        return _ended(error)


@router.post("/invite/{token}", include_in_schema=False)
def submit_invitation_page(
    *,
    token: str,
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
    address: AddressDep,
    name: Annotated[str, Form(max_length=400)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
) -> Response:
    """Takes the seat: with a new account, or as the person who is signed in."""
    try:
        refuse_other_sites(request)
        offered = service.offer(store, token)
        answer = RedirectResponse(pages.HOME, 303)
        if offered.user_id is not None:
            if _signed_in_as(request, store) != offered.user_id:
                return _shown(request, store, token)
            service.join(store, token, offered.user_id)
            return answer
        session = service.open_account(
            store,
            token,
            name=name,
            password=password,
            lasts=timedelta(days=settings.web.session_days),
            user_agent=request.headers.get("user-agent", ""),
            network=network_of(address),
        )
    except service.InvitationEnded as error:
        return _ended(error)
    except LeadhouseError as error:
        return _shown(request, store, token, status=error.status, name=name, problem=error.message)
    cookies.set_session(answer, session, settings)
    return answer


def _shown(
    request: Request, store: Store, token: str, *, status: int = 200, name: str = "", problem: str = ""
) -> Response:
    offered = service.offer(store, token)
    is_known = offered.user_id is not None
    return pages.page(
        PAGE, status, look=look_of(store, offered.organization_id), offer=offered, token=token, person=name, problem=problem, is_known=is_known,
        is_signed_in=is_known and _signed_in_as(request, store) == offered.user_id,
    )  # fmt: skip


def _ended(error: service.InvitationEnded) -> Response:
    return pages.page(
        PAGE, error.status, offer=None, token="", person="", problem=error.message, is_known=False, is_signed_in=False
    )


def _signed_in_as(request: Request, store: Store) -> str | None:
    """Whose browser this is; somebody without any seat yet counts too."""
    token = cookies.read_session(request.scope["headers"])
    return user_of_session(store, token) if token else None
