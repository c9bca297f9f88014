"""/v1/erasures: asks that a person be forgotten, and how far that has come."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from domain.contacts import EmailAddress
from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.erasure.schemas import ErasureIn, ErasureListOut, ErasureOut
from storage.ops.erasing import ask_erasure
from storage.ops.repositories.erasures import Erasures

router = APIRouter(prefix="/v1", tags=["erasure"])
ROLES = frozenset({"api", "ui"})
Eraser = Annotated[Principal, may(Permission.CONTACTS_ERASE)]


@router.post("/contacts/{contact_id}/erasure", status_code=202)
def create_contact_erasure(contact_id: str, store: StoreDep, principal: Eraser) -> ErasureOut:
    """Forgets a contact: gone from store and files within seconds, from the lake with its next erasing pass."""
    with store.write(principal.scope, principal.actor) as work:
        return ErasureOut.of(ask_erasure(work, contact_id=contact_id))


@router.post("/erasures", status_code=202)
def create_erasure(body: ErasureIn, store: StoreDep, principal: Eraser) -> ErasureOut:
    """The same by contact or by address, whether or not it is a contact."""
    email = EmailAddress.parse(body.email) if body.email else None
    with store.write(principal.scope, principal.actor) as work:
        return ErasureOut.of(ask_erasure(work, contact_id=body.contact_id, email=email))


@router.get("/erasures")
def list_erasures(store: StoreDep, principal: Eraser) -> ErasureListOut:
    """The newest hundred."""
    with store.read(principal.scope) as work:
        return ErasureListOut(items=[ErasureOut.of(found) for found in Erasures(work).newest()])


@router.get("/erasures/{erasure_id}")
def read_erasure(erasure_id: str, store: StoreDep, principal: Eraser) -> ErasureOut:
    """One erasure: where it stands, and what went."""
    with store.read(principal.scope) as work:
        return ErasureOut.of(Erasures(work).get(erasure_id))
