"""Makes organizations and the people who sign in, for the command line and the demo."""

from __future__ import annotations

from dataclasses import dataclass

from domain.contacts import EmailAddress
from domain.errors import NotFound
from domain.tenancy import Actor, Role, Scope, SystemScope
from orchestration.organizations import organization_named
from storage.ops.passwords import hash_password
from storage.ops.repositories.api_keys import ApiKeys
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.login_sessions import LoginSessions
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.second_factors import SecondFactors
from storage.ops.repositories.users import Memberships, Users
from storage.ops.reset_tokens import token_for
from storage.ops.store import Store

ACTOR = Actor.system("command line")


@dataclass(frozen=True, slots=True)
class Created:
    """A new organization with the public write key of its site."""

    organization_id: str
    slug: str
    write_key: str


def create_organization(
    store: Store, *, name: str, agency: str | None = None, time_zone: str = "UTC", currency: str = "USD"
) -> Created:
    """An agency, or a client of the agency with that slug, with one write key."""
    parent = organization_named(store, agency) if agency else None
    with store.write(SystemScope("a new organization"), ACTOR) as work:
        organizations = Organizations(work)
        if parent is None:
            made = organizations.create_agency(name, time_zone=time_zone, currency=currency)
        else:
            made = organizations.create_client(parent.organization_id, name, time_zone=time_zone, currency=currency)
        organization_id, slug = made.organization_id, made.slug
    with store.write(Scope.of(organization_id), ACTOR) as work:
        key = ApiKeys(work).create_write_key(name="site")
    return Created(organization_id, slug, key)


def create_user(
    store: Store, email: EmailAddress, organization_id: str, role: Role, password: str, *, name: str = ""
) -> None:
    """A person with a role there; one who exists already gets the new password and the role."""
    hashed = hash_password(password)
    with store.write(SystemScope("who may sign in"), ACTOR) as work:
        users = Users(work)
        found = users.find_by_email(email)
        if found is None:
            found = users.create(email, name=name, password_hash=hashed)
        else:
            users.set_password(found.user_id, hashed)
        Memberships(work).add(found.user_id, role, organization_id)


def reset_link(store: Store, email: EmailAddress, public_url: str) -> str:
    """A link that sets a new password, once, within an hour. Raises NotFound for an address without an account."""
    with store.write(SystemScope("who may sign in"), ACTOR) as work:
        found = Users(work).find_by_email(email)
        if found is None:
            raise NotFound(f"nobody signs in as {email.value}")
        Audit(work).record_of_user("make_reset_link", found.user_id)
        return f"{public_url}/reset/{token_for(work, found)}"


def turn_off_second_factor(store: Store, email: EmailAddress) -> bool:
    """For whoever lost their device and their recovery codes; every session of theirs ends. Answers whether it was on.

    Raises NotFound for an address without an account.
    """
    with store.write(SystemScope("who may sign in"), ACTOR) as work:
        found = Users(work).find_by_email(email)
        if found is None:
            raise NotFound(f"nobody signs in as {email.value}")
        was_on = SecondFactors(work).remove(found.user_id)
        if was_on:
            LoginSessions(work).revoke_all(found.user_id)
            Audit(work).record_of_user("second_factor_off", found.user_id)
        return was_on
