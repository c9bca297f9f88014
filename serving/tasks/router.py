"""/v1/tasks and /v1/activities: what is to do, and what was done."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from domain.permissions import Permission
from serving import etags
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.lists import Cursor, Filters, IfMatch, Limit, SortText
from serving.tasks import service
from serving.tasks.schemas import (
    ActivityIn,
    ActivityListOut,
    ActivityOut,
    TaskCountsOut,
    TaskFields,
    TaskFinish,
    TaskIn,
    TaskListOut,
    TaskOut,
)

router = APIRouter(prefix="/v1", tags=["tasks"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.TASKS_READ)]
Writer = Annotated[Principal, may(Permission.TASKS_WRITE)]


@router.get("/tasks")
def list_tasks(
    *,
    store: StoreDep,
    principal: Reader,
    filters: Filters = [],  # noqa: B006  FastAPI copies it
    sort: SortText = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> TaskListOut:
    """A page of tasks, soonest due first. `filter=assignee_user_id:eq:me` for one's own."""
    with store.read(principal.scope) as work:
        return service.list_tasks(work, filters, sort, limit=limit, cursor=cursor, me=principal.user_id)


@router.get("/tasks/counts")
def count_tasks(store: StoreDep, principal: Reader, mine: bool = True) -> TaskCountsOut:
    """Open tasks by when they are due: one's own, or everybody's."""
    with store.read(principal.scope) as work:
        return service.counts(work, principal.user_id if mine else None)


@router.post("/tasks", status_code=201)
def create_task(body: TaskIn, store: StoreDep, principal: Writer, response: Response) -> TaskOut:
    """A new task."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.create(work, body, principal.user_id))


@router.get("/tasks/{task_id}")
def read_task(task_id: str, store: StoreDep, principal: Reader, response: Response) -> TaskOut:
    """One task."""
    with store.read(principal.scope) as work:
        return etags.tagged(response, service.detail(work, task_id))


@router.patch("/tasks/{task_id}")
def change_task(
    *, task_id: str, body: TaskFields, store: StoreDep, principal: Writer, response: Response, if_match: IfMatch = None
) -> TaskOut:
    """Writes what is sent; what is not sent stays."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.change(work, task_id, body, if_match, principal.user_id))


@router.post("/tasks/{task_id}/finish")
def finish_task(
    *, task_id: str, body: TaskFinish, store: StoreDep, principal: Writer, response: Response, if_match: IfMatch = None
) -> TaskOut:
    """Done, cancelled, or open again. What is done stands in the timeline."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.finish(work, task_id, body, if_match))


@router.get("/activities")
def list_activities(
    *,
    store: StoreDep,
    principal: Reader,
    contact_id: Annotated[str | None, Query(max_length=36)] = None,
    company_id: Annotated[str | None, Query(max_length=36)] = None,
    deal_id: Annotated[str | None, Query(max_length=36)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ActivityListOut:
    """Lines of the timeline, newest first, of a contact, a company or a deal, or of all."""
    with store.read(principal.scope) as work:
        return service.list_activities(
            work, contact_id=contact_id, company_id=company_id, deal_id=deal_id, limit=limit, cursor=cursor
        )


@router.post("/activities", status_code=201)
def log_activity(body: ActivityIn, store: StoreDep, principal: Writer) -> ActivityOut:
    """Writes down a note, a call, a meeting or a message."""
    with store.write(principal.scope, principal.actor) as work:
        return service.log_activity(work, body)
