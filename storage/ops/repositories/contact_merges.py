"""Two contacts become one, and are two again: written down row by row, so that it can be taken back exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from domain.contacts import EmailAddress
from domain.errors import Conflict, InvalidInput, NotFound
from domain.merging import TEXT_FIELDS
from domain.survivorship import ATTRIBUTE, FIELDS, KEYS, STAGE, Choice, Record, withdrawals
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.repositories.consents import Consents, holds
from storage.ops.repositories.contact_children import ContactChildren
from storage.ops.repositories.identity_decisions import IdentityDecisions
from storage.ops.repositories.merged_values import MergedValues, Undone
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.tags import Tags
from storage.ops.tables import Consent, Contact, ContactMerge, ContactTag, FormSubmission, Suppression


class ContactMerges(Repository):
    def pair(self, one_id: str, other_id: str) -> tuple[Contact, Contact]:
        """Two contacts of the organization, held until the unit of work ends. Raises NotFound, InvalidInput for one
        contact twice, Conflict where one of them was merged already."""
        if one_id == other_id:
            raise InvalidInput("a contact cannot be merged with itself")
        found = self._held(one_id, other_id)
        if len(found) < 2:
            raise NotFound("There is no such contact here.")
        for contact in found.values():
            if contact.merged_into_id is not None:
                raise Conflict(
                    f"{contact.contact_id} was merged into {contact.merged_into_id}",
                    hint="Merge with that one instead.",
                )
            if contact.deleted_at is not None:
                raise NotFound("There is no such contact here.")
        return found[one_id], found[other_id]

    def record_of(self, contact: Contact) -> Record:
        """A contact as the rules of survivorship see it."""
        own = self.target(contact.organization_id)
        answered = select(FormSubmission.form_submission_id).where(
            FormSubmission.organization_id == own,
            FormSubmission.contact_id == contact.contact_id,
            FormSubmission.status == "accepted",
        )
        agreed = select(Consent.consent_id).where(
            Consent.organization_id == own, Consent.contact_id == contact.contact_id, Consent.is_granted
        )
        bounced = select(Suppression.suppression_id).where(
            Suppression.organization_id == own,
            Suppression.value_hash == contact.email_hash,
            Suppression.reason == "hard_bounce",
            holds(self.work.now()),
        )
        has_answered = any(self.session.scalar(asked.limit(1)) for asked in (answered, agreed))
        return Record(
            record_id=contact.contact_id,
            values={name: getattr(contact, name) for name in (*FIELDS, STAGE)},
            attributes=contact.attributes or {},
            source=contact.source,
            known_at=contact.known_at,
            updated_at=contact.updated_at,
            is_verified=has_answered and self.session.scalar(bounced.limit(1)) is None,
            hand_set=self._hand_set(contact),
        )

    def merge(self, survivor: Contact, merged: Contact, choices: Sequence[Choice]) -> ContactMerge:
        """Lays `merged` into `survivor`, both held: fields as chosen, everything that belongs to it, and the stricter of
        two consents and suppressions. The merged record stays as it was, and its id answers with the survivor."""
        target, now = self.writable(survivor.organization_id), self.work.now()
        made = ContactMerge(
            organization_id=target,
            survivor_id=survivor.contact_id,
            merged_id=merged.contact_id,
            choices=[
                {"field": choice.field, "kept": choice.kept.value, "reason": choice.reason}
                for choice in choices if choice.is_differing
            ],
            merged_by=self.work.actor.id or self.work.actor.kind,
            merged_at=now,
        )  # fmt: skip
        self.session.add(made)
        self.session.flush()
        source = f"merge:{made.contact_merge_id}"
        children, answers = ContactChildren(self.work), [self._answers(one.contact_id) for one in (survivor, merged)]
        suppressed = children.suppress_alike(survivor, merged, source)
        earlier = {"known_at": merged.known_at} if merged.known_at < survivor.known_at else {}
        made.changed = self._values().change(survivor, merged, choices, earlier)
        made.moved = children.move_all(merged.contact_id, survivor.contact_id)
        refused = withdrawals(answers[0], answers[1], self._answers(survivor.contact_id))
        made.added = {
            "suppressions": suppressed,
            "consents": [self._refuse(survivor, purpose, channel, source) for purpose, channel in refused],
            "tags": Tags(self.work).give(ContactTag, merged.contact_id, survivor.contact_id),
        }
        merged.merged_into_id, merged.deleted_at, merged.updated_at, survivor.updated_at = (
            survivor.contact_id, now, now, now,
        )  # fmt: skip
        IdentityDecisions(self.work).decide(_node(survivor), _node(merged), "same")
        self.session.flush()
        return made

    def held(self, contact_merge_id: str) -> ContactMerge:
        """A merge, held until the unit of work ends. Raises NotFound."""
        return self.one(
            select(ContactMerge)
            .where(ContactMerge.organization_id == self.target(), ContactMerge.contact_merge_id == contact_merge_id)
            .with_for_update()
        )

    def undo(self, made: ContactMerge) -> Undone:
        """Two contacts again. Fields and rows go back to whose they were; what came or was changed after the merge stays
        with the survivor. No suppression is lifted: one that holds for either of them by now holds for both.

        Raises Conflict where it is undone already, or where the survivor was merged itself since.
        """
        self.writable(made.organization_id)
        if made.status != "merged":
            raise Conflict("this merge is undone already")
        found = self._held(made.survivor_id, made.merged_id)
        survivor, merged = found[made.survivor_id], found[made.merged_id]
        if survivor.merged_into_id is not None:
            raise Conflict("the contact was merged into another one since", hint="Undo that merge first.")
        children = ContactChildren(self.work)
        refused = {key for key, granted in self._answers(survivor.contact_id, made.merged_at).items() if not granted}
        for consent_id in made.added.get("consents", []):
            if added := self.by_id(Consent, consent_id):
                self.session.delete(added)
        self.session.flush()
        returned = children.return_all(made.moved, survivor.contact_id, merged.contact_id)
        Tags(self.work).take_back(ContactTag, survivor.contact_id, made.added.get("tags", []))
        kept = self._values().restore(survivor, merged, made.changed)
        merged.merged_into_id, merged.deleted_at = None, None
        merged.updated_at = survivor.updated_at = made.undone_at = self.work.now()
        self.session.flush()
        source = f"unmerge:{made.contact_merge_id}"
        for purpose, channel in sorted(refused):
            if self._answers(merged.contact_id).get((purpose, channel)):
                self._refuse(merged, purpose, channel, source)
        children.suppress_alike(survivor, merged, source)
        IdentityDecisions(self.work).decide(_node(survivor), _node(merged), "different")
        done = Undone(
            {name: len(ids) for name, ids in returned.items()},
            children.began_since(survivor.contact_id, made.merged_at),
            kept,
        )
        made.status, made.undone_by = "undone", self.work.actor.id or self.work.actor.kind
        made.report = done.as_report()
        self.session.flush()
        return done

    def of_contact(self, contact_id: str) -> list[ContactMerge]:
        """Merges that a contact took part in, undone ones too, newest first."""
        return list(
            self.session.scalars(
                select(ContactMerge)
                .where(
                    or_(ContactMerge.survivor_id == contact_id, ContactMerge.merged_id == contact_id),
                    self.readable(ContactMerge.organization_id),
                )
                .order_by(ContactMerge.merged_at.desc(), ContactMerge.contact_merge_id.desc())
            )
        )

    def _held(self, *ids: str) -> dict[str, Contact]:
        asked = (
            select(Contact)
            .where(Contact.organization_id == self.target(), Contact.contact_id.in_(ids))
            .order_by(Contact.contact_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return {contact.contact_id: contact for contact in self.session.scalars(asked)}

    def _answers(self, contact_id: str, since: datetime | None = None) -> dict[tuple[str, str], bool]:
        """The newest answer by purpose and channel, of those given after a moment; our own rows are no answers."""
        answers: dict[tuple[str, str], bool] = {}
        for consent in Consents(self.work).of_contact(contact_id):
            if since is None or (consent.occurred_at > since and not consent.source.startswith("merge:")):
                answers.setdefault((consent.purpose, consent.channel), consent.is_granted)
        return answers

    def _refuse(self, contact: Contact, purpose: str, channel: str, source: str) -> str:
        made = Consents(self.work).record(
            contact.contact_id, purpose=purpose, channel=channel, is_granted=False, source=source
        )
        return made.consent_id

    def _hand_set(self, contact: Contact) -> frozenset[str]:
        """Fields that somebody set by hand, as the audit log has it."""
        audit = Audit(self.work)
        names: set[str] = set()
        for entry in audit.about("contact", contact.contact_id):
            if entry.actor_kind == "user" and entry.action == "change":
                values = audit.values_of(entry)
                before, after = _flat(values.before or {}), _flat(values.after or {})
                names |= {name for name, value in after.items() if value != before.get(name)}
        return frozenset(names)

    def _values(self) -> MergedValues:
        def follow(contact: Contact, key: str) -> None:
            if key == "email":
                contact.email_hash = self._email_hash(contact)

        return MergedValues(self.session, KEYS, TEXT_FIELDS, follow)

    def _email_hash(self, contact: Contact) -> str | None:
        if contact.email is None:
            return None
        return EmailAddress(contact.email).hashed(Organizations(self.work).hash_key(contact.organization_id))


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields by name, attributes by theirs."""
    attributes = values.get("attributes") or {}
    plain = {name: value for name, value in values.items() if name != "attributes"}
    return plain | {f"{ATTRIBUTE}{key}": value for key, value in attributes.items()}


def _node(contact: Contact) -> str:
    return f"contact:{contact.contact_id}"
