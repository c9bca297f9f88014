"""Who works in an organization: its own members, and those of its agency, whose seats are inherited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from domain.errors import InvalidInput
from domain.tenancy import Role, SystemScope
from storage.ops.repositories.base import Repository
from storage.ops.store import Store
from storage.ops.tables import Membership, Organization, SecondFactor, User


@dataclass(frozen=True, slots=True)
class Member:
    """A person with the role they have in the organization."""

    user_id: str
    name: str
    email: str
    role: Role
    is_inherited: bool
    is_disabled: bool = False
    has_second_factor: bool = False
    changed_at: datetime | None = None
    """When the seat that counts was last changed."""


class Members(Repository):
    """Under SystemScope: a client's scope does not see the memberships of its agency."""

    def of(self, organization_id: str, *, with_disabled: bool = False) -> list[Member]:
        """By name, then address. A seat in the organization itself counts before one in its agency; a disabled one is
        left out unless asked for, and so is whoever has no account any more."""
        self.require_system()
        target = organization_id
        parent = select(Organization.parent_organization_id).where(Organization.organization_id == target)
        rows = self.session.execute(
            select(User, Membership, SecondFactor.confirmed_at)
            .join(Membership, Membership.user_id == User.user_id)
            .outerjoin(SecondFactor, SecondFactor.user_id == User.user_id)
            .where(
                or_(Membership.organization_id == target, Membership.organization_id.in_(parent)),
                User.disabled_at.is_(None),
            )
        ).all()
        found: dict[str, Member] = {}
        for user, membership, confirmed_at in rows:
            is_inherited = membership.organization_id != target
            if not is_inherited or user.user_id not in found:
                found[user.user_id] = Member(
                    user.user_id,
                    user.name,
                    user.email,
                    Role(membership.role),
                    is_inherited,
                    membership.disabled_at is not None,
                    confirmed_at is not None,
                    membership.updated_at,
                )
        shown = (member for member in found.values() if with_disabled or not member.is_disabled)
        return sorted(shown, key=lambda member: (member.name.casefold(), member.email))


def members_of(store: Store, organization_id: str, *, with_disabled: bool = False) -> list[Member]:
    """Who works in an organization; callers have checked that they may ask."""
    with store.read(SystemScope("members of an organization")) as work:
        return Members(work).of(organization_id, with_disabled=with_disabled)


def require_member(store: Store, organization_id: str, user_id: str) -> str:
    """The id of somebody who works there; raises InvalidInput for anybody else."""
    if all(member.user_id != user_id for member in members_of(store, organization_id)):
        raise InvalidInput("this person does not work in this organization")
    return user_id
