"""/v1/saved-views: lists that people look at again and again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response

from domain.errors import InvalidInput, NotAllowed
from domain.permissions import Permission
from serving import etags
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.lists import IfMatch
from serving.saved_views.questions import checked
from serving.saved_views.schemas import Entity, SavedViewFields, SavedViewIn, SavedViewOut, SavedViewsOut
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.saved_views import SavedViews
from storage.ops.store import Work
from storage.ops.tables import SavedView

router = APIRouter(prefix="/v1/saved-views", tags=["saved views"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.CONTACTS_READ)]
Writer = Annotated[Principal, may(Permission.CONTACTS_WRITE)]


@router.get("")
def list_saved_views(store: StoreDep, principal: Reader, entity: Entity | None = None) -> SavedViewsOut:
    """One's own views and those that are shared, by name."""
    with store.read(principal.scope) as work:
        found = SavedViews(work).seen_by(principal.user_id, entity)
        return SavedViewsOut(items=[_out(view, principal) for view in found])


@router.post("", status_code=201)
def create_saved_view(body: SavedViewIn, store: StoreDep, principal: Writer) -> SavedViewOut:
    """Keeps a question under a name. 409 where the name is taken, 422 where the list cannot be asked it."""
    with store.write(principal.scope, principal.actor) as work:
        made = SavedViews(work).add(
            body.entity, body.name, checked(work, body.entity, body.question),
            user_id=principal.user_id, is_shared=body.is_shared,
        )  # fmt: skip
        Audit(work).record("create", "saved_view", made.saved_view_id, after=_kept(made))
        return _out(made, principal)


@router.patch("/{saved_view_id}")
def change_saved_view(
    *, saved_view_id: str, body: SavedViewFields, store: StoreDep, principal: Writer, if_match: IfMatch = None
) -> SavedViewOut:
    """Writes what is sent; what is not sent stays. A shared one is its maker's or an administrator's to change."""
    with store.write(principal.scope, principal.actor) as work:
        view = _changeable(work, saved_view_id, principal)
        etags.check(if_match, view.updated_at)
        changes = {name: getattr(body, name) for name in body.model_fields_set}
        if None in changes.values():
            raise InvalidInput("a view needs its name, its question and whether it is shared")
        if "question" in changes:
            changes["question"] = checked(work, view.entity, changes["question"])
        before = _kept(view)
        SavedViews(work).change(view, changes, principal.user_id)
        if _kept(view) != before:
            Audit(work).record("change", "saved_view", saved_view_id, before=before, after=_kept(view))
        return _out(view, principal)


@router.delete("/{saved_view_id}", status_code=204)
def delete_saved_view(saved_view_id: str, store: StoreDep, principal: Writer) -> Response:
    """Forgets it; the rows that it showed stay."""
    with store.write(principal.scope, principal.actor) as work:
        view = _changeable(work, saved_view_id, principal)
        Audit(work).record("delete", "saved_view", saved_view_id, before=_kept(view))
        SavedViews(work).remove(view)
    return Response(status_code=204)


def _changeable(work: Work, saved_view_id: str, principal: Principal) -> SavedView:
    view = SavedViews(work).get(saved_view_id, principal.user_id)
    is_own = view.owner_user_id == principal.user_id
    if not is_own and Permission.SETTINGS_WRITE not in principal.permissions:
        raise NotAllowed("this view is somebody else's", hint="Save it under a name of your own.")
    return view


def _kept(view: SavedView) -> dict[str, Any]:
    """What the audit log keeps: not the question, in which a person may have been searched for by name."""
    return {"entity": view.entity, "name": view.name, "is_shared": view.is_shared, "asks": sorted(view.question)}


def _out(view: SavedView, principal: Principal) -> SavedViewOut:
    return SavedViewOut(
        saved_view_id=view.saved_view_id,
        entity=view.entity,
        name=view.name,
        question=view.question,
        is_shared=view.is_shared,
        is_own=view.owner_user_id is not None and view.owner_user_id == principal.user_id,
        updated_at=view.updated_at,
        etag=etags.etag_of(view.updated_at),
    )
