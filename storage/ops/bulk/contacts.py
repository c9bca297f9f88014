"""Rows of a file as people: found again by address or external id, created or completed, with their stage history."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from domain.contacts import EmailAddress, LifecycleStage
from domain.ids import new_id
from domain.imports.drafts import Draft
from domain.imports.histories import contact_entries
from storage.ops import contact_index
from storage.ops.bulk.companies import CompanyBook
from storage.ops.bulk.plans import (
    FoundBy,
    Plan,
    RowResult,
    Update,
    complete,
    found_among,
    lay_attributes,
    lay_field,
    left_alone,
    told,
    without_entity,
)
from storage.ops.store import Work
from storage.ops.tables import Activity, Base, Contact, LifecycleChange, Suppression

PLAIN_FIELDS = ("first_name", "last_name", "title", "phone", "country")


class ContactPlanner:
    """Plans contacts of one import. The policy says what happens to rows whose person is here already: `skip` leaves
    them, `update` lays the row over them (blanks erase nothing), `create` refuses the row."""

    table: type[Base] = Contact

    def __init__(self, organization_id: str, import_id: str, *, file_name: str, policy: str, hash_key: bytes) -> None:
        self._organization_id, self._import_id, self._policy = organization_id, import_id, policy
        self._summary = f"Imported from {file_name}"
        self._hash_key = hash_key
        self._companies = CompanyBook(organization_id, import_id)
        self._by_email: dict[str, dict[str, Any]] = {}
        self._by_external_id: dict[str, dict[str, Any]] = {}
        self._pretended: dict[str, dict[str, Any]] = {}
        self._fields: contact_index.Fields | None = None

    def load(self, work: Work, drafts: list[Draft]) -> None:
        """Reads the contacts that the drafts may mean."""
        self._companies.load(work, drafts)
        if self._fields is None:
            self._fields = contact_index.fields_of(work.session.connection(), self._organization_id)
        emails, external_ids = told(drafts, "email"), told(drafts, "external_id")
        self._by_email, self._by_external_id = {}, {}
        for column, wanted in ((Contact.email, emails), (Contact.external_id, external_ids)):
            for found in found_among(work, Contact, self._organization_id, column, wanted):
                self._remember(self._pretended.get(found["contact_id"]) or found)
        self._follow_merges(work)
        self._companies.know(work, (row for book in self._books for row in book.values()))
        for row in self._pretended.values():
            if row["email"] in emails or row["external_id"] in external_ids:
                self._remember(row)

    def _follow_merges(self, work: Work) -> None:
        """What a merged record is known by means the contact it was merged into."""
        books = self._books
        merged = {row["merged_into_id"] for book in books for row in book.values()} - {None}
        survivors = {
            row["contact_id"]: row
            for row in found_among(work, Contact, self._organization_id, Contact.contact_id, merged)
        }
        known = {row["contact_id"]: row for book in books for row in book.values()}
        for book in books:
            for key, row in book.items():
                if survivor_id := row["merged_into_id"]:
                    found = known.get(survivor_id) or survivors[survivor_id]
                    book[key] = self._pretended.get(survivor_id) or found

    def plan(self, drafts: list[Draft], now: datetime) -> Plan:
        """What each row does; a row may meet a person planned by an earlier row."""
        plan = Plan()
        for draft in drafts:
            plan.results.append(self._decide(draft, plan, now))
        return plan

    def found_by(self, plan: Plan) -> FoundBy:
        """Of people who are new, and of those who changed in what they are found by."""
        fields = self._fields or contact_index.Fields()
        changed = [one.row for one in plan.updates.values() if not one.changed.isdisjoint(contact_index.SAID)]
        rows = [*plan.inserts.get(Contact, ()), *changed]
        return FoundBy(
            contact_index.words(rows, self._companies.called, fields),
            contact_index.values(rows, fields),
            [{"contact_id": row["contact_id"]} for row in changed],
        )

    def forget(self) -> None:
        """Somebody else wrote what the plan was about to: everything is read again."""
        self._companies.forget()

    def written(self, plan: Plan) -> None:  # noqa: ARG002  the protocol's signature
        """The planned companies are known from now on."""
        self._companies.written()

    def pretend(self, plan: Plan, keys: Collection[str]) -> None:
        """Keeps planned people whose address or id comes again."""
        for row in [*plan.inserts.get(Contact, ()), *(one.row for one in plan.updates.values())]:
            if f"email:{row['email']}" in keys or f"external_id:{row['external_id']}" in keys:
                self._pretended[row["contact_id"]] = row

    @property
    def _books(self) -> tuple[dict[str, dict[str, Any]], ...]:
        return self._by_email, self._by_external_id

    def _remember(self, row: dict[str, Any]) -> None:
        """One row object for one person, found by both keys."""
        same = self._by_email.get(row["email"] or "") or self._by_external_id.get(row["external_id"] or "")
        row = same if same is not None and same["contact_id"] == row["contact_id"] else row
        if row["email"]:
            self._by_email[row["email"]] = row
        if row["external_id"]:
            self._by_external_id[row["external_id"]] = row

    def _decide(self, draft: Draft, plan: Plan, now: datetime) -> RowResult:
        if settled := without_entity(draft):
            return settled
        by_email = self._by_email.get(draft.fields.get("email", ""))
        by_id = self._by_external_id.get(draft.fields.get("external_id", ""))
        if by_email is not None and by_id is not None and by_email is not by_id:
            return RowResult(
                draft.line, "rejected", reason="two_contacts: the address is one's, the id another's", raw=draft.raw
            )
        found = by_email if by_email is not None else by_id
        if found is None:
            return self._create(draft, plan, now)
        if self._policy != "update":
            is_ours = found["import_id"] == self._import_id
            return left_alone(draft, found["contact_id"], self._policy, is_ours=is_ours)
        return self._update(draft, found, plan, now)

    def _create(self, draft: Draft, plan: Plan, now: datetime) -> RowResult:
        facts = draft.fields
        known_at = facts.get("known_at") or now
        entries = contact_entries(facts.get("lifecycle_stage"), draft.entered, known_at=known_at, now=now)
        email = facts.get("email")
        row = plan.insert(
            Contact,
            complete(
                Contact,
                organization_id=self._organization_id,
                contact_id=new_id(),
                company_id=self._companies.company_of(draft, plan, now),
                email=email,
                email_hash=EmailAddress(email).hashed(self._hash_key) if email else None,
                external_id=facts.get("external_id"),
                first_name=facts.get("first_name", ""),
                last_name=facts.get("last_name", ""),
                title=facts.get("title", ""),
                phone=facts.get("phone", ""),
                country=facts.get("country"),
                lifecycle_stage=entries[-1][0],
                source="import",
                import_id=self._import_id,
                attributes=draft.attributes,
                known_at=known_at,
                created_at=now,
                updated_at=now,
            ),
        )
        self._remember(row)
        contact_id = row["contact_id"]
        former: str | None = None
        for stage, at in entries:
            self._enter(plan, contact_id, former, stage, at, now)
            former = stage
        plan.insert(
            Activity,
            complete(
                Activity,
                organization_id=self._organization_id,
                activity_id=new_id(),
                contact_id=contact_id,
                kind="imported",
                summary=self._summary,
                detail={"import_id": self._import_id, "line": draft.line},
                actor_id="import",
                is_automated=True,
                occurred_at=now,
                known_at=now,
            ),
        )
        self._suppress(draft, row, plan, now)
        return RowResult(draft.line, "created", contact_id, draft.reason, draft.raw if draft.warnings else None)

    def _update(self, draft: Draft, found: dict[str, Any], plan: Plan, now: datetime) -> RowResult:
        contact_id = found["contact_id"]
        seen_at = found["updated_at"]
        before: dict[str, Any] = {}
        changed = {
            name for name, value in self._news(draft, found, plan, now).items() if lay_field(found, name, value, before)
        }
        if lay_attributes(found, draft.attributes, before):
            changed.add("attributes")
        stage = draft.fields.get("lifecycle_stage")
        if stage and _moves(found["lifecycle_stage"], stage):
            self._enter(plan, contact_id, found["lifecycle_stage"], stage, draft.entered.get(stage, now), now)
            lay_field(found, "lifecycle_stage", stage, before)
            changed.add("lifecycle_stage")
        self._suppress(draft, found, plan, now)
        raw = draft.raw if draft.warnings else None
        if not changed:
            return RowResult(draft.line, "skipped", contact_id, draft.reason or "unchanged", raw)
        found["updated_at"] = now
        is_planned = any(row is found for row in plan.inserts.get(Contact, ())) if seen_at == now else False
        if not is_planned:
            one = plan.updates.setdefault(contact_id, Update(found, seen_at))
            one.changed |= changed
        return RowResult(draft.line, "updated", contact_id, draft.reason, raw, before)

    def _news(self, draft: Draft, found: dict[str, Any], plan: Plan, now: datetime) -> dict[str, Any]:
        """Told fields that may replace what is known. Address and id are added, never replaced (domain.merging)."""
        facts = draft.fields
        news = {name: facts[name] for name in PLAIN_FIELDS if facts.get(name)}
        if company_id := self._companies.company_of(draft, plan, now):
            news["company_id"] = company_id
        if facts.get("email") and not found["email"]:
            news["email"] = facts["email"]
            news["email_hash"] = EmailAddress(facts["email"]).hashed(self._hash_key)
        if facts.get("external_id") and not found["external_id"] and not facts["external_id"].startswith("row:"):
            news["external_id"] = facts["external_id"]
        if facts.get("known_at") and facts["known_at"] < found["known_at"]:
            news["known_at"] = facts["known_at"]
        if found["deleted_at"] is not None:
            news["deleted_at"] = None
        return news

    def _enter(self, plan: Plan, contact_id: str, former: str | None, stage: str, at: datetime, now: datetime) -> None:
        plan.insert(
            LifecycleChange,
            complete(
                LifecycleChange,
                organization_id=self._organization_id,
                lifecycle_change_id=new_id(),
                contact_id=contact_id,
                from_stage=former,
                to_stage=stage,
                occurred_at=at,
                known_at=now,
                actor_id=f"import:{self._import_id}",
                reason="import",
            ),
        )

    def _suppress(self, draft: Draft, row: dict[str, Any], plan: Plan, now: datetime) -> None:
        """Somebody marked as unsubscribed is left alone from now on, whatever becomes of the import."""
        if not draft.fields.get("is_unsubscribed") or not row["email_hash"]:
            return
        if all(one["value_hash"] != row["email_hash"] for one in plan.inserts.get(Suppression, ())):
            plan.insert(
                Suppression,
                complete(
                    Suppression,
                    organization_id=self._organization_id,
                    suppression_id=new_id(),
                    kind="email",
                    value_hash=row["email_hash"],
                    contact_id=row["contact_id"],
                    reason="unsubscribed",
                    source=f"import:{self._import_id}",
                    created_at=now,
                    updated_at=now,
                ),
            )


def _moves(current: str, told: str) -> bool:
    """Stages go forward; `lost` can be entered from anywhere, and left by a file that says so."""
    if told == current:
        return False
    order = LifecycleStage(told).order
    return order == -1 or order > LifecycleStage(current).order
