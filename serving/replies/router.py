"""/v1/replies: what came back, what it was taken for, and saying otherwise."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.lists import Cursor, Filters, Limit, SortText
from serving.replies import service
from serving.replies.schemas import Correction, ReplyCountsOut, ReplyListOut, ReplyOut

router = APIRouter(prefix="/v1/replies", tags=["replies"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.TASKS_READ)]
Writer = Annotated[Principal, may(Permission.TASKS_WRITE)]


@router.get("")
def list_replies(
    *,
    store: StoreDep,
    principal: Reader,
    filters: Filters = [],  # noqa: B006  FastAPI copies it
    sort: SortText = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ReplyListOut:
    """Everything that came back to our messages, newest first; mail that answers nothing of ours is not among it."""
    with store.read(principal.scope) as work:
        return service.list_replies(work, filters, sort, limit=limit, cursor=cursor)


@router.get("/counts")
def count_replies(store: StoreDep, principal: Reader) -> ReplyCountsOut:
    """How many of each kind; people's answers by intent."""
    with store.read(principal.scope) as work:
        return service.counts(work)


@router.put("/{inbound_message_id}/intent")
def correct_reply(inbound_message_id: str, body: Correction, store: StoreDep, principal: Writer) -> ReplyOut:
    """Says what a reply is. `unsubscribe` and `legal` suppress the contact."""
    with store.write(principal.scope, principal.actor) as work:
        return service.correct(work, inbound_message_id, body.intent)
