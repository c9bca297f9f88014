"""Who works in an organization: its own members, and those of its agency, whose seats are inherited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from domain.errors import InvalidInput
from domain.tenancy import Role, SystemScope
from storage.ops.repositories.base import Repository
from storage.ops.store import Store
from storage.ops.tables import Membership, Organization, User


@dataclass(frozen=True, slots=True)
class Member:
    """A person with their strongest role in the organization."""

    user_id: str
    name: str
    email: str
    role: Role
    is_inherited: bool


class Members(Repository):
    """Under SystemScope: a client's scope does not see the memberships of its agency."""

    def of(self, organization_id: str) -> list[Member]:
        """By name, then address; people whose account was disabled are not among them."""
        self.require_system()
        target = organization_id
        parent = select(Organization.parent_organization_id).where(Organization.organization_id == target)
        rows = self.session.execute(
            select(User, Membership)
            .join(Membership, Membership.user_id == User.user_id)
            .where(
                or_(Membership.organization_id == target, Membership.organization_id.in_(parent)),
                User.disabled_at.is_(None),
            )
        ).all()
        found: dict[str, Member] = {}
        order: Sequence[Role] = list(Role)
        for user, membership in rows:
            member = Member(
                user.user_id, user.name, user.email, Role(membership.role), membership.organization_id != target
            )
            former = found.get(user.user_id)
            if former is None or order.index(member.role) < order.index(former.role):
                found[user.user_id] = member
        return sorted(found.values(), key=lambda member: (member.name.casefold(), member.email))


def members_of(store: Store, organization_id: str) -> list[Member]:
    """Who works in an organization; callers have checked that they may ask."""
    with store.read(SystemScope("members of an organization")) as work:
        return Members(work).of(organization_id)


def require_member(store: Store, organization_id: str, user_id: str) -> str:
    """The id of somebody who works there; raises InvalidInput for anybody else."""
    if all(member.user_id != user_id for member in members_of(store, organization_id)):
        raise InvalidInput("this person does not work in this organization")
    return user_id
