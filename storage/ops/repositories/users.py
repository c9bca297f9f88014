"""People who sign in, and their roles in organizations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select, true

from domain.contacts import EmailAddress
from domain.errors import Conflict, NotFound
from domain.tenancy import Role, SystemScope
from storage.ops.repositories.base import Repository
from storage.ops.tables import Membership, Organization, User


@dataclass(frozen=True, slots=True)
class Seat:
    """An organization a person may work in, with the role they have there (their own, or inherited from the agency)."""

    organization_id: str
    parent_organization_id: str | None
    name: str
    kind: str
    time_zone: str
    currency: str
    role: Role
    is_inherited: bool


class Users(Repository):
    """Under SystemScope, for a person belongs to no single organization. Hashes come from `storage.ops.passwords`."""

    def create(self, email: EmailAddress, *, name: str = "", password_hash: str | None = None) -> User:
        """Raises Conflict where the address has an account."""
        self.require_system()
        if self.find_by_email(email):
            raise Conflict("this address has an account")
        made = User(email=email.value, name=name, password_hash=password_hash)
        self.session.add(made)
        self.session.flush()
        return made

    def find(self, user_id: str) -> User | None:
        """Under an organization's scope: a member of what it may read."""
        is_member = exists().where(Membership.user_id == User.user_id, self.readable(Membership.organization_id))
        anybody = isinstance(self.work.scope, SystemScope)
        return self.session.scalars(
            select(User).where(User.user_id == user_id, true() if anybody else is_member)
        ).first()

    def get(self, user_id: str) -> User:
        """Raises NotFound."""
        found = self.find(user_id)
        if found is None:
            raise NotFound
        return found

    def hold(self, user_id: str) -> User | None:
        """Held until the unit of work ends: of two who use one link at once, the second finds it used."""
        self.require_system()
        return self.session.scalars(
            select(User).where(User.user_id == user_id).with_for_update().execution_options(populate_existing=True)
        ).first()

    def find_by_email(self, email: EmailAddress) -> User | None:
        self.require_system()
        return self.session.scalars(select(User).where(User.email == email.value)).first()

    def of_ids(self, user_ids: Collection[str]) -> list[User]:
        self.require_system()
        return list(self.session.scalars(select(User).where(User.user_id.in_(sorted(user_ids))).order_by(User.user_id)))

    def set_password(self, user_id: str, password_hash: str) -> None:
        self.require_system()
        self.get(user_id).password_hash = password_hash

    def disable(self, user_id: str, at: datetime) -> None:
        """From now on no login and no session of theirs counts."""
        self.require_system()
        self.get(user_id).disabled_at = at

    def count(self) -> int:
        self.require_system()
        return self.session.scalar(select(func.count()).select_from(User)) or 0


class Memberships(Repository):
    """Who has which role where; a role in an agency counts in its clients unless they have one of their own there, be it
    a disabled one."""

    def add(self, user_id: str, role: Role, organization_id: str | None = None) -> Membership:
        """Gives or changes the role of a person in one organization."""
        target = self.target(organization_id)
        found = self.session.scalars(
            select(Membership).where(Membership.organization_id == target, Membership.user_id == user_id)
        ).first()
        if found is None:
            found = Membership(organization_id=target, user_id=user_id, role=role.value)
            self.session.add(found)
        found.role = role.value
        self.session.flush()
        return found

    def remove(self, user_id: str, organization_id: str | None = None) -> None:
        """Raises NotFound."""
        self.session.delete(self.held(user_id, organization_id))
        self.session.flush()

    def held(self, user_id: str, organization_id: str | None = None) -> Membership:
        """The seat of a person in the one organization that may be written, about to be changed. Raises NotFound."""
        target = self.target(organization_id)
        return self.one(
            select(Membership)
            .where(Membership.organization_id == target, Membership.user_id == user_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    def every_of(self, user_id: str) -> list[Membership]:
        """Every seat of a person, those put to rest too."""
        return list(
            self.session.scalars(
                select(Membership)
                .where(Membership.user_id == user_id, self.readable(Membership.organization_id))
                .order_by(Membership.membership_id)
            )
        )

    def has_any(self, user_id: str, organization_id: str | None = None) -> bool:
        """Whether the person has a seat in the organization itself, be it one that was put to rest."""
        target = self.target(organization_id)
        asked = select(Membership.membership_id).where(
            Membership.organization_id == target, Membership.user_id == user_id
        )
        return self.session.scalar(asked) is not None

    def owners(self, organization_id: str | None = None) -> set[str]:
        """Who owns the organization itself, held until the unit of work ends: two owners who take each other's seat
        away at once must not both succeed."""
        return set(
            self.session.scalars(
                select(Membership.user_id)
                .join(User, User.user_id == Membership.user_id)
                .where(
                    Membership.organization_id == self.target(organization_id),
                    Membership.role == Role.OWNER.value,
                    Membership.disabled_at.is_(None),
                    User.disabled_at.is_(None),
                )
                .order_by(Membership.membership_id)
                .with_for_update(of=Membership)
            )
        )

    def of_organization(self) -> list[Membership]:
        """Those of the organizations the scope may read."""
        return list(
            self.session.scalars(
                select(Membership)
                .where(self.readable(Membership.organization_id))
                .order_by(Membership.organization_id, Membership.membership_id)
            )
        )

    def seats_of(self, user_id: str, within: str | None = None) -> list[Seat]:
        """Every organization the person may work in: own ones first, each agency before its clients. `within` leaves
        that organization and its clients."""
        held = self.session.scalars(
            select(Membership).where(Membership.user_id == user_id, self.readable(Membership.organization_id))
        ).all()
        own = {each.organization_id: Role(each.role) for each in held if each.disabled_at is None}
        at_rest = {each.organization_id for each in held} - own.keys()
        if not own:
            return []
        organizations = self.session.scalars(
            select(Organization)
            .where(Organization.organization_id.in_(own) | Organization.parent_organization_id.in_(own))
            .where(self.readable(Organization.organization_id), Organization.organization_id.not_in(at_rest))
            .order_by(Organization.kind, Organization.name, Organization.organization_id)
        )
        return [
            Seat(
                found.organization_id,
                found.parent_organization_id,
                found.name,
                found.kind,
                found.time_zone,
                found.currency,
                own.get(found.organization_id) or own[found.parent_organization_id or ""],
                is_inherited=found.organization_id not in own,
            )
            for found in organizations
            if within is None or within in {found.organization_id, found.parent_organization_id}
        ]
