"""Edits of contacts by hand, one or many: checked once, written in one unit of work, each with its row in the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.custom_attributes import attribute_value
from domain.errors import InvalidInput, NotFound
from serving.crm.schemas import BulkIn, BulkOut, BulkResult, BulkSet, ContactPatch
from serving.routing.assignment import name_of, owner_changed, reps_of
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.contact_details import Changed, ContactDetails
from storage.ops.repositories.contact_lists import ContactLists
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.members import require_member
from storage.ops.repositories.notifications import Notifications
from storage.ops.repositories.routing import Leads
from storage.ops.store import Work
from storage.ops.tables import Contact

ME = "me"


def change(work: Work, contact_id: str, patch: ContactPatch, me: str | None) -> None:
    """Writes what was sent. Raises NotFound, and InvalidInput for an owner or an attribute that is not there."""
    fields = _fields(work, patch, me)
    contact = ContactDetails(work).held([contact_id]).get(contact_id)
    if contact is None:
        raise NotFound("There is no such contact here.")
    made = _write(work, contact, fields)
    _follow(work, [made] if made else [])


def change_many(work: Work, body: BulkIn, me: str | None) -> BulkOut:
    """The same edit for each; ids that are not here are told and the others written."""
    fields = _fields(work, body.values, me)
    if not fields:
        raise InvalidInput("nothing is set", hint="Send lifecycle_stage, owner_user_id or attributes in `set`.")
    wanted = list(dict.fromkeys(body.ids))
    held = ContactDetails(work).held(wanted)
    results, changed = [], []
    for contact_id in wanted:
        contact = held.get(contact_id)
        if contact is None:
            results.append(BulkResult(contact_id=contact_id, outcome="not_found"))
        else:
            made = _write(work, contact, fields)
            results.append(BulkResult(contact_id=contact_id, outcome="changed" if made else "unchanged"))
            changed += [made] if made else []
    _follow(work, changed)
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


def _write(work: Work, contact: Contact, fields: Mapping[str, Any]) -> Changed | None:
    """None where nothing changed. A new score is queued then: title, stage and attributes count in it."""
    made = ContactDetails(work).change(contact, fields)
    if not made.before:
        return None
    Audit(work).record(
        "change", "contact", contact.contact_id, subject_id=contact.contact_id, before=made.before, after=made.after
    )
    Jobs(work).enqueue(
        "score_contact",
        organization_id=contact.organization_id,
        payload={"contact_id": contact.contact_id},
        unique_key=f"score_contact:{contact.contact_id}",
    )
    return made


def _follow(work: Work, changed: Sequence[Changed]) -> None:
    """What a new owner brings with it, read once for all: timeline, clocks, and a word to them, one for many contacts."""
    passed_on = [made for made in changed if "owner_user_id" in made.after]
    if not passed_on:
        return
    names = {member.user_id: name_of(member) for member in reps_of(work)}
    facts = Leads(work).facts_of([made.contact.contact_id for made in passed_on])
    for made in passed_on:
        owner_changed(
            work, made.contact, made.before["owner_user_id"], names, facts[made.contact.contact_id],
            cause="by_hand", tells=len(passed_on) == 1,
        )  # fmt: skip
    owner = passed_on[0].contact.owner_user_id
    if len(passed_on) > 1 and owner and work.actor.id != owner:
        Notifications(work).add(owner, "leads_assigned", f"{len(passed_on)} leads are yours", link="/app/leads")
