"""What a person has in an organization that somebody else may go on with: contacts, open deals, open tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select

from domain.tasks import TaskStatus
from storage.ops.repositories.base import Repository
from storage.ops.tables import Contact, Deal, Task


@dataclass(frozen=True, slots=True)
class Belongings:
    """How much there is to hand over."""

    contact_count: int
    deal_count: int
    task_count: int

    @property
    def total(self) -> int:
        return self.contact_count + self.deal_count + self.task_count


class Handovers(Repository):
    """Of the one organization that may be written."""

    def count(self, user_id: str, organization_id: str | None = None) -> Belongings:
        target = self.target(organization_id)
        counts = [
            self.session.scalar(select(func.count()).where(which))
            for which in (_contacts(target, user_id), _deals(target, user_id), _tasks(target, user_id))
        ]
        return Belongings(*(found or 0 for found in counts))

    def contact_ids(self, user_id: str, *, limit: int) -> Sequence[str]:
        return self.session.scalars(
            select(Contact.contact_id)
            .where(_contacts(self.target(), user_id))
            .order_by(Contact.contact_id)
            .limit(limit)
        ).all()

    def deals(self, user_id: str, *, limit: int) -> Sequence[Deal]:
        """Open ones, held until the unit of work ends."""
        return self.session.scalars(
            select(Deal).where(_deals(self.target(), user_id)).order_by(Deal.deal_id).limit(limit).with_for_update()
        ).all()

    def tasks(self, user_id: str, *, limit: int) -> Sequence[Task]:
        """Open ones, held until the unit of work ends."""
        return self.session.scalars(
            select(Task).where(_tasks(self.target(), user_id)).order_by(Task.task_id).limit(limit).with_for_update()
        ).all()


def _contacts(organization_id: str, user_id: str) -> ColumnElement[bool]:
    return and_(
        Contact.organization_id == organization_id, Contact.owner_user_id == user_id, Contact.deleted_at.is_(None)
    )


def _deals(organization_id: str, user_id: str) -> ColumnElement[bool]:
    return and_(Deal.organization_id == organization_id, Deal.owner_user_id == user_id, Deal.closed_at.is_(None))


def _tasks(organization_id: str, user_id: str) -> ColumnElement[bool]:
    return and_(
        Task.organization_id == organization_id, Task.assignee_user_id == user_id, Task.status == TaskStatus.OPEN.value
    )
