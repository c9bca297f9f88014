"""/v1/notifications: what the person who asks was told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.lists import Limit
from storage.ops.repositories.notifications import Notifications

router = APIRouter(prefix="/v1/notifications", tags=["notifications"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.CONTACTS_READ)]


class NotificationOut(BaseModel):
    notification_id: str
    kind: str
    title: str
    body: str
    link: str
    contact_id: str | None
    created_at: datetime
    read_at: datetime | None


class NotificationListOut(BaseModel):
    """Newest first. A program's key has none."""

    unread_count: int
    items: list[NotificationOut]


class ReadIn(BaseModel):
    """Which ones were read; None for all."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] | None = Field(None, max_length=200)


class ReadOut(BaseModel):
    read_count: int


@router.get("")
def list_notifications(
    store: StoreDep, principal: Reader, unread: bool = False, limit: Limit = 50
) -> NotificationListOut:
    """What you were told in this organization."""
    if principal.user_id is None:
        return NotificationListOut(unread_count=0, items=[])
    with store.read(principal.scope) as work:
        found = Notifications(work)
        return NotificationListOut(
            unread_count=found.unread_count(principal.user_id),
            items=[
                NotificationOut.model_validate(each, from_attributes=True)
                for each in found.of(principal.user_id, unread_only=unread, limit=limit)
            ],
        )


@router.post("/read")
def read_notifications(body: ReadIn, store: StoreDep, principal: Reader) -> ReadOut:
    """Marks yours as read."""
    if principal.user_id is None:
        return ReadOut(read_count=0)
    with store.write(principal.scope, principal.actor) as work:
        return ReadOut(read_count=Notifications(work).mark_read(principal.user_id, body.ids))
