"""What the routes of tasks and activities take and answer."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.tasks import Due, LoggedKind, TaskKind, TaskStatus


class TaskFields(BaseModel):
    """What people may write of a task."""

    model_config = ConfigDict(extra="forbid")

    title: str | None = Field(None, min_length=1, max_length=200)
    body: str | None = Field(None, max_length=10_000)
    kind: TaskKind | None = None
    priority: int | None = Field(None, ge=-1, le=1, description="-1 low, 0 normal, 1 high.")
    due_at: AwareDatetime | None = None
    assignee_user_id: str | None = Field(None, max_length=36, description="`me` for whoever asks.")
    contact_id: str | None = Field(None, max_length=36)
    company_id: str | None = Field(None, max_length=36)
    deal_id: str | None = Field(None, max_length=36)


class TaskIn(TaskFields):
    """A new task; without an assignee it is the one's who makes it."""

    title: str = Field(min_length=1, max_length=200)


class TaskFinish(BaseModel):
    """How it ended."""

    model_config = ConfigDict(extra="forbid")

    status: TaskStatus = TaskStatus.DONE
    outcome: str = Field("", max_length=200)


class Ref(BaseModel):
    """Whom or what something is about."""

    id: str
    name: str


class TaskOut(BaseModel):
    """A task; `due` is the part of a person's list that it stands in, in the organization's time zone."""

    task_id: str
    kind: str
    title: str
    body: str
    status: str
    priority: int
    due_at: AwareDatetime | None
    due: Due
    assignee_user_id: str | None
    contact: Ref | None
    company: Ref | None
    deal: Ref | None
    source: str
    completed_at: AwareDatetime | None
    outcome: str
    created_at: AwareDatetime
    etag: str


class TaskListOut(BaseModel):
    items: list[TaskOut]
    next_cursor: str | None
    total: int | None


class TaskCountsOut(BaseModel):
    """Open tasks; `today` is the rest of today."""

    overdue: int
    today: int
    upcoming: int
    whenever: int


class ActivityIn(BaseModel):
    """Something that happened, written down by a person. It is about a contact, a company or a deal."""

    model_config = ConfigDict(extra="forbid")

    kind: LoggedKind
    summary: str = Field(min_length=1, max_length=10_000)
    contact_id: str | None = Field(None, max_length=36)
    company_id: str | None = Field(None, max_length=36)
    deal_id: str | None = Field(None, max_length=36)
    occurred_at: AwareDatetime | None = Field(None, description="Not in the future; now without one.")
    outcome: str = Field("", max_length=80, description="e.g. reached, no_answer, left_message.")
    duration_seconds: int | None = Field(None, ge=0, le=86_400)


class ActivityOut(BaseModel):
    """A line of the timeline; `actor_kind` tells people, bots and models apart."""

    activity_id: str
    kind: str
    summary: str
    detail: dict[str, Any]
    contact_id: str | None
    company_id: str | None
    deal_id: str | None
    actor_kind: str
    actor_id: str
    is_automated: bool
    occurred_at: AwareDatetime


class ActivityListOut(BaseModel):
    items: list[ActivityOut]
    next_cursor: str | None
