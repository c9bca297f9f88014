"""One contact with all that belongs to it, and the few changes a person makes by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select

from domain.contacts import LifecycleStage
from domain.decisions import DecisionKind
from domain.errors import NotFound
from domain.tenancy import Scope
from storage.ops.repositories.consents import holds
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.listing import owned
from storage.ops.repositories.tags import Retagged, Tags
from storage.ops.store import Work
from storage.ops.tables import (
    Company,
    Consent,
    Contact,
    ContactTag,
    DecisionLedger,
    LifecycleChange,
    Score,
    Suppression,
)

EDITABLE = ("first_name", "last_name", "title", "phone", "country", "company_id", "owner_user_id")
"""What a person may correct by hand, beside the address, the stage, attributes and tags."""
NULLABLE = {"country", "company_id", "owner_user_id"}


@dataclass(frozen=True, slots=True)
class Changed:
    """A contact after an edit; `before` and `after` hold the fields that are other than they were."""

    contact: Contact
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ContactDetail:
    """A contact with its company, score, consents (newest first), live suppressions and score decisions."""

    contact: Contact
    company: Company | None
    score: Score | None
    consents: Sequence[Consent]
    suppressions: Sequence[Suppression]
    decisions: Sequence[DecisionLedger]
    entered_stage: LifecycleChange | None
    """When, why and by whom it entered the stage in which it stands."""
    tags: Sequence[str] = ()


class ContactDetails:
    """One contact of one organization at a time; another organization's raises NotFound."""

    def __init__(self, work: Work) -> None:
        if not isinstance(work.scope, Scope):
            raise TypeError("a contact belongs to one organization")
        self._work = work
        self._session = work.session
        self._organization_id = work.scope.organization_id

    def contact(self, contact_id: str) -> Contact:
        """The contact, or the one it was merged into; NotFound when it is absent, deleted or another organization's."""
        asked = select(Contact).where(
            Contact.organization_id == self._organization_id,
            Contact.contact_id == self._surviving([contact_id])[contact_id],
            Contact.deleted_at.is_(None),
        )
        found = self._session.scalar(asked)
        if found is None:
            raise NotFound("There is no such contact here.")
        return found

    def detail(self, contact_id: str) -> ContactDetail:
        contact = self.contact(contact_id)
        contact_id, own = contact.contact_id, self._organization_id
        merged = select(Contact.contact_id).where(Contact.organization_id == own, Contact.merged_into_id == contact_id)
        consents = select(Consent).where(Consent.organization_id == own, Consent.contact_id == contact_id)
        blocks = select(Suppression).where(
            Suppression.organization_id == own,
            holds(self._work.now()),
            or_(Suppression.contact_id == contact_id, Suppression.value_hash == (contact.email_hash or contact_id)),
        )
        decisions = select(DecisionLedger).where(
            DecisionLedger.organization_id == own,
            DecisionLedger.subject_kind == "contact",
            # A merge is told of both records: once is enough.
            or_(
                DecisionLedger.subject_id == contact_id,
                and_(DecisionLedger.subject_id.in_(merged), DecisionLedger.kind != DecisionKind.MERGE),
            ),
        )
        stages = select(LifecycleChange).where(
            LifecycleChange.organization_id == own,
            LifecycleChange.contact_id == contact_id,
            LifecycleChange.to_stage == contact.lifecycle_stage,
        )
        newest = (LifecycleChange.occurred_at.desc(), LifecycleChange.lifecycle_change_id.desc())
        return ContactDetail(
            contact=contact,
            company=self._session.get(Company, contact.company_id) if contact.company_id else None,
            score=self._session.get(Score, contact_id),
            consents=list(self._session.scalars(consents.order_by(Consent.occurred_at.desc(), Consent.consent_id))),
            suppressions=list(self._session.scalars(blocks)),
            decisions=list(
                self._session.scalars(
                    decisions.order_by(DecisionLedger.decided_at.desc(), DecisionLedger.decision_id.desc()).limit(40)
                )
            ),
            entered_stage=self._session.scalars(stages.order_by(*newest).limit(1)).first(),
            tags=Tags(self._work).names_of(ContactTag, [contact_id]).get(contact_id, ()),
        )

    def held(self, contact_ids: Sequence[str]) -> dict[str, Contact]:
        """Contacts by the id that was asked for, held until the unit of work ends, in one order for everybody; those that
        are not here are left out."""
        surviving = self._surviving(contact_ids)
        asked = (
            select(Contact)
            .where(
                owned(self._work, Contact.organization_id, self._organization_id),
                Contact.contact_id.in_(set(surviving.values())),
                Contact.deleted_at.is_(None),
            )
            .order_by(Contact.contact_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        found = {contact.contact_id: contact for contact in self._session.scalars(asked)}
        return {one: found[survivor] for one, survivor in surviving.items() if survivor in found}

    def _surviving(self, contact_ids: Sequence[str]) -> dict[str, str]:
        """Each id with the one that answers for it now: itself, unless it was merged into another."""
        asked = select(Contact.contact_id, Contact.merged_into_id).where(
            owned(self._work, Contact.organization_id, self._organization_id),
            Contact.contact_id.in_(contact_ids),
            Contact.merged_into_id.is_not(None),
        )
        merged = {one: str(survivor) for one, survivor in self._session.execute(asked)}
        return {one: merged.get(one, one) for one in contact_ids}

    def change(self, contact: Contact, fields: Mapping[str, Any]) -> Changed:
        """Sets the named fields of a contact that is held; a change of stage is written into the history and onto the
        timeline. `attributes` are merged into what is there: None takes one away. `add_tags` and `remove_tags` are rows.
        Raises Conflict for an `email` (an EmailAddress) that another contact has."""
        Contacts(self._work).writable(contact.organization_id)
        wanted = {name: fields[name] if name in NULLABLE else fields[name] or "" for name in EDITABLE if name in fields}
        if fields.get("attributes"):
            merged = {**contact.attributes, **fields["attributes"]}
            wanted["attributes"] = {key: value for key, value in merged.items() if value is not None}
        before = {name: getattr(contact, name) for name, value in wanted.items() if value != getattr(contact, name)}
        for name in before:
            setattr(contact, name, wanted[name])
        email = fields.get("email")
        if email is not None and email.value != contact.email:
            before["email"] = contact.email
            Contacts(self._work).readdress(contact, email)
        stage = fields.get("lifecycle_stage")
        if stage and stage != contact.lifecycle_stage:
            before["lifecycle_stage"] = contact.lifecycle_stage
            Contacts(self._work).move_to(contact, LifecycleStage(stage), reason="set_by_hand", backwards=True)
        after = {name: getattr(contact, name) for name in before}
        if added_or_removed := self._retag(contact, fields):
            before["tags"], after["tags"] = added_or_removed.before, added_or_removed.after
            contact.updated_at = self._work.now()
        self._session.flush()
        return Changed(contact, before, after)

    def _retag(self, contact: Contact, fields: Mapping[str, Any]) -> Retagged | None:
        added, removed = fields.get("add_tags") or (), fields.get("remove_tags") or ()
        if not (added or removed):
            return None
        made = Tags(self._work).retag(ContactTag, [contact.contact_id], added, removed)
        return made.get(contact.contact_id)
