"""/v1/reports and /v1/report-links, and `/r/{token}`, the page that a link opens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from starlette.concurrency import run_in_threadpool

from domain.errors import LeadhouseError, NotFound
from domain.permissions import Permission
from domain.reports.filters import Frozen, ReportKind
from serving.access.login import login_of
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.brand.looks import look_of
from serving.client_address import network_of
from serving.crm.dependencies import LakeDep
from serving.deps import AddressDep, SettingsDep, StoreDep
from serving.lists import Cursor, Limit
from serving.reports import service
from serving.reports.pages import gone_page, passcode_page, report_page
from serving.reports.schemas import ReportLinkIn, ReportLinkListOut, ReportLinkMadeOut, ReportOut
from storage.lake import Lake
from storage.ops.repositories.report_links import ReportLinks
from storage.ops.store import Store
from storage.ops.tables import ReportLink

router = APIRouter(tags=["reports"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.ANALYTICS_READ)]
Sharer = Annotated[Principal, may(Permission.ANALYTICS_SHARE)]


@router.get("/v1/reports/{kind}")
def read_report(
    *,
    kind: ReportKind,
    store: StoreDep,
    lake: LakeDep,
    principal: Reader,
    days: int | None = None,
    months: int | None = None,
    conversion: str | None = None,
    level: str | None = None,
    model: str | None = None,
) -> ReportOut:
    """A report of the chosen organization, as a link would show it now. Filters: of an overview `days`; of attribution
    `conversion`, `level`, `model`; of roi `months`, `model`. 422 for others."""
    asked = {"days": days, "months": months, "conversion": conversion, "level": level, "model": model}
    frozen = Frozen.parse(kind, {name: value for name, value in asked.items() if value is not None})
    return service.as_answer(service.read(store, lake, principal.scope, frozen))


@router.get("/v1/report-links")
def list_report_links(
    store: StoreDep, principal: Sharer, cursor: Cursor = None, limit: Limit = 50
) -> ReportLinkListOut:
    """Links of the organization with how often they were opened, newest first."""
    with store.read(principal.scope) as work:
        return service.listed(work, limit=limit, cursor=cursor)


@router.post("/v1/report-links", status_code=201)
def create_report_link(
    body: ReportLinkIn, store: StoreDep, settings: SettingsDep, principal: Sharer
) -> ReportLinkMadeOut:
    """A link that shows one report of the chosen organization to whoever holds it, until it ends. It is in this answer and
    never again."""
    return service.make(store, principal, body, settings.public_url)


@router.delete("/v1/report-links/{report_link_id}", status_code=204)
def revoke_report_link(report_link_id: str, store: StoreDep, principal: Sharer) -> None:
    """It opens nothing from now on."""
    with store.write(principal.scope, principal.actor) as work:
        ReportLinks(work).revoke(report_link_id)


@router.get("/r/{token}", include_in_schema=False)
def open_report(token: str, store: StoreDep, lake: LakeDep, address: AddressDep) -> Response:
    """The report, or the question for its passcode."""
    try:
        link = service.held_by(store, token)
        if link.passcode_hash is not None:
            return passcode_page(look_of(store, link.organization_id))
        return _opened(store, lake, link, network_of(address))
    except NotFound:
        return gone_page()


@router.post("/r/{token}", include_in_schema=False)
async def open_report_with_passcode(
    *,
    token: str,
    request: Request,
    store: StoreDep,
    lake: LakeDep,
    address: AddressDep,
    passcode: Annotated[str, Form(max_length=1024)] = "",
) -> Response:
    """The report: a passcode opens it once, and is asked for again next time."""
    network = network_of(address)
    try:
        link = await run_in_threadpool(service.held_by, store, token)
    except NotFound:
        return gone_page()
    look = await run_in_threadpool(look_of, store, link.organization_id)
    try:
        if link.passcode_hash is not None:
            is_right = await login_of(request).in_turn(lambda: service.check_passcode(store, link, passcode, network))
            if not is_right:
                return passcode_page(look, 403, "This is not the passcode.")
        return await run_in_threadpool(_opened, store, lake, link, network)
    except NotFound:
        return gone_page()
    except LeadhouseError as error:
        return passcode_page(look, error.status, f"{error.message} {error.hint or ''}".strip())


def _opened(store: Store, lake: Lake, link: ReportLink, network: str) -> Response:
    look = look_of(store, link.organization_id)
    try:
        return report_page(service.open_link(store, lake, link, network), look)
    except NotFound:
        return gone_page()
    except LeadhouseError as error:
        return gone_page(look, error.status, f"{error.message} {error.hint or ''}".strip())
