"""People: found by address or external id, created, completed, moved through the funnel. Lists are `contact_lists`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from domain.contacts import EmailAddress, LifecycleStage
from domain.decisions import DecisionKind
from domain.errors import Conflict, InvalidInput, NotFound
from domain.merging import ContactFacts, MergePolicy, merged
from storage.ops import contact_index
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.base import Repository
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.organizations import Organizations
from storage.ops.tables import Contact, LifecycleChange

KNOWN = (
    "email",
    "external_id",
    "first_name",
    "last_name",
    "title",
    "phone",
    "country",
    "company_id",
    "owner_user_id",
    "attributes",
)


@dataclass(frozen=True, slots=True)
class Upserted:
    """`outcome`: `created`, `updated` or `unchanged`; `before` holds the former values of what changed."""

    contact: Contact
    outcome: str
    before: Mapping[str, Any]


class Contacts(Repository):
    """Look-ups by address or external id mean the organization that the unit of work writes for. What a merged record is
    known by leads to the contact it was merged into."""

    def find(self, contact_id: str) -> Contact | None:
        """The contact, or the one it was merged into."""
        return self.surviving(self.by_id(Contact, contact_id))

    def of(self, contact_ids: Sequence[str]) -> dict[str, Contact]:
        """By id; those that are not (or no more) here are left out."""
        asked = select(Contact).where(Contact.contact_id.in_(contact_ids), Contact.deleted_at.is_(None))
        found = self.session.scalars(asked.where(self.readable(Contact.organization_id)))
        return {contact.contact_id: contact for contact in found}

    def get(self, contact_id: str) -> Contact:
        """Raises NotFound."""
        found = self.find(contact_id)
        if found is None:
            raise NotFound
        return found

    def find_by_email(self, email: EmailAddress, organization_id: str | None = None) -> Contact | None:
        return self._find_where(organization_id, email=email.value)

    def find_by_external_id(self, external_id: str, organization_id: str | None = None) -> Contact | None:
        return self._find_where(organization_id, external_id=external_id)

    def upsert(
        self,
        facts: ContactFacts,
        *,
        policy: MergePolicy = MergePolicy.FILL_BLANKS,
        source: str,
        stage: LifecycleStage = LifecycleStage.LEAD,
        occurred_at: datetime | None = None,
        organization_id: str | None = None,
        import_id: str | None = None,
    ) -> Upserted:
        """The person with this address (else this external id), created or completed under the policy.

        `occurred_at` is when it happened (default now); a new contact enters the funnel at `stage` with a history row.
        Raises InvalidInput without address and external id, Conflict where the two name different people.
        """
        target = self.target(organization_id)
        if not facts.email and not facts.external_id:
            raise InvalidInput("a contact needs an e-mail address or an external id")
        at = occurred_at or self.work.now()
        found = self._match(facts, target)
        if found is None:
            try:
                with self.session.begin_nested():
                    made = self._create(facts, target, source, stage, at, import_id)
            except IntegrityError as error:  # somebody else created them in this moment
                found = self._match(facts, target)
                if found is None:
                    raise Conflict("this contact is being changed; try again") from error
            else:
                return Upserted(made, "created", {})
        before = self._lay_over(found, facts, policy)
        return Upserted(found, "updated" if before else "unchanged", before)

    def add(self, facts: ContactFacts, *, source: str, stage: LifecycleStage = LifecycleStage.LEAD) -> Contact:
        """A new contact, never one that is there: raises Conflict where the address or the external id is known. Without
        either, nobody can be told from them; such a record stands for itself until it is merged."""
        target, at = self.target(), self.work.now()
        known = Conflict("this contact is here already", hint="Search for the address, and change what is there.")
        if self._match(facts, target) is not None:
            raise known
        try:
            with self.session.begin_nested():
                return self._create(facts, target, source, stage, at, None)
        except IntegrityError as error:  # somebody else created them in this moment
            raise known from error

    def readdress(self, contact: Contact, email: EmailAddress) -> None:
        """Gives a contact that is held another address. Raises Conflict where it is somebody else's, or of a record that
        was merged or archived."""
        target = self.writable(contact.organization_id)
        taken = select(Contact.contact_id).where(Contact.organization_id == target, Contact.email == email.value)
        known = Conflict(
            "another contact has this address", hint="Merge the two, or correct the address of the other one first."
        )
        if self.session.scalar(taken) not in {None, contact.contact_id}:
            raise known
        try:
            with self.session.begin_nested():
                contact.email, contact.email_hash = email.value, self._hash(email, target)
                self.session.flush()
        except IntegrityError as error:  # somebody else got it in this moment
            raise known from error

    def move_to(
        self,
        contact: Contact,
        stage: LifecycleStage,
        *,
        reason: str,
        occurred_at: datetime | None = None,
        backwards: bool = False,
    ) -> bool:
        """Enters a stage of the funnel, with a history row and a line in the timeline; answers whether it moved.

        Without `backwards` an earlier stage changes nothing; `lost` can be entered from anywhere.
        """
        self.writable(contact.organization_id)
        former = LifecycleStage(contact.lifecycle_stage)
        if former is stage or (stage is not LifecycleStage.LOST and stage.order < former.order and not backwards):
            return False
        contact.lifecycle_stage = stage.value
        self._record_stage(contact, former.value, stage, occurred_at or self.work.now(), reason)
        return True

    def history_of(self, contact_id: str) -> list[LifecycleChange]:
        """The stages a contact went through, oldest first."""
        return list(
            self.session.scalars(
                select(LifecycleChange)
                .where(LifecycleChange.contact_id == contact_id, self.readable(LifecycleChange.organization_id))
                .order_by(LifecycleChange.occurred_at, LifecycleChange.lifecycle_change_id)
            )
        )

    def ids_by_external_id(self, external_ids: Sequence[str], organization_id: str | None = None) -> dict[str, str]:
        """Contact ids of those external ids that are known, by external id; at most 500 are asked for."""
        found = self.session.execute(
            select(Contact.external_id, Contact.contact_id).where(
                Contact.organization_id == self.target(organization_id), Contact.external_id.in_(external_ids)
            )
        )
        return {str(external_id): contact_id for external_id, contact_id in found}

    def moves_of(self, contact_ids: Sequence[str]) -> set[tuple[str, str, datetime]]:
        """What the history of these contacts holds: contact id, stage entered, and when; at most 500 are asked for."""
        found = self.session.execute(
            select(LifecycleChange.contact_id, LifecycleChange.to_stage, LifecycleChange.occurred_at).where(
                LifecycleChange.contact_id.in_(contact_ids), self.readable(LifecycleChange.organization_id)
            )
        )
        return {(contact_id, stage, occurred_at) for contact_id, stage, occurred_at in found}

    def insert_many(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """New contacts in bulk, as mappings of column to value (`known_at` required; addresses already parsed).

        Fills ids, stamps and `email_hash`. Writes no stage history: history generators and imports bring their own
        rows (`insert_history`). Answers the rows as written.
        """
        keys: dict[str, bytes] = {}
        ready = []
        for row in rows:
            target = self.target(row.get("organization_id"))
            address = row.get("email")
            if address and "email_hash" not in row:
                if target not in keys:
                    keys[target] = Organizations(self.work).hash_key(target)
                row = {**row, "email_hash": EmailAddress(str(address)).hashed(keys[target])}  # noqa: PLW2901
            ready.append(row)
        written = self.insert_rows(Contact, ready)
        contact_index.write(self.session.connection(), written)
        return written

    def insert_history(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Stage changes in bulk (contact_id, from_stage, to_stage, occurred_at, known_at, reason …)."""
        return self.insert_rows(LifecycleChange, rows)

    def _find_where(self, organization_id: str | None, **values: str) -> Contact | None:
        asked = select(Contact).filter_by(organization_id=self.target(organization_id), **values).limit(1)
        return self.surviving(self.session.scalars(asked).first())

    def _match(self, facts: ContactFacts, target: str) -> Contact | None:
        by_email = self._find_where(target, email=facts.email.value) if facts.email else None
        by_id = self._find_where(target, external_id=facts.external_id) if facts.external_id else None
        if by_email and by_id and by_email is not by_id:
            raise Conflict(
                "the address and the external id belong to two contacts", hint="Merge the two, or send one of them."
            )
        if by_id and not by_email and facts.email and by_id.email and by_id.email != facts.email.value:
            return by_id  # the address is another one of theirs: it is not replaced (domain.merging)
        return by_email or by_id

    def _create(
        self,
        facts: ContactFacts,
        target: str,
        source: str,
        stage: LifecycleStage,
        at: datetime,
        import_id: str | None,
    ) -> Contact:
        now = self.work.now()
        made = Contact(
            organization_id=target,
            email=facts.email.value if facts.email else None,
            email_hash=self._hash(facts.email, target),
            external_id=facts.external_id,
            lifecycle_stage=stage.value,
            source=source,
            import_id=import_id,
            attributes={key: value for key, value in facts.attributes.items() if value not in (None, "")},
            known_at=at,
            created_at=now,
            updated_at=now,
            **facts.values,
        )
        self.session.add(made)
        self.session.flush()
        self.session.add(self._stage_row(made, None, stage, at, source))
        self.session.flush()
        self._explain_stage(made, None, stage, f"came_by_{source}")
        return made

    def _lay_over(self, contact: Contact, facts: ContactFacts, policy: MergePolicy) -> dict[str, Any]:
        known = {name: getattr(contact, name) for name in KNOWN}
        fields, attributes = merged(known, facts, policy)
        if attributes is not None:
            fields["attributes"] = attributes
        if "email" in fields and facts.email:
            fields["email_hash"] = self._hash(facts.email, contact.organization_id)
        before = {name: getattr(contact, name) for name in fields}
        for name, value in fields.items():
            setattr(contact, name, value)
        if contact.deleted_at is not None:
            before["deleted_at"], contact.deleted_at = contact.deleted_at, None
        if before:
            contact.updated_at = self.work.now()
        self.session.flush()
        return before

    def _hash(self, email: EmailAddress | None, organization_id: str) -> str | None:
        return email.hashed(Organizations(self.work).hash_key(organization_id)) if email else None

    def _record_stage(
        self, contact: Contact, former: str | None, stage: LifecycleStage, at: datetime, reason: str
    ) -> None:
        self.session.add(self._stage_row(contact, former, stage, at, reason))
        self._explain_stage(contact, former, stage, reason)
        Activities(self.work).add(
            kind="stage_change",
            contact_id=contact.contact_id,
            summary=f"{former} → {stage.value}",
            detail={"from": former, "to": stage.value, "reason": reason},
            occurred_at=at,
            organization_id=contact.organization_id,
        )

    def _explain_stage(self, contact: Contact, former: str | None, stage: LifecycleStage, reason: str) -> None:
        """In the ledger, but where a person chose: that is no decision of ours, and the history has it."""
        if self.work.actor.kind != "user":
            Decisions(self.work).record(
                DecisionKind.PROMOTE, "contact", contact.contact_id, stage.value, reason, {"from_stage": former},
                organization_id=contact.organization_id,
            )  # fmt: skip

    def _stage_row(
        self, contact: Contact, former: str | None, stage: LifecycleStage, at: datetime, reason: str
    ) -> LifecycleChange:
        return LifecycleChange(
            organization_id=contact.organization_id,
            contact_id=contact.contact_id,
            from_stage=former,
            to_stage=stage.value,
            occurred_at=at,
            known_at=self.work.now(),
            actor_kind=self.work.actor.kind,
            actor_id=self.work.actor.id,
            reason=reason,
        )
