"""/v1/custom-fields: what an organization keeps of its contacts beside what everybody does."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response

from domain.permissions import Permission
from serving import etags
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.custom_fields.schemas import CustomFieldChange, CustomFieldIn, CustomFieldOut, CustomFieldsOut
from serving.deps import StoreDep
from serving.lists import IfMatch
from storage.ops.contact_index import INDEXING
from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.jobs import Jobs
from storage.ops.store import Work
from storage.ops.tables import AttributeDefinition

router = APIRouter(prefix="/v1/custom-fields", tags=["custom fields"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.CONTACTS_READ)]
Designer = Annotated[Principal, may(Permission.SETTINGS_WRITE)]


@router.get("")
def list_custom_fields(store: StoreDep, principal: Reader, *, with_archived: bool = False) -> CustomFieldsOut:
    """All of them, by label."""
    with store.read(principal.scope) as work:
        found = AttributeDefinitions(work).all()
        shown = [_out(each) for each in found if with_archived or each.archived_at is None]
        is_indexing = Jobs(work).is_waiting(INDEXING)
    return CustomFieldsOut(
        items=sorted(shown, key=lambda each: (each.label.casefold(), each.key)), is_indexing=is_indexing
    )


@router.post("", status_code=201)
def create_custom_field(
    body: CustomFieldIn, store: StoreDep, principal: Designer, response: Response
) -> CustomFieldOut:
    """A new field. 409 where its key is taken, 422 where as many are filterable as can be."""
    with store.write(principal.scope, principal.actor) as work:
        made = AttributeDefinitions(work).create(
            body.label, key=body.key, data_type=body.data_type, options=body.options, is_filterable=body.is_filterable,
            is_searchable=body.is_searchable,
        )  # fmt: skip
        Audit(work).record("create", "custom_field", made.key, after=_kept(made))
        return _tagged(response, made)


@router.patch("/{key}")
def change_custom_field(
    *,
    key: str,
    body: CustomFieldChange,
    store: StoreDep,
    principal: Designer,
    response: Response,
    if_match: IfMatch = None,
) -> CustomFieldOut:
    """Writes what is sent. Where it concerns filters or searches, contacts are gone through in the background."""
    with store.write(principal.scope, principal.actor) as work:
        definitions = AttributeDefinitions(work)
        field = definitions.held(key)
        etags.check(if_match, field.updated_at)
        before = _kept(field)
        sent = {name: value for name in body.model_fields_set if (value := getattr(body, name)) is not None}
        definitions.change_field(field, sent)
        after = _kept(field)
        if after != before:
            Audit(work).record("change", "custom_field", key, before=before, after=after)
        if any(before[name] != after[name] for name in ("is_filterable", "is_searchable", "is_archived")):
            _index_again(work)
        return _tagged(response, field)


def _index_again(work: Work) -> None:
    Jobs(work).enqueue(INDEXING, unique_key=INDEXING)


def _kept(field: AttributeDefinition) -> dict[str, Any]:
    return {
        "label": field.label,
        "data_type": field.data_type,
        "options": field.options,
        "is_filterable": field.is_filterable,
        "is_searchable": field.is_searchable,
        "is_archived": field.archived_at is not None,
    }


def _out(field: AttributeDefinition) -> CustomFieldOut:
    etag = etags.etag_of(field.updated_at)
    return CustomFieldOut(key=field.key, role=field.role, updated_at=field.updated_at, etag=etag, **_kept(field))


def _tagged(response: Response, field: AttributeDefinition) -> CustomFieldOut:
    return etags.tagged(response, _out(field))
