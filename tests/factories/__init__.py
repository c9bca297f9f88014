"""Rows for tests, as plain functions over a store: `make_contact(store, agency.organization_id, email="ada@…")`.

Each opens its own unit of work, says no more than it must, and answers the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from domain.contacts import Domain, EmailAddress, LifecycleStage
from domain.merging import ContactFacts, MergePolicy
from domain.tenancy import Actor, Role, Scope, SystemScope
from storage.ops.repositories.api_keys import ApiKeys
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.company_lists import CompanyLists
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.login_sessions import LoginSessions
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.users import Memberships, Users
from storage.ops.store import Store
from storage.ops.tables import Company, CompanySummary, Contact, Organization, User

SYSTEM = SystemScope("tests")
TESTER = Actor("user", "tester")
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Family:
    """An agency and one of its clients, with the scope of a member of each."""

    agency: Organization
    client: Organization

    @property
    def agency_scope(self) -> Scope:
        return Scope.of(self.agency.organization_id, self.client.organization_id)

    @property
    def client_scope(self) -> Scope:
        return Scope.of(self.client.organization_id)


def make_organization(store: Store, name: str = "", **changes: Any) -> Organization:
    """An agency without clients."""
    with store.write(SYSTEM, TESTER) as work:
        return Organizations(work).create_agency(name or f"Agency {next(_numbers)}", **changes)


def make_agency_with_client(store: Store, name: str = "") -> Family:
    agency = make_organization(store, name)
    with store.write(SYSTEM, TESTER) as work:
        client = Organizations(work).create_client(agency.organization_id, f"Client of {agency.name}")
    return Family(agency, client)


def make_user(
    store: Store,
    organization_id: str | None = None,
    *,
    email: str = "",
    role: Role = Role.OPERATOR,
    name: str = "",
    password: str | None = None,
) -> User:
    """A person who signs in, member of an organization where one is given; hashing a password takes 50 ms."""
    hashed = None
    if password is not None:
        from storage.ops.passwords import hash_password

        hashed = hash_password(password)
    with store.write(SYSTEM, TESTER) as work:
        user = Users(work).create(
            EmailAddress.parse(email or f"user{next(_numbers)}@agency.example"), name=name, password_hash=hashed
        )
        if organization_id:
            Memberships(work).add(user.user_id, role, organization_id)
        return user


def make_session(store: Store, user_id: str) -> str:
    """The token of a person who signed in, without a password's 50 ms: for the cookie, or as a bearer."""
    with store.write(SYSTEM, TESTER) as work:
        return LoginSessions(work).create(user_id, lasts=timedelta(days=1))


def make_contact(
    store: Store,
    organization_id: str,
    *,
    email: str | None = "",
    stage: LifecycleStage = LifecycleStage.LEAD,
    source: str = "api",
    **facts: Any,
) -> Contact:
    """A contact with an address of its own; `email=None` needs an `external_id`."""
    address = None if email is None else EmailAddress.parse(email or f"person{next(_numbers)}@example.com")
    with store.write(Scope.of(organization_id), TESTER) as work:
        told = ContactFacts(email=address, **facts)
        return Contacts(work).upsert(told, policy=MergePolicy.OVERWRITE, source=source, stage=stage).contact


def make_company(store: Store, organization_id: str, *, domain: str = "", name: str = "") -> Company:
    with store.write(Scope.of(organization_id), TESTER) as work:
        return Companies(work).upsert(domain=Domain.parse(domain or f"company{next(_numbers)}.example"), name=name)


def make_write_key(store: Store, organization_id: str, **changes: Any) -> str:
    """A public key for a website of the organization."""
    with store.write(Scope.of(organization_id), TESTER) as work:
        return ApiKeys(work).create_write_key(**changes)


def make_secret_key(store: Store, organization_id: str, **changes: Any) -> str:
    with store.write(Scope.of(organization_id), TESTER) as work:
        return ApiKeys(work).create_secret_key(**changes)


def make_company_summary(store: Store, organization_id: str, company_id: str, **changes: Any) -> CompanySummary:
    """A company as activation writes it: a prospect that was seen at noon of 2 March 2026, unless `changes` differ."""
    seen = datetime(2026, 3, 2, 12, tzinfo=UTC)
    row = {
        "company_id": company_id, "name": company_id.title(), "domain": f"{company_id}.example", "status": "prospect",
        "last_seen_at": seen, "page_paths": [], "lookalike_reasons": [], "refreshed_at": seen,
    } | changes  # fmt: skip
    with store.write(Scope.of(organization_id), TESTER) as work:
        CompanyLists(work).put([row])
        return CompanyLists(work).of([company_id])[company_id]
