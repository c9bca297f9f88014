"""Seats are given, changed and taken away, and invitations accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from domain.contacts import EmailAddress
from domain.errors import Conflict, InvalidInput, NotFound
from domain.paging import decode_cursor, encode_cursor
from domain.permissions import GRANTS, Permission, check_seat_change
from domain.tenancy import Actor, OrganizationKind, Role, SystemScope
from serving import etags
from serving.access.principals import Principal
from storage.ops.passwords import hash_password
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.invitations import Invitations
from storage.ops.repositories.login_sessions import LoginSessions
from storage.ops.repositories.members import Member, members_of
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.report_links import ReportLinks
from storage.ops.repositories.users import Memberships, Users
from storage.ops.store import Store, Work
from storage.ops.tables import Invitation, Membership

INVITED = SystemScope("an invitation")
MOST_NAME = 200
BY_NAME = "name"


class InvitationEnded(NotFound):
    """This invitation has ended: it was used, taken back, or is older than seven days."""

    code = "invitation_ended"
    hint = "Ask whoever invited you for a new link."


@dataclass(frozen=True, slots=True)
class Offer:
    """What the page of an invitation shows; `user_id` is the account that its address has already."""

    email: str
    role: Role
    organization: str
    organization_id: str
    user_id: str | None


def members(store: Store, principal: Principal, *, with_disabled: bool) -> list[Member]:
    return members_of(store, principal.scope.organization_id, with_disabled=with_disabled)


def members_page(
    store: Store, principal: Principal, *, with_disabled: bool, limit: int, cursor: str | None
) -> tuple[list[Member], str | None]:
    """Some of them, and the cursor of the next page. Seats come from the organization and from its agency, so that a page
    is cut from all of them: they are people, never many. Raises InvalidInput for a cursor of another list."""
    after = decode_cursor(cursor, BY_NAME, 3) if cursor else []
    later = [each for each in members(store, principal, with_disabled=with_disabled) if _key(each) > after]
    shown = later[:limit]
    return shown, encode_cursor(BY_NAME, _key(shown[-1])) if len(later) > limit else None


def _key(member: Member) -> list[str]:
    """The order of `Members.of`, made total."""
    return [member.name.casefold(), member.email, member.user_id]


def change_role(store: Store, principal: Principal, user_id: str, role: Role, if_match: str | None = None) -> None:
    """Raises NotFound, PreconditionFailed, NotAllowed for what is above the asker, Conflict for the last owner."""
    with store.write(principal.scope, principal.actor) as work:
        seat = _checked(work, principal, user_id, role, if_match)
        before, seat.role = seat.role, role.value
        _recorded(work, "change", user_id, {"role": before}, {"role": role.value})


def disable(store: Store, principal: Principal, user_id: str, if_match: str | None = None) -> None:
    """The seat stays and counts no more, from the next request on. Raises as `change_role`."""
    with store.write(principal.scope, principal.actor) as work:
        seat = _checked(work, principal, user_id, None, if_match)
        if seat.disabled_at is None:
            seat.disabled_at = work.now()
            _recorded(work, "disable", user_id, {"role": seat.role}, {"role": seat.role})


def enable(store: Store, principal: Principal, user_id: str, if_match: str | None = None) -> None:
    """Raises NotFound and NotAllowed."""
    with store.write(principal.scope, principal.actor) as work:
        seat = Memberships(work).held(user_id)
        etags.check(if_match, seat.updated_at)
        check_seat_change(principal.role, Role(seat.role), Role(seat.role))
        if seat.disabled_at is not None:
            seat.disabled_at = None
            _recorded(work, "enable", user_id, {"role": seat.role}, {"role": seat.role})


def remove(store: Store, principal: Principal, user_id: str) -> None:
    """Raises as `change_role`. What the person did keeps their name."""
    with store.write(principal.scope, principal.actor) as work:
        seat = _checked(work, principal, user_id, None)
        before = seat.role
        Memberships(work).remove(user_id)
        _recorded(work, "remove", user_id, {"role": before}, None)


def invite(store: Store, principal: Principal, email: EmailAddress, role: Role) -> tuple[Invitation, str]:
    """The invitation and the token of its link. Raises NotAllowed for a role above the asker's, Conflict for a member."""
    check_seat_change(principal.role, None, role)
    for member in members(store, principal, with_disabled=True):
        if member.email == email.value and not member.is_inherited:
            state = "is disabled here: enable them again" if member.is_disabled else "works here already"
            raise Conflict(f"this person {state}")
    with store.write(principal.scope, principal.actor) as work:
        return Invitations(work).create(email, role, principal.user_id)


def offer(store: Store, token: str) -> Offer:
    """Raises InvitationEnded."""
    with store.read(INVITED) as work:
        found = Invitations(work).find_open(token)
        if found is None:
            raise InvitationEnded
        user = Users(work).find_by_email(EmailAddress(found.email))
        organization = Organizations(work).get(found.organization_id)
        return Offer(
            found.email, Role(found.role), organization.name, found.organization_id, user.user_id if user else None
        )


def join(store: Store, token: str, user_id: str) -> str:
    """Somebody with an account takes the seat, signed in as the invited address; answers the organization.

    Raises InvitationEnded, also for an invitation of somebody else.
    """
    with store.write(INVITED, Actor("user", user_id)) as work:
        invitation = Invitations(work).take(token)
        if invitation is None or Users(work).get(user_id).email != invitation.email:
            raise InvitationEnded
        return _seated(work, invitation, user_id)


def open_account(
    store: Store, token: str, *, name: str, password: str, lasts: timedelta, user_agent: str, network: str
) -> str:
    """A new account with the seat; answers the token of its first session.

    Raises InvitationEnded, InvalidInput for the name or the password, Conflict where the address has an account.
    """
    if not name.strip() or len(name) > MOST_NAME:
        raise InvalidInput("say your name")
    offer(store, token)  # before the dear hash
    password_hash = hash_password(password)
    with store.write(INVITED, Actor("user")) as work:
        invitation = Invitations(work).take(token)
        if invitation is None:
            raise InvitationEnded
        user = Users(work).create(EmailAddress(invitation.email), name=name.strip(), password_hash=password_hash)
        _seated(work, invitation, user.user_id)
        return LoginSessions(work).create(user.user_id, lasts=lasts, user_agent=user_agent, network=network)


def _checked(
    work: Work, principal: Principal, user_id: str, after: Role | None, if_match: str | None = None
) -> Membership:
    """The seat, held, if the asker may turn it into `after`. A client's owner is never its last: the agency has one."""
    seats = Memberships(work)
    owners = seats.owners()
    seat = seats.held(user_id)
    etags.check(if_match, seat.updated_at)
    is_agency = principal.organization.kind == OrganizationKind.AGENCY
    check_seat_change(principal.role, Role(seat.role), after, is_last_owner=is_agency and owners == {user_id})
    return seat


def _recorded(work: Work, action: str, user_id: str, before: dict[str, str], after: dict[str, str] | None) -> None:
    work.session.flush()
    if action != "enable":
        Invitations(work).revoke_of(user_id)
    if action in {"disable", "remove"} or (after and Permission.ANALYTICS_SHARE not in GRANTS[Role(after["role"])]):
        ReportLinks(work).revoke_of(user_id)
    Audit(work).record(action, "membership", user_id, before=before, after=after)


def _seated(work: Work, invitation: Invitation, user_id: str) -> str:
    Memberships(work).add(user_id, Role(invitation.role), invitation.organization_id).disabled_at = None
    Invitations(work).accept(invitation, work.now(), user_id)
    return invitation.organization_id
