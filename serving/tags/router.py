"""/v1/tags: what contacts and companies can be marked with. They are marked at /v1/contacts and /v1/companies."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response

from domain.errors import Conflict
from domain.permissions import Permission
from serving import etags
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.lists import IfMatch
from serving.tags.schemas import TagIn, TagOut, TagsOut
from storage.ops import requests
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.tags import Tags
from storage.ops.tables import Tag

router = APIRouter(prefix="/v1/tags", tags=["tags"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.CONTACTS_READ)]
Writer = Annotated[Principal, may(Permission.CONTACTS_WRITE)]
PER_TRANSACTION = 500
"""Records that lose a tag that is deleted: rows of two columns, some milliseconds of the store's lock."""


@router.get("")
def list_tags(store: StoreDep, principal: Reader) -> TagsOut:
    """All of them, by name, with how many contacts and companies have each."""
    with store.read(principal.scope) as work:
        tags = Tags(work)
        counts = tags.counts()
        return TagsOut(items=[_out(tag, counts[tag.tag_id]) for tag in tags.all()])


@router.post("", status_code=201)
def create_tag(body: TagIn, store: StoreDep, principal: Writer, response: Response) -> TagOut:
    """A new tag. 409 where there is one of this name."""
    with store.write(principal.scope, principal.actor) as work:
        tags = Tags(work)
        if found := tags.named([body.name]):
            raise Conflict(f"there is a tag {found[0].name!r} already")
        (made,) = tags.ensure([body.name])
        Audit(work).record("create", "tag", made.tag_id, after={"name": made.name})
        return etags.tagged(response, _out(made, (0, 0)))


@router.patch("/{tag_id}")
def rename_tag(
    *, tag_id: str, body: TagIn, store: StoreDep, principal: Writer, response: Response, if_match: IfMatch = None
) -> TagOut:
    """Another name, wherever it is marked with. 409 where another tag has it."""
    with store.write(principal.scope, principal.actor) as work:
        tags = Tags(work)
        tag = tags.get(tag_id)
        etags.check(if_match, tag.updated_at)
        before = tag.name
        tags.rename(tag, body.name)
        if tag.name != before:
            Audit(work).record("change", "tag", tag_id, before={"name": before}, after={"name": tag.name})
        return etags.tagged(response, _out(tag, tags.counts()[tag_id]))


@router.delete("/{tag_id}", status_code=204)
def delete_tag(tag_id: str, store: StoreDep, principal: Writer) -> Response:
    """Takes it off everything and forgets it. Where the request breaks off, send it again."""
    with store.read(principal.scope) as work:
        Tags(work).get(tag_id)
    while True:
        store.give_way()
        with requests.in_part(is_last=False), store.write(principal.scope, principal.actor) as work:
            if Tags(work).unmark_some(Tags(work).get(tag_id), PER_TRANSACTION) < PER_TRANSACTION:
                break
    with store.write(principal.scope, principal.actor) as work:
        tag = Tags(work).get(tag_id)
        Audit(work).record("delete", "tag", tag_id, before={"name": tag.name})
        Tags(work).delete(tag)
    return Response(status_code=204)


def _out(tag: Tag, counts: tuple[int, int]) -> TagOut:
    etag = etags.etag_of(tag.updated_at)
    return TagOut(
        tag_id=tag.tag_id, name=tag.name, contact_count=counts[0], company_count=counts[1], updated_at=tag.updated_at,
        etag=etag,
    )  # fmt: skip
