"""/v1/api-keys: keys of programs, with scopes, and keys of websites, with origins."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter

from domain.errors import InvalidInput
from domain.permissions import Permission, scopes_of_key
from serving import etags
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.api_keys.schemas import KeyFields, KeyIn, KeyListOut, KeyMadeOut, KeyOut, RotationIn
from serving.deps import StoreDep
from serving.lists import Cursor, IfMatch, Limit
from storage.ops.repositories.api_keys import ApiKeys
from storage.ops.repositories.audit import Audit
from storage.ops.store import Work

router = APIRouter(prefix="/v1/api-keys", tags=["api keys"])
ROLES = frozenset({"api", "ui"})
Keeper = Annotated[Principal, may(Permission.KEYS_WRITE)]


@router.get("")
def list_api_keys(principal: Keeper, store: StoreDep, cursor: Cursor = None, limit: Limit = 50) -> KeyListOut:
    """The keys of the organization, newest first, ended ones too. That somebody looked is on the record."""
    with store.read(principal.scope) as work:
        found = ApiKeys(work).page(limit=limit, cursor=cursor)
        items = [KeyOut.of(key, work.now()) for key in found.rows]
    with store.write(principal.scope, principal.actor) as work:
        Audit(work).record("read", "api_key", principal.scope.organization_id)
    return KeyListOut(items=items, next_cursor=found.next_cursor)


@router.post("", status_code=201)
def create_api_key(body: KeyIn, principal: Keeper, store: StoreDep) -> KeyMadeOut:
    """A new key, whole in this answer and never again. Scopes never exceed the maker's own permissions."""
    with store.write(principal.scope, principal.actor) as work:
        if body.kind == "write":
            if body.scopes is not None:
                raise InvalidInput("a write key only sends events", hint="Leave out scopes, or make a secret key.")
            key = ApiKeys(work).create_write_key(
                body.name or "", allowed_origins=body.allowed_origins or (), rate_per_minute=body.rate_per_minute
            )
        else:
            if body.allowed_origins or body.rate_per_minute:
                raise InvalidInput("origins and rates are for write keys", hint="Leave them out.")
            scopes = scopes_of_key(body.scopes or (), principal.role)
            key = ApiKeys(work).create_secret_key(body.name or "", scopes=scopes)
        return _made(work, key)


@router.patch("/{api_key_id}")
def change_api_key(
    api_key_id: str, body: KeyFields, principal: Keeper, store: StoreDep, if_match: IfMatch = None
) -> KeyOut:
    """Its name, and the origins of a write key. Web processes follow within five seconds."""
    with store.write(principal.scope, principal.actor) as work:
        etags.check(if_match, ApiKeys(work).held(api_key_id).updated_at)
        if body.allowed_origins and ApiKeys(work).held(api_key_id).kind != "write":
            raise InvalidInput("only a write key has origins")
        changed = ApiKeys(work).change(api_key_id, name=body.name, allowed_origins=body.allowed_origins)
        return KeyOut.of(changed, work.now())


@router.post("/{api_key_id}/rotate", status_code=201)
def rotate_api_key(api_key_id: str, body: RotationIn, principal: Keeper, store: StoreDep) -> KeyMadeOut:
    """A new key that may do the same; the old one ends after the grace period."""
    with store.write(principal.scope, principal.actor) as work:
        old_ends_at = work.now() + timedelta(hours=body.grace_hours)
        return _made(work, ApiKeys(work).rotate(api_key_id, old_ends_at=old_ends_at))


@router.delete("/{api_key_id}", status_code=204)
def revoke_api_key(api_key_id: str, principal: Keeper, store: StoreDep) -> None:
    """Ends a key at once (a write key within five seconds)."""
    with store.write(principal.scope, principal.actor) as work:
        ApiKeys(work).revoke(api_key_id)


def _made(work: Work, key: str) -> KeyMadeOut:
    found = ApiKeys(work).find_live(key)
    assert found is not None, "made a moment ago"
    return KeyMadeOut(**KeyOut.of(found, work.now()).model_dump(), key=key)
