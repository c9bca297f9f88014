"""/v1/contacts/{id}/merge, /v1/companies/{id}/merge and their undo: one record of two, and back. Suppressions are never
lifted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.lists import IfMatch
from serving.merges import company_service, service
from serving.merges.schemas import CompanyMergeIn, CompanyMergeOut, MergeIn, MergeOut, MergePreviewOut, RulesIO

router = APIRouter(prefix="/v1", tags=["merges"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.QUALITY_READ)]
Decider = Annotated[Principal, may(Permission.IDENTITY_WRITE)]
Looker = Annotated[Principal, may(Permission.SETTINGS_READ)]
Designer = Annotated[Principal, may(Permission.SETTINGS_WRITE)]


@router.get("/contacts/{contact_id}/merge-preview")
def preview_merge(
    contact_id: str, store: StoreDep, principal: Reader, other: Annotated[str, Query(alias="with", max_length=36)]
) -> MergePreviewOut:
    """Both records field by field, and what would be kept by the rules, with the reason."""
    with store.read(principal.scope) as work:
        return service.preview(work, contact_id, other)


@router.post("/contacts/{contact_id}/merge", status_code=201)
def merge_contacts(
    *, contact_id: str, body: MergeIn, store: StoreDep, principal: Decider, if_match: IfMatch = None
) -> MergeOut:
    """Merges another record into this contact. 409 where one of the two was merged already, 412 where one has changed
    since the preview whose `etag` is sent in If-Match."""
    with store.write(principal.scope, principal.actor) as work:
        return service.merge(work, contact_id, body.contact_id, body.choices, if_match)


@router.get("/contacts/{contact_id}/merges")
def list_merges_of_contact(contact_id: str, store: StoreDep, principal: Reader) -> list[MergeOut]:
    """Merges that the contact took part in, undone ones too, newest first."""
    with store.read(principal.scope) as work:
        return service.history(work, contact_id)


@router.post("/merges/{contact_merge_id}/undo")
def undo_merge(contact_merge_id: str, store: StoreDep, principal: Decider) -> MergeOut:
    """Two contacts again, each with what was theirs; what came after stays with the survivor, and is listed in `report`.
    409 where it is undone already, or a later merge must be undone first."""
    with store.write(principal.scope, principal.actor) as work:
        return service.undo(work, contact_merge_id)


@router.get("/companies/{company_id}/merge-preview")
def preview_company_merge(
    company_id: str, store: StoreDep, principal: Reader, other: Annotated[str, Query(alias="with", max_length=36)]
) -> MergePreviewOut:
    """Both companies field by field, and what would be kept by the rules, with the reason."""
    with store.read(principal.scope) as work:
        return company_service.preview(work, company_id, other)


@router.post("/companies/{company_id}/merge", status_code=201)
def merge_companies(
    *, company_id: str, body: CompanyMergeIn, store: StoreDep, principal: Decider, if_match: IfMatch = None
) -> CompanyMergeOut:
    """Merges another record into this company; 409 and 412 as for contacts. Its people, deals, tasks and activities
    follow, and its domain leads to the survivor."""
    with store.write(principal.scope, principal.actor) as work:
        return company_service.merge(work, company_id, body.company_id, body.choices, if_match)


@router.get("/companies/{company_id}/merges")
def list_merges_of_company(company_id: str, store: StoreDep, principal: Reader) -> list[CompanyMergeOut]:
    """Merges that the company took part in, undone ones too, newest first."""
    with store.read(principal.scope) as work:
        return company_service.history(work, company_id)


@router.post("/company-merges/{company_merge_id}/undo")
def undo_company_merge(company_merge_id: str, store: StoreDep, principal: Decider) -> CompanyMergeOut:
    """Two companies again; as for contacts."""
    with store.write(principal.scope, principal.actor) as work:
        return company_service.undo(work, company_merge_id)


@router.get("/survivorship")
def read_survivorship(store: StoreDep, principal: Looker) -> RulesIO:
    """The rules by which merges keep values."""
    with store.read(principal.scope) as work:
        return RulesIO(**service.rules_of(work).as_setting())


@router.put("/survivorship")
def put_survivorship(body: RulesIO, store: StoreDep, principal: Designer) -> RulesIO:
    """A new version of the rules; merges that were made stay as they are."""
    with store.write(principal.scope, principal.actor) as work:
        return service.put_rules(work, body)
