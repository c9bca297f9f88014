"""/v1/contacts and /v1/overview: what the operators' screens read, and the edits they make by hand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from domain.permissions import Permission
from serving import etags
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.crm import adding, archiving, editing, service
from serving.crm.dependencies import LakeDep
from serving.crm.export import rows_of
from serving.crm.filtering import ContactFilters
from serving.crm.schemas import (
    ArchivedListOut,
    BulkIn,
    BulkOut,
    ContactDetailOut,
    ContactIn,
    ContactListOut,
    ContactPatch,
    FacetsOut,
    IdsIn,
    LiveOut,
    OverviewOut,
    PulseOut,
    TimelineOut,
)
from serving.crm.timeline import timeline_of
from serving.deps import ClockDep, SettingsDep, StoreDep
from serving.exports import CSV, export
from serving.lists import Cursor, IfMatch, Limit
from storage.ops.repositories.contact_lists import ContactLists

router = APIRouter(prefix="/v1", tags=["contacts"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.CONTACTS_READ)]
Writer = Annotated[Principal, may(Permission.CONTACTS_WRITE)]
Exporter = Annotated[Principal, may(Permission.CONTACTS_EXPORT)]


class ContactPageQuery(ContactFilters):
    cursor: str | None = Field(None, max_length=1000, description="`next_cursor` of the page before.")
    limit: int = Field(50, ge=1, le=200)
    total: bool = Field(True, description="Whether a first page counts the list.")


@router.get("/contacts")
def list_contacts(asked: Annotated[ContactPageQuery, Query()], store: StoreDep, principal: Reader) -> ContactListOut:
    """A page of contacts, by key; see the parameters for search, filters and order."""
    with store.read(principal.scope) as work:
        return service.list_contacts(
            work, asked.question(principal.user_id), limit=asked.limit, cursor=asked.cursor, with_total=asked.total
        )


@router.get("/contacts/facets")
def list_contact_facets(store: StoreDep, principal: Reader) -> FacetsOut:
    """What the list can be filtered by."""
    with store.read(principal.scope) as work:
        return service.facets(work)


@router.get("/contacts/pulse")
def read_contact_pulse(store: StoreDep, principal: Reader) -> PulseOut:
    """Whether it is worth asking for the newest contacts again."""
    with store.read(principal.scope) as work:
        return PulseOut(pulse=ContactLists(work).pulse())


@router.get("/contacts/export", response_class=StreamingResponse, responses=CSV)
def export_contacts(
    asked: Annotated[ContactFilters, Query()], store: StoreDep, principal: Exporter
) -> StreamingResponse:
    """The whole filtered list as CSV."""
    question = asked.question(principal.user_id)
    with store.read(principal.scope) as work:
        ContactLists(work).check(question)  # a bad question is answered before the first byte
    return export(store, principal, "contacts", asked.model_dump(exclude_defaults=True), rows_of(question))


@router.post("/contacts", status_code=201)
def add_contact(body: ContactIn, store: StoreDep, principal: Writer, response: Response) -> ContactDetailOut:
    """One new contact, as a lead unless its stage says otherwise: routed, timed and scored like one that came by a form.
    409 where the address or the external id is known. Many at once are an import."""
    with store.write(principal.scope, principal.actor) as work:
        contact = adding.add(work, body, principal.user_id)
        return etags.tagged(response, service.detail(work, contact.contact_id))


@router.post("/contacts/bulk")
def change_contacts(body: BulkIn, store: StoreDep, principal: Writer) -> BulkOut:
    """The same stage, owner or custom attributes for up to 500 contacts, with a result for each. Each contact is changed
    whole or not at all; where the request breaks off, send it again: what is done already is `unchanged`."""
    return editing.change_many(store, principal, body)


@router.get("/contacts/archived")
def list_archived_contacts(
    store: StoreDep, principal: Reader, cursor: Cursor = None, limit: Limit = 50
) -> ArchivedListOut:
    """A page of contacts that were archived, the last one first."""
    with store.read(principal.scope) as work:
        return archiving.list_archived(work, limit=limit, cursor=cursor)


@router.post("/contacts/archive")
def archive_contacts(body: IdsIn, store: StoreDep, principal: Writer) -> BulkOut:
    """Takes up to 500 contacts off every list, with a result for each: they leave their sequences and nothing is sent to
    them. Their history stays and counts as before; whoever comes by a form or an import again is restored. To forget a
    person for good, ask for an erasure."""
    return archiving.archive(store, principal, body.ids)


@router.post("/contacts/restore")
def restore_contacts(body: IdsIn, store: StoreDep, principal: Writer) -> BulkOut:
    """Puts up to 500 archived contacts back on the lists, with a result for each."""
    return archiving.restore(store, principal, body.ids)


@router.get("/contacts/{contact_id}")
def read_contact(contact_id: str, store: StoreDep, principal: Reader, response: Response) -> ContactDetailOut:
    """One contact: attributes with their labels, company, score with reasons, consents, decisions."""
    with store.read(principal.scope) as work:
        return etags.tagged(response, service.detail(work, contact_id))


@router.patch("/contacts/{contact_id}")
def change_contact(
    *,
    contact_id: str,
    patch: ContactPatch,
    store: StoreDep,
    principal: Writer,
    response: Response,
    if_match: IfMatch = None,
) -> ContactDetailOut:
    """Corrects a name, address, company, title, phone, country, stage, owner or custom attribute; what is not sent stays.
    With another address the history stays theirs, and whoever asked to be left alone at the old one is left alone."""
    with store.write(principal.scope, principal.actor) as work:
        editing.change(work, contact_id, patch, principal.user_id, if_match)
        return etags.tagged(response, service.detail(work, contact_id))


@router.get("/contacts/{contact_id}/timeline")
def read_contact_timeline(
    *,
    contact_id: str,
    store: StoreDep,
    principal: Reader,
    lake: LakeDep,
    clock: ClockDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> TimelineOut:
    """What happened, newest first, from the store, the inbox and the lake, each with how fresh it is."""
    with store.read(principal.scope) as work:
        return timeline_of(work, lake, contact_id, limit=limit, now=clock())


@router.get("/overview")
def read_overview(store: StoreDep, principal: Reader, settings: SettingsDep, clock: ClockDep) -> OverviewOut:
    """Today's leads and what waits; what is older and larger is in the lake."""
    with store.read(principal.scope) as work:
        return service.overview(work, settings, clock())


@router.get("/overview/live")
def read_live(store: StoreDep, principal: Reader, clock: ClockDep) -> LiveOut:
    """The part of the overview that moves by the second."""
    with store.read(principal.scope) as work:
        return service.live(work, clock())
