"""From a request to the person or program behind it, and the organization they chose to work in."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from starlette.requests import HTTPConnection, Request

from domain.errors import NotAllowed, NotAuthenticated, NotFound
from domain.permissions import GRANTS, OF_OLD_KEYS, Permission
from domain.tenancy import Actor, OrganizationKind, Role, Scope, SystemScope
from serving.access import cookies
from storage.ops.repositories.api_keys import SECRET, ApiKeys
from storage.ops.repositories.login_sessions import SEEN_EVERY, LoginSessions
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.users import Memberships, Seat
from storage.ops.store import Store, Work

LOGIN = SystemScope("login")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class ForgedRequest(NotAllowed):
    """This request does not come from one of our own pages."""

    code = "csrf_failed"
    hint = "Send the csrf_token of GET /v1/me in X-CSRF-Token, or use a secret key instead of the cookie."


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, and where: `scope` is the chosen organization (an agency reads its clients), `role` their role there."""

    actor: Actor
    user_id: str | None
    """None for a secret key."""
    email: str
    name: str
    scope: Scope
    role: Role
    organizations: tuple[Seat, ...]
    """Every organization they may choose."""
    session_token: str | None = None
    scopes: frozenset[Permission] | None = None
    """What a secret key was made for; None for people, and for keys made before there were scopes."""
    through_organization_id: str | None = None
    """Whose provider vouched for the person: their session reaches no further than that organization and its clients."""

    @property
    def organization(self) -> Seat:
        return next(seat for seat in self.organizations if seat.organization_id == self.scope.organization_id)

    @property
    def csrf_token(self) -> str | None:
        """For pages that call with the cookie; None for a secret key."""
        return cookies.csrf_token(self.session_token) if self.session_token else None

    @property
    def permissions(self) -> frozenset[Permission]:
        """What they may do in the chosen organization."""
        if self.actor.kind == "api_key":
            return OF_OLD_KEYS if self.scopes is None else self.scopes
        return GRANTS[self.role]

    @property
    def person(self) -> str:
        """Their user id. Raises NotAllowed for a program: it has no password, no sessions and no second factor."""
        if self.user_id is None:
            raise NotAllowed("only a person may do this", hint="Sign in; a key cannot.")
        return self.user_id

    def require(self, permission: Permission) -> None:
        """Raises NotAllowed, naming the permission that is missing."""
        if permission not in self.permissions:
            raise NotAllowed(
                f"this needs the permission {permission}",
                hint="Ask an owner or admin of the organization."
                if self.user_id
                else "Make a key with this scope in Settings → API keys.",
            )


def principal_of(request: Request) -> Principal:
    """By `Authorization: Bearer` (a secret key, or a session token) or the cookie; the organization by the header
    X-LH-Organization, the query's `organization_id`, else their first.

    Raises NotAuthenticated, NotFound for an organization that is not theirs, and ForgedRequest where a cookie alone
    would change something.
    """
    store: Store = request.app.state.store
    wanted = request.headers.get("x-lh-organization") or request.query_params.get("organization_id")
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        token = bearer.strip()
        return by_secret_key(store, token, wanted) if token.startswith(SECRET) else by_session(store, token, wanted)
    from_cookie = cookies.read_session(request.scope["headers"])
    if from_cookie is None:
        raise NotAuthenticated
    found = by_session(store, from_cookie, wanted)
    if request.method not in SAFE_METHODS:
        check_forgery(request, from_cookie)
    return found


def check_forgery(request: HTTPConnection, session_token: str) -> None:
    """Raises ForgedRequest unless the page knows the session's token and stands on our own origin."""
    sent = request.headers.get(cookies.CSRF_HEADER, "")
    same_origin = cookies.is_same_origin(request.headers.get("origin"), request.headers.get("host"))
    if not same_origin or not _equal(sent, cookies.csrf_token(session_token)):
        raise ForgedRequest


