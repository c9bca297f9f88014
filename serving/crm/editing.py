"""Edits of contacts by hand, one or many: checked once, written in one unit of work, each with its row in the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.custom_attributes import attribute_value
from domain.errors import InvalidInput, NotFound
from serving.crm.schemas import BulkIn, BulkOut, BulkResult, BulkSet, ContactPatch
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.contact_details import ContactDetails
from storage.ops.repositories.contact_lists import ContactLists
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.members import require_member
from storage.ops.store import Work
from storage.ops.tables import Contact

ME = "me"


def change(work: Work, contact_id: str, patch: ContactPatch, me: str | None) -> None:
    """Writes what was sent. Raises NotFound, and InvalidInput for an owner or an attribute that is not there."""
    fields = _fields(work, patch, me)
    contact = ContactDetails(work).held([contact_id]).get(contact_id)
    if contact is None:
        raise NotFound("There is no such contact here.")
    _write(work, contact, fields)


def change_many(work: Work, body: BulkIn, me: str | None) -> BulkOut:
    """The same edit for each; ids that are not here are told and the others written."""
    fields = _fields(work, body.values, me)
    if not fields:
        raise InvalidInput("nothing is set", hint="Send lifecycle_stage, owner_user_id or attributes in `set`.")
    wanted = list(dict.fromkeys(body.ids))
    held = ContactDetails(work).held(wanted)
    results = []
    for contact_id in wanted:
        contact = held.get(contact_id)
        if contact is None:
            results.append(BulkResult(contact_id=contact_id, outcome="not_found"))
        else:
            was_changed = _write(work, contact, fields)
            results.append(BulkResult(contact_id=contact_id, outcome="changed" if was_changed else "unchanged"))
    return BulkOut(results=results, changed_count=sum(each.outcome == "changed" for each in results))


def _fields(work: Work, sent: ContactPatch | BulkSet, me: str | None) -> dict[str, Any]:
    fields = {name: getattr(sent, name) for name in sent.model_fields_set}
    if "lifecycle_stage" in fields and fields["lifecycle_stage"] is None:
        raise InvalidInput("a contact needs its lifecycle_stage")
    if fields.get("owner_user_id") is not None:
        fields["owner_user_id"] = _member(work, str(fields["owner_user_id"]), me)
    if fields.get("attributes") is not None:
        fields["attributes"] = _attributes(work, fields["attributes"])
    return fields


def _member(work: Work, wanted: str, me: str | None) -> str:
    if wanted == ME and me is None:
        raise InvalidInput("a key of a program is nobody: name the owner")
    return require_member(work.store, ContactLists(work).organization_id, me if wanted == ME and me else wanted)


def _attributes(work: Work, sent: Mapping[str, Any]) -> dict[str, Any]:
    known = {found.key: found.data_type for found in ContactLists(work).definitions()}
    unknown = sorted(set(sent) - set(known))
    if unknown:
        raise InvalidInput(f"there is no custom attribute {unknown[0]!r}", hint="See GET /v1/contacts/facets.")
    return {key: attribute_value(key, known[key], value) for key, value in sent.items()}


def _write(work: Work, contact: Contact, fields: Mapping[str, Any]) -> bool:
    """Answers whether anything changed. A new score is queued then: title, stage and attributes count in it."""
    made = ContactDetails(work).change(contact, fields)
    if not made.before:
        return False
    Audit(work).record(
        "change", "contact", contact.contact_id, subject_id=contact.contact_id, before=made.before, after=made.after
    )
    Jobs(work).enqueue(
        "score_contact",
        organization_id=contact.organization_id,
        payload={"contact_id": contact.contact_id},
        unique_key=f"score_contact:{contact.contact_id}",
    )
    return True
