"""/v1/companies: the feed and its export, one company, and searches for more like some and unlike others.

The web process opens no vectors: a search is a question that the worker answers, and may be waited for.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from domain.permissions import Permission
from serving import etags
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.companies import editing, service, writing
from serving.companies.export import rows_of
from serving.companies.filtering import CompanyFilters
from serving.companies.schemas import (
    CompanyBulkIn,
    CompanyBulkOut,
    CompanyDetailOut,
    CompanyFacetsOut,
    CompanyIn,
    CompanyListOut,
    CompanyPatch,
    LookalikesIn,
    LookalikesOut,
)
from serving.deps import StoreDep
from serving.exports import CSV, export
from serving.lists import IfMatch
from serving.waiting import Wait, waited_for

router = APIRouter(prefix="/v1", tags=["companies"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.COMPANIES_READ)]
Writer = Annotated[Principal, may(Permission.COMPANIES_WRITE)]
Exporter = Annotated[Principal, may(Permission.COMPANIES_EXPORT)]


class CompanyPageQuery(CompanyFilters):
    cursor: str | None = Field(None, max_length=1000, description="`next_cursor` of the page before.")
    limit: int = Field(50, ge=1, le=200)
    total: bool = Field(True, description="Whether a first page counts the list.")


@router.get("/companies")
def list_companies(asked: Annotated[CompanyPageQuery, Query()], store: StoreDep, principal: Reader) -> CompanyListOut:
    """A page of companies as of the last build, last seen first unless `sort` says otherwise."""
    with store.read(principal.scope) as work:
        return service.list_companies(work, asked, limit=asked.limit, cursor=asked.cursor, with_total=asked.total)


@router.get("/companies/export", response_class=StreamingResponse, responses=CSV)
def export_companies(
    asked: Annotated[CompanyFilters, Query()], store: StoreDep, principal: Exporter
) -> StreamingResponse:
    """The whole filtered list as CSV, as of the last build."""
    asked.check()  # a bad question is answered before the first byte
    return export(store, principal, "companies", asked.model_dump(exclude_defaults=True), rows_of(asked))


@router.get("/companies/facets")
def list_company_facets(store: StoreDep, principal: Reader) -> CompanyFacetsOut:
    """What the list can be filtered by."""
    with store.read(principal.scope) as work:
        return service.facets(work)


@router.post("/companies/lookalikes", status_code=202)
def find_lookalikes(body: LookalikesIn, store: StoreDep, principal: Reader, wait_seconds: Wait = 0.0) -> LookalikesOut:
    """Asks for companies like the seeds. The answer is `waiting` until a worker has been at it; ask again by its id."""
    with store.write(principal.scope, principal.actor) as work:
        search_id = service.ask_for_lookalikes(work, body)

    def look() -> LookalikesOut:
        with store.read(principal.scope) as work:
            return service.lookalikes(work, search_id)

    return waited_for(look, wait_seconds)


@router.get("/companies/lookalikes/{lookalike_search_id}")
def read_lookalikes(lookalike_search_id: str, store: StoreDep, principal: Reader) -> LookalikesOut:
    """A search that was asked, kept for 30 days."""
    with store.read(principal.scope) as work:
        return service.lookalikes(work, lookalike_search_id)


@router.post("/companies/bulk")
def change_companies(body: CompanyBulkIn, store: StoreDep, principal: Writer) -> CompanyBulkOut:
    """The same tags, industry, size or country for up to 500 companies, with a result for each. Each is changed whole or
    not at all; where the request breaks off, send it again: what is done already is `unchanged`."""
    return editing.change_many(store, principal, body)


@router.post("/companies", status_code=201)
def add_company(body: CompanyIn, store: StoreDep, principal: Writer, response: Response) -> CompanyDetailOut:
    """One new company, on the list at once. 409 where its domain is known, or its name where it has no domain. Many at once
    come with an import of contacts or deals."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.detail(work, writing.add(work, body)))


@router.get("/companies/{company_id}")
def read_company(company_id: str, store: StoreDep, principal: Reader, response: Response) -> CompanyDetailOut:
    """One company: its summary, people by score, deals, and whom it looks like."""
    with store.read(principal.scope) as work:
        return etags.tagged(response, service.detail(work, company_id))


@router.patch("/companies/{company_id}")
def change_company(
    *,
    company_id: str,
    patch: CompanyPatch,
    store: StoreDep,
    principal: Writer,
    response: Response,
    if_match: IfMatch = None,
) -> CompanyDetailOut:
    """Corrects its name, domain, industry, size or country; people and history stay with it."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.detail(work, writing.change(work, company_id, patch, if_match)))
