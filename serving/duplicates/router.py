"""/v1/duplicates: pairs that may be one, what speaks for it, and what somebody decides about them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from domain.duplicates import LEAST_FOR_MANY, RecordKind
from domain.permissions import Permission
from serving import etags
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.duplicates import service
from serving.duplicates.schemas import (
    AcceptIn,
    AcceptOut,
    DismissDuplicateIn,
    DuplicateCountsOut,
    DuplicateListOut,
    DuplicateOut,
    MergeDuplicateIn,
    SearchIn,
    SearchOut,
)
from serving.lists import Cursor, Filters, IfMatch, Limit, SortText

router = APIRouter(prefix="/v1/duplicates", tags=["duplicates"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.QUALITY_READ)]
Decider = Annotated[Principal, may(Permission.IDENTITY_WRITE)]


@router.get("")
def list_duplicates(
    *,
    store: StoreDep,
    principal: Reader,
    filters: Filters = [],  # noqa: B006  FastAPI copies it
    sort: SortText = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> DuplicateListOut:
    """A page of pairs, decided ones too unless `filter=status:eq:open`; the surest first unless `sort` says otherwise."""
    with store.read(principal.scope) as work:
        return service.list_duplicates(work, filters, sort, limit=limit, cursor=cursor)


@router.get("/counts")
def count_duplicates(
    store: StoreDep,
    principal: Reader,
    entity: RecordKind = RecordKind.CONTACT,
    at_least: Annotated[
        float, Query(ge=0, le=1, description="Of `acceptable`: open pairs at least so sure.")
    ] = LEAST_FOR_MANY,
) -> DuplicateCountsOut:
    """How many pairs wait for somebody."""
    with store.read(principal.scope) as work:
        return service.counts(work, entity, at_least)


@router.post("/search", status_code=202)
def find_duplicates(body: SearchIn, store: StoreDep, principal: Decider) -> SearchOut:
    """Has a worker look through all records now. Pairs that were decided stay decided."""
    with store.write(principal.scope, principal.actor) as work:
        return service.search(work, body.entity)


@router.post("/accept", status_code=202)
def accept_duplicates(body: AcceptIn, store: StoreDep, principal: Decider) -> AcceptOut:
    """Has a worker merge every open pair that is so sure. 409 where their number is not the one that was sent."""
    with store.write(principal.scope, principal.actor) as work:
        return service.accept_many(work, body)


@router.post("/batches/{batch_id}/undo", status_code=202)
def undo_accepted_duplicates(batch_id: str, store: StoreDep, principal: Decider) -> AcceptOut:
    """Has a worker undo what was accepted together."""
    with store.write(principal.scope, principal.actor) as work:
        return service.undo_many(work, batch_id)


@router.get("/{duplicate_proposal_id}")
def read_duplicate(duplicate_proposal_id: str, store: StoreDep, principal: Reader, response: Response) -> DuplicateOut:
    """A pair with each comparison's weight, in words."""
    with store.read(principal.scope) as work:
        return etags.tagged(response, service.detail(work, duplicate_proposal_id))


@router.post("/{duplicate_proposal_id}/merge")
def merge_duplicate(
    *, duplicate_proposal_id: str, body: MergeDuplicateIn, store: StoreDep, principal: Decider, response: Response,
    if_match: IfMatch = None,
) -> DuplicateOut:  # fmt: skip
    """One record of the two, by the rules of survivorship but for `choices`. 409 where one of them was merged already."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.merge(work, duplicate_proposal_id, body, if_match))


@router.post("/{duplicate_proposal_id}/dismiss")
def dismiss_duplicate(
    *, duplicate_proposal_id: str, body: DismissDuplicateIn, store: StoreDep, principal: Decider, response: Response,
    if_match: IfMatch = None,
) -> DuplicateOut:  # fmt: skip
    """Not a duplicate. It is not proposed again until one of the two says something else."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.dismiss(work, duplicate_proposal_id, body.reason, if_match))


@router.post("/{duplicate_proposal_id}/undo")
def undo_duplicate(
    *, duplicate_proposal_id: str, store: StoreDep, principal: Decider, response: Response, if_match: IfMatch = None
) -> DuplicateOut:
    """Takes the decision back: merged records are two again, a pair that was kept apart is asked about again."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.undo(work, duplicate_proposal_id, if_match))
