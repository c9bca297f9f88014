"""Contacts off the lists and back again: nothing of them is lost, and nothing is sent to them meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from serving import bulk
from serving.access.principals import Principal
from serving.crm.editing import PER_TRANSACTION
from serving.crm.presenters import display_name
from serving.crm.schemas import ArchivedListOut, ArchivedOut, BulkOut, Outcome
from serving.crm.scoring import score_each_soon
from serving.sending.signalling import stop_everywhere
from storage.ops.repositories.archived_contacts import ArchivedContacts
from storage.ops.repositories.audit import Act, Audit
from storage.ops.repositories.contact_details import ContactDetails
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.store import Store, Work

REASON = "contact_gone"
"""What a sequence says of somebody whom it finds archived, too."""


def archive(store: Store, principal: Principal, contact_ids: Sequence[str]) -> BulkOut:
    """Each with its audit row, or not at all; whoever is in a sequence leaves it, and what was queued for them goes nowhere.
    One that is archived already is `unchanged`."""

    def write(work: Work, part: Sequence[str], _is_last: bool) -> dict[str, Outcome]:
        held, archived = ContactDetails(work).held(part), ArchivedContacts(work)
        gone = archived.held([each for each in part if each not in held])
        contacts = {contact.contact_id: contact for contact in held.values()}
        Enrolments(work).hold_people(contacts)
        for contact in contacts.values():
            archived.archive(contact)
            stop_everywhere(work, contact.contact_id, contact.organization_id, REASON)
        _record(work, "archive", contacts)
        return {each: "changed" if each in held else "unchanged" if each in gone else "not_found" for each in part}

    return BulkOut.of(bulk.in_parts(store, principal, contact_ids, PER_TRANSACTION, write))


def restore(store: Store, principal: Principal, contact_ids: Sequence[str]) -> BulkOut:
    """Each with its audit row and a new score, or not at all; no sequence goes on with them by itself."""

    def write(work: Work, part: Sequence[str], _is_last: bool) -> dict[str, Outcome]:
        archived = ArchivedContacts(work)
        held = archived.held(part)
        there = ContactDetails(work).held([each for each in part if each not in held])
        for contact in held.values():
            archived.restore(contact)
        _record(work, "restore", held)
        if held:
            score_each_soon(work, list(held), organization_id=archived.target())
        return {each: "changed" if each in held else "unchanged" if each in there else "not_found" for each in part}

    return BulkOut.of(bulk.in_parts(store, principal, contact_ids, PER_TRANSACTION, write))


def list_archived(work: Work, *, limit: int, cursor: str | None) -> ArchivedListOut:
    """Raises InvalidInput for a foreign cursor."""
    found = ArchivedContacts(work).page(limit=limit, cursor=cursor)
    items = [
        ArchivedOut(
            contact_id=contact.contact_id, display_name=display_name(contact), email=contact.email,
            title=contact.title, archived_at=contact.deleted_at,
        )
        for contact in found.rows
    ]  # fmt: skip
    return ArchivedListOut(items=items, next_cursor=found.next_cursor, total=found.total)


def _record(work: Work, action: str, contact_ids: Collection[str]) -> None:
    Audit(work).record_all([Act(action, "contact", contact_id, contact_id) for contact_id in sorted(contact_ids)])
