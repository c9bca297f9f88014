"""/v1/contacts/{id}/what-if: a lead's score if other things were known of it. The worker, which has the model, answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.waiting import Wait, waited_for
from serving.what_if import service
from serving.what_if.schemas import WhatIfIn, WhatIfOut

router = APIRouter(prefix="/v1/contacts/{contact_id}/what-if", tags=["contacts"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.CONTACTS_READ)]


@router.post("", status_code=202)
def ask_what_if(
    contact_id: str, body: WhatIfIn, store: StoreDep, principal: Reader, wait_seconds: Wait = 0.0
) -> WhatIfOut:
    """Asks what the score would be. The answer is `waiting` until a worker has been at it; ask again by its id."""
    with store.write(principal.scope, principal.actor) as work:
        question_id = service.ask(work, contact_id, body.changes)

    def look() -> WhatIfOut:
        with store.read(principal.scope) as work:
            return service.shown(work, contact_id, question_id)

    return waited_for(look, wait_seconds)


@router.get("/{score_question_id}")
def read_what_if(contact_id: str, score_question_id: str, store: StoreDep, principal: Reader) -> WhatIfOut:
    """A question that was asked, kept for a day."""
    with store.read(principal.scope) as work:
        return service.shown(work, contact_id, score_question_id)
