"""What people have to do: about a contact, a company or a deal, or about none of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from domain.errors import NotFound
from domain.filters import Condition, FieldType, Sort
from domain.tasks import TaskKind, TaskStatus
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.base import Repository
from storage.ops.repositories.listing import ListField, Page, clause, page
from storage.ops.tables import Company, Contact, Deal, Task

FIELDS = {
    "kind": ListField(FieldType.TEXT, Task.kind),
    "status": ListField(FieldType.TEXT, Task.status),
    "priority": ListField(FieldType.INTEGER, Task.priority, is_sortable=True),
    "title": ListField(FieldType.TEXT, Task.title, is_sortable=True),
    "due_at": ListField(FieldType.DATETIME, Task.due_at, is_sortable=True),
    "assignee_user_id": ListField(FieldType.TEXT, Task.assignee_user_id),
    "contact_id": ListField(FieldType.TEXT, Task.contact_id),
    "company_id": ListField(FieldType.TEXT, Task.company_id),
    "deal_id": ListField(FieldType.TEXT, Task.deal_id),
    "source": ListField(FieldType.TEXT, Task.source),
    "created_at": ListField(FieldType.DATETIME, Task.created_at, is_sortable=True),
    "completed_at": ListField(FieldType.DATETIME, Task.completed_at, is_sortable=True),
}
SOONEST = Sort("due_at")


@dataclass(frozen=True, slots=True)
class OpenCounts:
    """Open tasks by when they are due; `today` is the rest of today."""

    overdue: int
    today: int
    upcoming: int
    whenever: int


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task with whom or what it is about."""

    task: Task
    contact: Contact | None
    company: Company | None
    deal: Deal | None


class Tasks(Repository):
    def add(
        self,
        title: str,
        *,
        kind: TaskKind = TaskKind.TODO,
        contact_id: str | None = None,
        company_id: str | None = None,
        deal_id: str | None = None,
        organization_id: str | None = None,
        **facts: Any,
    ) -> Task:
        """An open task. `facts`: body, priority, due_at, assignee_user_id, source. Raises NotFound for others' ids."""
        target = self.target(organization_id)
        made = Task(
            organization_id=target,
            title=title,
            kind=kind.value,
            contact_id=self.own(Contact, contact_id, target),
            company_id=self.own(Company, company_id, target),
            deal_id=self.own(Deal, deal_id, target),
            **facts,
        )
        self.session.add(made)
        self.session.flush()
        return made

    def held(self, task_id: str) -> Task:
        """The task, held until the unit of work ends. Raises NotFound."""
        return self.one(
            select(Task).where(Task.task_id == task_id, self.readable(Task.organization_id)).with_for_update()
        )

    def finish(self, task: Task, status: TaskStatus, *, outcome: str = "") -> bool:
        """Done or cancelled, or open again; answers whether anything changed. What is done is a line of the timeline."""
        self.writable(task.organization_id)
        if task.status == status.value:
            return False
        is_open = status is TaskStatus.OPEN
        task.status, task.outcome = status.value, "" if is_open else outcome
        task.completed_at = None if is_open else self.work.now()
        task.completed_by = None if is_open or self.work.actor.kind != "user" else self.work.actor.id
        if status is TaskStatus.DONE:
            Activities(self.work).add(
                kind="task_done",
                contact_id=task.contact_id,
                company_id=task.company_id,
                deal_id=task.deal_id,
                summary=f"{task.title}{f': {outcome}' if outcome else ''}",
                detail={"task_id": task.task_id, "kind": task.kind},
                organization_id=task.organization_id,
            )
        self.session.flush()
        return True

    def page(
        self, conditions: Iterable[Condition], *, sort: Sort = SOONEST, limit: int = 50, cursor: str | None = None
    ) -> Page:
        """A page of TaskLine. What is to do about somebody who was archived waits until they are restored."""
        asked = select(Task, Contact, Company, Deal)
        asked = (
            asked.outerjoin(Contact, Contact.contact_id == Task.contact_id)
            .outerjoin(Company, Company.company_id == Task.company_id)
            .outerjoin(Deal, Deal.deal_id == Task.deal_id)
            .where(
                Task.organization_id == self.target(),
                Contact.deleted_at.is_(None),
                *(clause(each, FIELDS[each.field]) for each in conditions),
            )
        )
        found = page(
            self.work, asked, fields=FIELDS, key=Task.task_id, sort=sort, limit=limit, cursor=cursor, with_total=True
        )
        return Page([TaskLine(*row) for row in found.rows], found.next_cursor, found.total)

    def line(self, task_id: str) -> TaskLine:
        """One task. Raises NotFound."""
        found = self.session.execute(
            select(Task, Contact, Company, Deal)
            .outerjoin(Contact, Contact.contact_id == Task.contact_id)
            .outerjoin(Company, Company.company_id == Task.company_id)
            .outerjoin(Deal, Deal.deal_id == Task.deal_id)
            .where(Task.task_id == task_id, self.readable(Task.organization_id))
        ).first()
        if found is None:
            raise NotFound("There is no such task here.")
        return TaskLine(*found)

    def open_counts(self, assignee_user_id: str | None, now: datetime, day_ends_at: datetime) -> OpenCounts:
        """How much waits for a person, or for everybody."""
        part = case(
            (Task.due_at.is_(None), "whenever"),
            (Task.due_at < now, "overdue"),
            (Task.due_at < day_ends_at, "today"),
            else_="upcoming",
        )
        asked = (
            select(part, func.count())
            .outerjoin(Contact, Contact.contact_id == Task.contact_id)
            .where(Task.organization_id == self.target(), Task.status == TaskStatus.OPEN, Contact.deleted_at.is_(None))
            .group_by(part)
        )
        if assignee_user_id is not None:
            asked = asked.where(Task.assignee_user_id == assignee_user_id)
        found = {name: int(number) for name, number in self.session.execute(asked).tuples()}
        return OpenCounts(*(found.get(name, 0) for name in ("overdue", "today", "upcoming", "whenever")))
