"""/v1/day: the numbers above a person's day, cheap enough to ask every few seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.crm.presenters import display_name
from serving.day.clients import WEEK, ClientDaysOut, days_of_clients
from serving.deps import ClockDep, StoreDep
from storage.ops.repositories.days import Days
from storage.ops.repositories.overviews import Overviews

router = APIRouter(prefix="/v1/day", tags=["day"])
ROLES = frozenset({"api", "ui"})
Worker = Annotated[Principal, may(Permission.TASKS_READ)]
SHOWN = 6


class ReplyOut(BaseModel):
    """Somebody wrote, or called."""

    contact_id: str
    contact: str
    owner_user_id: str | None
    kind: str
    summary: str
    occurred_at: datetime


class DayOut(BaseModel):
    """Counts since midnight where the organization is; `replies` are the newest of a week. `touch_count`: calls, meetings
    and messages of people, `my_touch_count` one's own."""

    as_of_at: datetime
    time_zone: str
    begins_at: datetime
    lead_count: int
    lead_count_yesterday: int
    reply_count: int
    touch_count: int
    my_touch_count: int
    replies: list[ReplyOut]


@router.get("")
def read_day(store: StoreDep, principal: Worker, clock: ClockDep) -> DayOut:
    """What came in today, who answered, and what was done."""
    now = clock()
    with store.read(principal.scope) as work:
        today, days = Overviews(work).today(now), Days(work)
        touches = days.touch_counts(today.begins_at)
        return DayOut(
            as_of_at=now,
            time_zone=today.time_zone,
            begins_at=today.begins_at,
            lead_count=today.lead_count,
            lead_count_yesterday=today.lead_count_yesterday,
            reply_count=days.reply_count(today.begins_at),
            touch_count=sum(touches.values()),
            my_touch_count=touches.get(principal.user_id or "", 0),
            replies=[
                ReplyOut(
                    contact_id=reply.contact.contact_id,
                    contact=display_name(reply.contact),
                    owner_user_id=reply.contact.owner_user_id,
                    kind=reply.activity.kind,
                    summary=reply.activity.summary,
                    occurred_at=reply.activity.occurred_at,
                )
                for reply in days.replies(now - WEEK, limit=SHOWN)
            ],
        )


@router.get("/clients")
def read_days_of_clients(store: StoreDep, principal: Worker, clock: ClockDep) -> ClientDaysOut:
    """How each client of an agency does today: new leads, replies, broken promises, open deals. Empty for a client."""
    return days_of_clients(store, principal.scope, clock())
