"""Edits of contacts by hand, one or many: checked once, each written with its row in the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.contacts import EmailAddress
from domain.custom_attributes import attribute_value
from domain.errors import InvalidInput, NotFound
from serving import bulk, etags
from serving.access.principals import Principal
from serving.crm import addresses
from serving.crm.schemas import BulkIn, BulkOut, BulkSet, ContactPatch, Outcome
from serving.crm.scoring import score_each_soon
from serving.identify.service import company_of
from serving.routing.assignment import name_of, owner_changed, reps_of
from serving.tags.naming import TAGGING, tags_of
from storage.ops.repositories.audit import Act, Audit
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.contact_details import Changed, ContactDetails
from storage.ops.repositories.contact_lists import ContactLists
from storage.ops.repositories.members import require_member
from storage.ops.repositories.notifications import Notifications
from storage.ops.repositories.routing import Leads
from storage.ops.store import Store, Work
from storage.ops.tables import Company, Contact

ME = "me"
PER_TRANSACTION = 6
"""Contacts: SQLite has one writer at a time, and others wait for no more than these."""


def change(work: Work, contact_id: str, patch: ContactPatch, me: str | None, if_match: str | None = None) -> None:
    """Writes what was sent. Raises NotFound, PreconditionFailed, and InvalidInput for an owner or an attribute that is
    not there."""
    fields = {**_fields(work, patch, me), **tags_of(work, patch.add_tags, patch.remove_tags)}
    contact = ContactDetails(work).held([contact_id]).get(contact_id)
    if contact is None:
        raise NotFound("There is no such contact here.")
    etags.check(if_match, contact.updated_at)
    names = {member.user_id: name_of(member) for member in reps_of(work)} if "owner_user_id" in fields else {}
    made = _write(work, [contact], fields)
    _follow(work, made, names, tells=True)
    for each in made:
        if "email" in each.before:
            addresses.follow(work, contact, each.before["email"])


def change_many(store: Store, principal: Principal, body: BulkIn) -> BulkOut:
    """The same edit for each; ids that are not here are told and the others written.

    A contact is written with its history, its audit row and what follows, or not at all; the request is written in parts,
    so that nobody waits long for the store. Where it breaks off, what is written stays, and the same request again writes
    the rest: what has the values already is `unchanged`.
    """
    with store.read(principal.scope) as work:
        fields = _fields(work, body.values, principal.user_id)
        names = {member.user_id: name_of(member) for member in reps_of(work)} if "owner_user_id" in fields else {}
    fields |= bulk.tags_made(store, principal, body.values)
    if not fields:
        raise InvalidInput(
            "nothing is set", hint="Send lifecycle_stage, owner_user_id, attributes, add_tags or remove_tags in `set`."
        )
    is_single = len(set(body.ids)) == 1
    passed_on = 0

    def write(work: Work, part: Sequence[str], is_last: bool) -> dict[str, Outcome]:
        nonlocal passed_on
        held = ContactDetails(work).held(part)
        made = _write(work, [held[each] for each in part if each in held], fields)
        passed_on += _follow(work, made, names, tells=is_single)
        if is_last and passed_on and not is_single:
            _tell_once(work, str(fields["owner_user_id"] or ""), passed_on)
        changed = {each.contact.contact_id for each in made}
        return {
            each: "not_found" if each not in held else "changed" if each in changed else "unchanged" for each in part
        }

    return BulkOut.of(bulk.in_parts(store, principal, body.ids, PER_TRANSACTION, write))


def _fields(work: Work, sent: ContactPatch | BulkSet, me: str | None) -> dict[str, Any]:
    fields = {name: getattr(sent, name) for name in sent.model_fields_set - TAGGING}
    if "lifecycle_stage" in fields and fields["lifecycle_stage"] is None:
        raise InvalidInput("a contact needs its lifecycle_stage")
    if "email" in fields:
        if not fields["email"]:
            raise InvalidInput(
                "an address is corrected, not taken away", hint="Archive the contact, or ask for its erasure."
            )
        fields["email"] = EmailAddress.parse(fields["email"])
    return checked_fields(work, _with_company(work, fields), me)


def _with_company(work: Work, fields: dict[str, Any]) -> dict[str, Any]:
    """The company as an id. Raises NotFound for one that is not here."""
    name = fields.pop("company_name", None)
    if fields.get("company_id"):
        companies = Companies(work)
        fields["company_id"] = companies.own(Company, fields["company_id"], companies.target())
    elif name and name.strip():
        fields["company_id"] = company_of(work, None, name)
    return fields


def checked_fields(work: Work, fields: Mapping[str, Any], me: str | None) -> dict[str, Any]:
    """The same, the owner as a member's id and the attributes as values of their types. Raises InvalidInput for an owner
    or an attribute that is not there."""
    checked = dict(fields)
    if checked.get("owner_user_id") is not None:
        checked["owner_user_id"] = _member(work, str(checked["owner_user_id"]), me)
    if checked.get("attributes") is not None:
        checked["attributes"] = _attributes(work, checked["attributes"])
    return checked


def _member(work: Work, wanted: str, me: str | None) -> str:
    if wanted == ME and me is None:
        raise InvalidInput("a key of a program is nobody: name the owner")
    return require_member(work.store, ContactLists(work).organization_id, me if wanted == ME and me else wanted)


def _attributes(work: Work, sent: Mapping[str, Any]) -> dict[str, Any]:
    known = {found.key: found for found in ContactLists(work).definitions() if found.archived_at is None}
    unknown = sorted(set(sent) - set(known))
    if unknown:
        raise InvalidInput(f"there is no custom attribute {unknown[0]!r}", hint="See GET /v1/contacts/facets.")
    return {key: attribute_value(key, known[key].data_type, value, known[key].options) for key, value in sent.items()}


def write_part(
    work: Work, contact_ids: Sequence[str], fields: Mapping[str, Any], names: Mapping[str, str], *, tells: bool = False
) -> list[Changed]:
    """A few contacts with their history, audit rows and what follows from a new owner, in the unit of work of the caller;
    `fields` were checked, `names` are those of whoever may own contacts."""
    held = ContactDetails(work).held(contact_ids)
    made = _write(work, [held[each] for each in contact_ids if each in held], fields)
    _follow(work, made, names, tells=tells)
    return made


def _write(work: Work, contacts: Sequence[Contact], fields: Mapping[str, Any]) -> list[Changed]:
    """Those that changed. A new score is queued for them: title, stage and attributes count in it, tags do not."""
    details = ContactDetails(work)
    changed = [made for made in (details.change(contact, fields) for contact in contacts) if made.before]
    ids = [made.contact.contact_id for made in changed]
    Audit(work).record_all(
        [
            Act("change", "contact", contact_id, contact_id, made.before, made.after)
            for contact_id, made in zip(ids, changed, strict=True)
        ]
    )
    scored = [made.contact.contact_id for made in changed if made.before.keys() != {"tags"}]
    if scored:
        score_each_soon(work, scored, organization_id=changed[0].contact.organization_id)
    return changed


def _follow(work: Work, changed: Sequence[Changed], names: Mapping[str, str], *, tells: bool) -> int:
    """What a new owner brings with it: timeline, clocks and, for one contact, a word to them. Answers how many have one."""
    passed_on = [made for made in changed if "owner_user_id" in made.after]
    facts = Leads(work).facts_of([made.contact.contact_id for made in passed_on]) if passed_on else {}
    for made in passed_on:
        owner_changed(
            work, made.contact, made.before["owner_user_id"], names, facts[made.contact.contact_id],
            cause="by_hand", tells=tells,
        )  # fmt: skip
    return len(passed_on)


def _tell_once(work: Work, owner: str, count: int) -> None:
    """One word for many contacts."""
    if owner and work.actor.id != owner:
        Notifications(work).add(owner, "leads_assigned", f"{count} leads are yours", link="/app/leads")