def refuse_other_sites(request: HTTPConnection) -> None:
    """A form on another site must not sign a visitor in or out. A program sends no Origin and passes.

    Raises ForgedRequest.
    """
    origin = request.headers.get("origin")
    if origin is not None and not cookies.is_same_origin(origin, request.headers.get("host")):
        raise ForgedRequest(hint="Open the page itself.")


def by_session(store: Store, token: str, wanted: str | None = None) -> Principal:
    """The person of a session token. Raises NotAuthenticated when it is unknown, expired, revoked or theirs no more."""
    with store.read(LOGIN) as work:
        live = LoginSessions(work).find_live(token)
        if live is None:
            raise NotAuthenticated("The session has ended.", hint="Sign in again.")
        session, user = live
        seats = Memberships(work).seats_of(user.user_id, session.through_organization_id)
        is_stale = work.now() - session.last_seen_at > SEEN_EVERY
    if not seats:
        raise NotAllowed("You are a member of no organization.", hint="Ask an owner to add you.")
    if is_stale:
        with store.write(LOGIN, Actor("user", user.user_id)) as work:
            LoginSessions(work).touch(session.session_id)
    seat = _chosen(seats, wanted)
    return Principal(
        Actor("user", user.user_id),
        user.user_id,
        user.email,
        user.name,
        _scope(seat, seats),
        seat.role,
        tuple(seats),
        token,
        through_organization_id=session.through_organization_id,
    )


def user_of_session(store: Store, token: str) -> str | None:
    """The person of a session token, even one without a seat anywhere; None where it has ended, or where somebody
    else's provider vouched for them: that opens what they have there, not what they are offered elsewhere."""
    with store.read(LOGIN) as work:
        live = LoginSessions(work).find_live(token)
    return live[1].user_id if live and live[0].through_organization_id is None else None


def by_secret_key(store: Store, key: str, wanted: str | None = None) -> Principal:
    """The program of a secret key: within its scopes, in the key's organization and, for an agency's key, its
    clients."""
    with store.read(LOGIN) as work:
        row = ApiKeys(work).find_live(key)
        if row is None or row.kind != "secret":
            raise NotAuthenticated("Nobody knows this key, or it was revoked.", hint="Make a new one.")
        seats = _seats_of_key(work, row.organization_id)
        is_stale = row.last_used_at is None or work.now() - row.last_used_at > SEEN_EVERY
    if is_stale:
        with store.write(LOGIN, Actor("api_key", row.api_key_id)) as work:
            ApiKeys(work).touch(row.api_key_id, work.now())
    seat = _chosen(seats, wanted)
    actor = Actor("api_key", row.api_key_id)
    scopes = None if row.scopes is None else frozenset(each for each in Permission if each in row.scopes)
    return Principal(actor, None, "", row.name, _scope(seat, seats), Role.OPERATOR, tuple(seats), scopes=scopes)


def _seats_of_key(work: Work, organization_id: str) -> list[Seat]:
    return [
        Seat(
            found.organization_id,
            found.parent_organization_id,
            found.name,
            found.kind,
            found.time_zone,
            found.currency,
            Role.OPERATOR,
            is_inherited=found.organization_id != organization_id,
        )
        for found in Organizations(work).with_clients(organization_id)
    ]


def _chosen(seats: list[Seat], wanted: str | None) -> Seat:
    if not wanted:
        return seats[0]
    found = next((seat for seat in seats if seat.organization_id == wanted), None)
    if found is None:
        raise NotFound("There is no such organization here.")
    return found


def _scope(seat: Seat, seats: list[Seat]) -> Scope:
    """An agency reads the clients that its member has a seat in; a client stands alone."""
    if seat.kind != OrganizationKind.AGENCY:
        return Scope.of(seat.organization_id)
    clients = (other.organization_id for other in seats if other.parent_organization_id == seat.organization_id)
    return Scope.of(seat.organization_id, *clients)


def _equal(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())
