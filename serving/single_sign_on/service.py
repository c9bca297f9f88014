"""Who comes in through a provider: a request that is answered once, and the person it turns out to be."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy.exc import IntegrityError

from domain.errors import Conflict, InvalidInput, NotFound, TooManyRequests
from domain.single_sign_on import Assertion, Entry, SignOnRefused, domains_of, entry_of
from domain.tenancy import Actor, Role, SystemScope
from serving.access.principals import Principal
from serving.single_sign_on.outbound import Outbound
from serving.single_sign_on.provider import Client, Providers
from serving.single_sign_on.schemas import ProviderIn
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.identity_providers import IdentityLinks, IdentityProviders
from storage.ops.repositories.invitations import Invitations
from storage.ops.repositories.login_attempts import LoginAttempts
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.users import Memberships, Users
from storage.ops.sealing import SealBroken
from storage.ops.store import Store, Work
from storage.ops.tables import IdentityProvider, Organization, User

SIGN_ON = SystemScope("single sign-on")
LASTS = timedelta(minutes=10)
"""From leaving for the provider until coming back."""
BEGINNINGS = 60
"""Of one address within that time: each asks the provider for its description at most."""
PLACE = ("login", "login", "single_sign_on")


class SignOnUnknown(NotFound):
    """This organization has no single sign-on."""

    code = "single_sign_on_unknown"
    hint = "Check its short name, or sign in with a password."


@dataclass(frozen=True, slots=True)
class Begun:
    """What the browser keeps between leaving and coming back, sealed: only the browser that left may come back."""

    organization_id: str
    state: str
    nonce: str
    verifier: str
    next: str
    until: float


@dataclass(frozen=True, slots=True)
class Door:
    """A provider with the organization it speaks for."""

    organization: Organization
    provider: IdentityProvider
    client: Client


def door(store: Store, slug: str) -> Door:
    """Raises SignOnUnknown."""
    with store.read(SIGN_ON) as work:
        found = IdentityProviders(work).find_enabled(slug)
        if found is None:
            raise SignOnUnknown
        provider, organization = found
        secret = IdentityProviders(work).secret_of(provider)
    return Door(organization, provider, Client(provider.issuer, provider.client_id, secret))


def begin(
    store: Store, providers: Providers, at: Door, *, redirect_uri: str, target: str, address: str
) -> tuple[str, str]:
    """Where the browser goes, and what it keeps until it comes back. Raises TooManyRequests and what `describe` does."""
    limit = (BEGINNINGS, LASTS, ("single sign-on", address))
    with store.write(SIGN_ON, Actor("user")) as work:
        waits = LoginAttempts(work).hit(*limit)
    if waits is not None:
        raise TooManyRequests("Too many attempts to sign in.", retry_after=max(1.0, waits.total_seconds()))
    begun = Begun(
        at.organization.organization_id,
        secrets.token_urlsafe(32),
        secrets.token_urlsafe(32),
        secrets.token_urlsafe(48),
        target,
        (store.clock() + LASTS).timestamp(),
    )
    url = providers.authorization_url(
        at.client, redirect_uri=redirect_uri, state=begun.state, nonce=begun.nonce, verifier=begun.verifier
    )
    sealed = store.sealer.seal(msgspec.json.encode(begun), *PLACE)
    return url, base64.urlsafe_b64encode(sealed).decode()


def come_back(store: Store, at: Door, kept: str | None, state: str) -> Begun:
    """What was kept, once: an answer that is sent again, or by another browser, finds nothing.

    Raises SignOnRefused.
    """
    try:
        sealed = base64.urlsafe_b64decode((kept or "").encode())
        begun = msgspec.json.decode(store.sealer.open(sealed, *PLACE), type=Begun)
    except (SealBroken, binascii.Error, ValueError, IndexError) as error:
        raise SignOnRefused("This sign-in was not begun in this browser.", hint="Sign in again.") from error
    is_ours = secrets.compare_digest(begun.state.encode(), state.encode())
    if not is_ours or begun.organization_id != at.organization.organization_id:
        raise SignOnRefused("This answer belongs to another sign-in.", hint="Sign in again.")
    if datetime.fromtimestamp(begun.until, UTC) < store.clock():
        raise SignOnRefused("That took too long.", hint="Sign in again.")
    with store.write(SIGN_ON, Actor("user")) as work:
        if LoginAttempts(work).hit(1, LASTS, ("single sign-on state", state)) is not None:
            raise SignOnRefused("This sign-in was used already.", hint="Sign in again.")
    return begun


def person_of(store: Store, at: Door, assertion: Assertion) -> User:
    """The person here whom the provider vouches for: known by a former sign-in, a member, invited, or of a domain that
    the organization lets in. Nobody else gets an account or a seat.

    Raises SignOnRefused; the organization's audit log says that somebody was refused.
    """
    try:
        with store.write(SIGN_ON, Actor("user")) as work:
            return _person(work, at, assertion)
    except IntegrityError:  # two first sign-ins at once: the other one made the link
        with store.write(SIGN_ON, Actor("user")) as work:
            return _person(work, at, assertion)
    except SignOnRefused as refused:
        with store.write(SIGN_ON, Actor("user")) as work:
            Audit(work).record(
                "refuse_single_sign_on", "identity_provider", at.provider.identity_provider_id,
                after={"reason": refused.message}, organization_id=at.organization.organization_id,
            )  # fmt: skip
        raise


def _person(work: Work, at: Door, assertion: Assertion) -> User:
    home = at.organization.organization_id
    link = IdentityLinks(work).find(home, assertion.issuer, assertion.subject)
    known = Users(work).get(link.user_id) if link else None
    if known is not None and _is_member(work, known, home):
        return known
    user = Users(work).find_by_email(assertion.email) if assertion.email else None
    family = [found.organization_id for found in Organizations(work).with_clients(home)]
    invitations = Invitations(work).take_of(assertion.email, family) if assertion.email else []
    entry = entry_of(
        assertion,
        is_member=user is not None and _is_member(work, user, home),
        is_invited=bool(invitations),
        domains=at.provider.domains or [],
        default_role=Role(at.provider.default_role) if at.provider.default_role else None,
    )
    if user is None:
        assert assertion.email is not None, "entry_of asks for one"
        user = Users(work).create(assertion.email, name=assertion.name)
    if user.disabled_at is not None:
        raise SignOnRefused("This account is disabled.")
    if entry is Entry.INVITED:
        for invitation in invitations:
            Memberships(work).add(user.user_id, Role(invitation.role), invitation.organization_id).disabled_at = None
            Invitations(work).accept(invitation, work.now(), user.user_id)
    elif entry is Entry.OF_DOMAIN:
        _seat_of_domain(work, user, at)
    if link is not None:
        link.user_id = user.user_id
    else:
        IdentityLinks(work).add(home, assertion.issuer, assertion.subject, user.user_id)
        Audit(work).record(
            "link", "user", user.user_id, after={"issuer": assertion.issuer, "entry": entry.value}, organization_id=home
        )
    return user


def _seat_of_domain(work: Work, user: User, at: Door) -> None:
    """A first seat. Whoever was put to rest here by a person stays so."""
    home, role = at.organization.organization_id, Role(at.provider.default_role or Role.VIEWER)
    if Memberships(work).has_any(user.user_id, home):
        raise SignOnRefused("Your seat here is disabled.", hint="Ask an owner.")
    Memberships(work).add(user.user_id, role, home)
    Audit(work).record(
        "add", "membership", user.user_id, after={"role": role.value, "by": "domain"}, organization_id=home
    )


def _is_member(work: Work, user: User, home: str) -> bool:
    return user.disabled_at is None and bool(Memberships(work).seats_of(user.user_id, home))


def put_provider(store: Store, outbound: Outbound, principal: Principal, body: ProviderIn) -> IdentityProvider:
    """Sets the organization's provider, once its description was read. Raises InvalidInput, ProviderBusy and
    ProviderRefused."""
    if body.default_role in {Role.OWNER, Role.ADMIN}:
        raise InvalidInput("a domain gives no admins and no owners", hint="Invite them.")
    domains = domains_of(body.domains)
    if body.default_role is not None and not domains:
        raise InvalidInput("a default role needs domains", hint="Name the e-mail domains that it is for.")
    Providers(outbound, store.clock).describe(body.issuer)
    with store.write(principal.scope, principal.actor) as work:
        return IdentityProviders(work).put(
            name=body.name.strip(), issuer=body.issuer, client_id=body.client_id, secret=body.client_secret,
            domains=domains, default_role=body.default_role, is_enabled=body.is_enabled,
        )  # fmt: skip


def remove_provider(store: Store, principal: Principal) -> None:
    """Raises Conflict where there is none."""
    with store.write(principal.scope, principal.actor) as work:
        if not IdentityProviders(work).remove():
            raise Conflict("there is no provider")
