"""/v1/audit: who did what, and whether anybody changed the record of it. Reading it is on the record too."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from domain.paging import decode_cursor, encode_cursor
from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.actors import names_of
from serving.audit.schemas import ActListOut, ActOut, VerificationOut, VerificationStateOut
from serving.deps import StoreDep
from serving.lists import Cursor, Limit
from storage.ops.repositories.audit import Audit
from storage.ops.store import Work
from storage.ops.tables import AuditEntry

router = APIRouter(prefix="/v1/audit", tags=["audit"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.AUDIT_READ)]
SORT = "-position"
Word = Annotated[str | None, Query(max_length=80)]


@router.get("")
def list_acts(
    *,
    principal: Reader,
    store: StoreDep,
    entity: Word = None,
    entity_id: Word = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ActListOut:
    """Acts in the organization, newest first. That somebody looked is an act as well."""
    before = _position(cursor) if cursor else None
    with store.read(principal.scope) as work:
        found = Audit(work).page(limit=limit + 1, before_position=before, entity=entity, entity_id=entity_id)
        shown = found[:limit]
        names = names_of(work, [(entry.actor_kind, entry.actor_id) for entry in shown])
        items = [_shown(work, entry, names) for entry in shown]
    with store.write(principal.scope, principal.actor) as work:
        asked = {"entity": entity, "entity_id": entity_id, "before_position": before}
        Audit(work).record("read", "audit_log", principal.scope.organization_id, after=asked)
    more = len(found) > limit
    return ActListOut(items=items, next_cursor=encode_cursor(SORT, [items[-1].position]) if more else None)


@router.get("/verification")
def read_verification(principal: Reader, store: StoreDep) -> VerificationStateOut:
    """When the log was last verified, and what was found."""
    with store.read(principal.scope) as work:
        head = Audit(work).head()
    if head is None:
        return VerificationStateOut(count=0, verified_at=None, verified_count=None, fault=None)
    return VerificationStateOut(
        count=head.position,
        verified_at=head.verified_at,
        verified_count=head.verified_position,
        fault=head.verified_fault,
    )


@router.post("/verification")
def verify_log(principal: Reader, store: StoreDep) -> VerificationOut:
    """Walks the whole chain now: finds a row that was changed, moved, added or taken away."""
    with store.read(principal.scope) as work:
        report = Audit(work).verify()
    with store.write(principal.scope, principal.actor) as work:
        Audit(work).note_verified(report)
    return VerificationOut(
        count=report.count,
        is_whole=report.broken_at is None,
        broken_at=report.broken_at,
        reason=report.reason,
        end=report.end,
    )


def _position(cursor: str) -> int:
    (position,) = decode_cursor(cursor, SORT, 1)
    return int(position or 0)


def _shown(work: Work, entry: AuditEntry, names: dict[str, str]) -> ActOut:
    values = Audit(work).values_of(entry)
    return ActOut(
        position=entry.position,
        at=entry.at,
        actor_kind=entry.actor_kind,
        actor_id=entry.actor_id,
        actor_name=names.get(entry.actor_id, ""),
        action=entry.action,
        entity=entry.entity,
        entity_id=entry.entity_id,
        before=values.before,
        after=values.after,
        is_shredded=values.is_shredded,
    )
