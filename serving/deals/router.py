"""/v1/deals and /v1/pipelines: lists and boards of deals, changes, and moves from stage to stage."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from domain.permissions import Permission
from serving import etags
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deals import service
from serving.deals.schemas import (
    BoardOut,
    DealDetailOut,
    DealFields,
    DealIn,
    DealListOut,
    DealMove,
    PipelineIn,
    Pipelines,
)
from serving.deps import StoreDep
from serving.lists import Cursor, Filters, IfMatch, Limit, SortText
from storage.ops.repositories.pipelines import Pipelines as PipelineRepository

router = APIRouter(prefix="/v1", tags=["deals"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.DEALS_READ)]
Writer = Annotated[Principal, may(Permission.DEALS_WRITE)]
Designer = Annotated[Principal, may(Permission.SETTINGS_WRITE)]


@router.get("/deals")
def list_deals(
    *,
    store: StoreDep,
    principal: Reader,
    filters: Filters = [],  # noqa: B006  FastAPI copies it
    sort: SortText = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> DealListOut:
    """A page of deals, newest change first unless `sort` says otherwise."""
    with store.read(principal.scope) as work:
        return service.list_deals(work, filters, sort, limit=limit, cursor=cursor)


@router.get("/deals/board")
def read_board(
    *,
    store: StoreDep,
    principal: Reader,
    pipeline: Annotated[str | None, Query(max_length=40)] = None,
    filters: Filters = [],  # noqa: B006  FastAPI copies it
    limit: Annotated[int, Query(ge=1, le=200, description="Cards in a column.")] = 50,
) -> BoardOut:
    """The columns of a pipeline, with count, total and weighted value of all deals in each."""
    with store.read(principal.scope) as work:
        return service.board(work, pipeline, filters, limit=limit)


@router.post("/deals", status_code=201)
def create_deal(body: DealIn, store: StoreDep, principal: Writer, response: Response) -> DealDetailOut:
    """A new deal. 409 where the external id is taken, 422 `stage_refused` for what its stage asks for."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.create(work, body))


@router.get("/deals/{deal_id}")
def read_deal(deal_id: str, store: StoreDep, principal: Reader, response: Response) -> DealDetailOut:
    """A deal with the history of its stages."""
    with store.read(principal.scope) as work:
        return etags.tagged(response, service.detail(work, deal_id))


@router.patch("/deals/{deal_id}")
def change_deal(
    *, deal_id: str, body: DealFields, store: StoreDep, principal: Writer, response: Response, if_match: IfMatch = None
) -> DealDetailOut:
    """Writes what is sent; what is not sent stays."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.change(work, deal_id, body, if_match))


@router.post("/deals/{deal_id}/move")
def move_deal(
    *, deal_id: str, body: DealMove, store: StoreDep, principal: Writer, response: Response, if_match: IfMatch = None
) -> DealDetailOut:
    """Into a stage, with what the stage asks for in the same request. 422 `stage_refused` names what is missing."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.move(work, deal_id, body, if_match))


@router.get("/pipelines")
def list_pipelines(store: StoreDep, principal: Reader) -> Pipelines:
    """The pipelines that hold now, the first of which is the default."""
    with store.read(principal.scope) as work:
        return Pipelines(pipelines=[PipelineIn.of(each) for each in PipelineRepository(work).all()])


@router.put("/pipelines")
def put_pipelines(body: Pipelines, store: StoreDep, principal: Designer) -> Pipelines:
    """A new version of all pipelines. 409 where deals stand in a stage that it leaves out."""
    with store.write(principal.scope, principal.actor) as work:
        return service.put_pipelines(work, body)
