"""What the routes of tasks and activities do, in one unit of work each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.errors import InvalidInput
from domain.filters import parse_filters, parse_sort
from domain.tasks import TaskKind, day_of, due
from serving import etags
from serving.crm.presenters import display_name
from serving.tasks.schemas import (
    ActivityIn,
    ActivityListOut,
    ActivityOut,
    Ref,
    TaskCountsOut,
    TaskFields,
    TaskFinish,
    TaskIn,
    TaskListOut,
    TaskOut,
)
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.listing import sortable, types_of
from storage.ops.repositories.members import require_member
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.tasks import FIELDS, SOONEST, TaskLine, Tasks
from storage.ops.store import Work
from storage.ops.tables import Activity, Company, Contact, Deal, Task

ABOUT: dict[str, type[Contact | Company | Deal]] = {
    "contact_id": Contact, "company_id": Company, "deal_id": Deal,
}  # fmt: skip
ME = "me"


def list_tasks(
    work: Work, filters: Sequence[str], sort: str, *, limit: int, cursor: str | None, me: str | None
) -> TaskListOut:
    wanted = [_with_me(text, me) for text in filters]
    found = Tasks(work).page(
        parse_filters(wanted, types_of(FIELDS)),
        sort=parse_sort(sort, sortable(FIELDS), SOONEST),
        limit=limit,
        cursor=cursor,
    )
    zone = _time_zone(work)
    return TaskListOut(
        items=[_out(work, line, zone) for line in found.rows], next_cursor=found.next_cursor, total=found.total
    )


def counts(work: Work, assignee: str | None) -> TaskCountsOut:
    _, ends_at = day_of(work.now(), _time_zone(work))
    found = Tasks(work).open_counts(assignee, work.now(), ends_at)
    return TaskCountsOut(overdue=found.overdue, today=found.today, upcoming=found.upcoming, whenever=found.whenever)


def create(work: Work, body: TaskIn, me: str | None) -> TaskOut:
    assignee = body.assignee_user_id if "assignee_user_id" in body.model_fields_set else ME
    made = Tasks(work).add(
        body.title,
        kind=body.kind or TaskKind.TODO,
        body=body.body or "",
        priority=body.priority or 0,
        due_at=body.due_at,
        assignee_user_id=_assignee(work, assignee, me),
        contact_id=body.contact_id,
        company_id=body.company_id,
        deal_id=body.deal_id,
    )
    Audit(work).record("create", "task", made.task_id, subject_id=made.contact_id, after=_kept(made))
    return detail(work, made.task_id)


def detail(work: Work, task_id: str) -> TaskOut:
    return _out(work, Tasks(work).line(task_id), _time_zone(work))


def change(work: Work, task_id: str, body: TaskFields, if_match: str | None, me: str | None) -> TaskOut:
    """Writes what was sent; what was not sent stays. Raises PreconditionFailed."""
    tasks = Tasks(work)
    task = tasks.held(task_id)
    etags.check(if_match, task.updated_at)
    tasks.writable(task.organization_id)
    before = _kept(task)
    for name in body.model_fields_set:
        value: Any = getattr(body, name)
        if name in {"title", "kind", "priority", "body"} and value is None:
            raise InvalidInput(f"a task needs its {name}")
        if name == "assignee_user_id":
            value = _assignee(work, value, me)
        elif name in ABOUT:
            value = tasks.own(ABOUT[name], value, task.organization_id)
        setattr(task, name, value)
    work.session.flush()
    after = _kept(task) | {"fields": sorted(body.model_fields_set)}
    Audit(work).record("change", "task", task_id, subject_id=task.contact_id, before=before, after=after)
    return detail(work, task_id)


def finish(work: Work, task_id: str, body: TaskFinish, if_match: str | None) -> TaskOut:
    tasks = Tasks(work)
    task = tasks.held(task_id)
    etags.check(if_match, task.updated_at)
    before = _kept(task)
    if tasks.finish(task, body.status, outcome=body.outcome):
        Audit(work).record("finish", "task", task_id, subject_id=task.contact_id, before=before, after=_kept(task))
    return detail(work, task_id)


def log_activity(work: Work, body: ActivityIn) -> ActivityOut:
    """A line of the timeline. Raises InvalidInput where it is about nobody, or in the future."""
    if not (body.contact_id or body.company_id or body.deal_id):
        raise InvalidInput("an activity is about a contact, a company or a deal")
    if body.occurred_at and body.occurred_at > work.now():
        raise InvalidInput("this has not happened yet", hint="Make a task of it.")
    detail = {"outcome": body.outcome, "duration_seconds": body.duration_seconds}
    made = Activities(work).add(
        kind=body.kind.value,
        contact_id=body.contact_id,
        company_id=body.company_id,
        deal_id=body.deal_id,
        summary=body.summary,
        detail={name: value for name, value in detail.items() if value},
        occurred_at=body.occurred_at,
    )
    kept = {"kind": made.kind, "company_id": made.company_id, "deal_id": made.deal_id}
    Audit(work).record("log", "activity", made.activity_id, subject_id=made.contact_id, after=kept)
    return _activity(made)


def list_activities(work: Work, *, deal_id: str | None, company_id: str | None, contact_id: str | None,
                    limit: int, cursor: str | None) -> ActivityListOut:  # fmt: skip
    rows, following = Activities(work).page(
        contact_id=contact_id, company_id=company_id, deal_id=deal_id, limit=limit, cursor=cursor
    )
    return ActivityListOut(items=[_activity(row) for row in rows], next_cursor=following)


def _kept(task: Task) -> dict[str, Any]:
    """What the audit log keeps: not the words, in which anybody may be named."""
    names = ("kind", "status", "priority", "due_at", "assignee_user_id", "contact_id", "company_id", "deal_id")
    return {name: getattr(task, name) for name in names}


def _with_me(text: str, me: str | None) -> str:
    return f"assignee_user_id:eq:{me or ''}" if text == f"assignee_user_id:eq:{ME}" else text


def _assignee(work: Work, wanted: str | None, me: str | None) -> str | None:
    if wanted == ME:
        return me
    return None if wanted is None else require_member(work.store, Tasks(work).target(), wanted)


def _time_zone(work: Work) -> str:
    return Organizations(work).get(Tasks(work).target()).time_zone


def _activity(row: Activity) -> ActivityOut:
    return ActivityOut.model_validate(row, from_attributes=True)


def _out(work: Work, line: TaskLine, time_zone: str) -> TaskOut:
    task = line.task
    return TaskOut(
        task_id=task.task_id,
        kind=task.kind,
        title=task.title,
        body=task.body,
        status=task.status,
        priority=task.priority,
        due_at=task.due_at,
        due=due(task.due_at, work.now(), time_zone),
        assignee_user_id=task.assignee_user_id,
        contact=Ref(id=line.contact.contact_id, name=display_name(line.contact)) if line.contact else None,
        company=Ref(id=line.company.company_id, name=line.company.name) if line.company else None,
        deal=Ref(id=line.deal.deal_id, name=line.deal.name) if line.deal else None,
        source=task.source,
        completed_at=task.completed_at,
        outcome=task.outcome,
        created_at=task.created_at,
        etag=etags.etag_of(task.updated_at),
    )
