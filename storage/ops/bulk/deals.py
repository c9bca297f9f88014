"""Rows of a file as deals: found again by external id, tied to their contact and company, with their stage history."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from domain.ids import new_id
from domain.imports.drafts import Draft
from domain.imports.histories import deal_entries
from storage.ops.bulk.companies import CompanyBook
from storage.ops.bulk.plans import (
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
from storage.ops.tables import Base, Contact, Deal, DealStageChange

PLAIN_FIELDS = ("name", "pipeline", "probability", "amount_minor", "currency", "opened_at", "closed_at", "lost_reason")


class DealPlanner:
    """Plans deals of one import; the policy as for contacts. A contact that is not here leaves the deal unlinked, with
    a warning: a deal's file is no list of people."""

    table: type[Base] = Deal

    def __init__(self, organization_id: str, import_id: str, *, policy: str, currency: str) -> None:
        self._organization_id, self._import_id = organization_id, import_id
        self._policy, self._currency = policy, currency
        self._companies = CompanyBook(organization_id, import_id)
        self._deals: dict[str, dict[str, Any]] = {}
        self._contacts: dict[str, str] = {}
        self._pretended: dict[str, dict[str, Any]] = {}

    def load(self, work: Work, drafts: list[Draft]) -> None:
        """Reads the deals and contacts that the drafts may mean."""
        self._companies.load(work, drafts)
        ids = told(drafts, "external_id")
        found = found_among(work, Deal, self._organization_id, Deal.external_id, ids)
        self._deals = {row["external_id"]: row for row in found}
        self._deals |= {found: self._pretended[found] for found in ids if found in self._pretended}
        self._contacts = {}
        for name, column in (("email", Contact.email), ("external_id", Contact.external_id)):
            for row in found_among(work, Contact, self._organization_id, column, told(drafts, f"contact_{name}")):
                self._contacts[f"{name}:{row[name]}"] = row["contact_id"]

    def plan(self, drafts: list[Draft], now: datetime) -> Plan:
        """What each row does."""
        plan = Plan()
        for draft in drafts:
            plan.results.append(self._decide(draft, plan, now))
        return plan

    def found_by(self, plan: Plan) -> None:
        """Deals are no contacts."""

    def forget(self) -> None:
        """Somebody else wrote what the plan was about to: everything is read again."""
        self._companies.forget()

    def written(self, plan: Plan) -> None:  # noqa: ARG002  the protocol's signature
        """The planned companies are known from now on."""
        self._companies.written()

    def pretend(self, plan: Plan, keys: Collection[str]) -> None:
        """Keeps planned deals whose id comes again."""
        for row in [*plan.inserts.get(Deal, ()), *(one.row for one in plan.updates.values())]:
            if f"external_id:{row['external_id']}" in keys:
                self._pretended[row["external_id"]] = row

    def _decide(self, draft: Draft, plan: Plan, now: datetime) -> RowResult:
        if settled := without_entity(draft):
            return settled
        contact_id = self._contact_of(draft)
        found = self._deals.get(draft.fields["external_id"])
        if found is None:
            return self._create(draft, contact_id, plan, now)
        if self._policy != "update":
            is_ours = found["import_id"] == self._import_id
            return left_alone(draft, found["deal_id"], self._policy, is_ours=is_ours)
        return self._update(draft, found, contact_id, plan, now)

    def _contact_of(self, draft: Draft) -> str | None:
        facts = draft.fields
        email, external_id = facts.get("contact_email"), facts.get("contact_external_id")
        found = self._contacts.get(f"email:{email}") or self._contacts.get(f"external_id:{external_id}")
        missing = "contact_not_found: the deal is not linked to a person"
        if found is None and (email or external_id) and missing not in draft.warnings:
            draft.warnings.append(missing)
        return found

    def _create(self, draft: Draft, contact_id: str | None, plan: Plan, now: datetime) -> RowResult:
        facts = draft.fields
        stage = facts["stage"]
        opened_at = facts.get("opened_at") or min([*draft.entered.values(), facts.get("closed_at") or now, now])
        entries = deal_entries(stage, draft.entered, opened_at=opened_at, closed_at=facts.get("closed_at"), now=now)
        closed_at = (facts.get("closed_at") or entries[-1][1]) if stage in {"won", "lost"} else None
        external_id = facts["external_id"]
        row = plan.insert(
            Deal,
            complete(
                Deal,
                organization_id=self._organization_id,
                deal_id=new_id(),
                contact_id=contact_id,
                company_id=self._companies.company_of(draft, plan, now),
                external_id=external_id,
                name=facts.get("name") or facts.get("company_name") or f"Deal {external_id}",
                pipeline=facts.get("pipeline", "default"),
                stage=stage,
                probability=facts.get("probability"),
                amount_minor=facts.get("amount_minor", 0),
                currency=facts.get("currency", self._currency),
                opened_at=opened_at,
                closed_at=closed_at,
                lost_reason=facts.get("lost_reason"),
                import_id=self._import_id,
                attributes=draft.attributes,
                created_at=now,
                updated_at=now,
            ),
        )
        self._deals[external_id] = row
        former: str | None = None
        for entered, at in entries:
            self._enter(plan, row["deal_id"], former, entered, at, now)
            former = entered
        raw = draft.raw if draft.warnings else None
        return RowResult(draft.line, "created", row["deal_id"], draft.reason, raw)

    def _update(
        self, draft: Draft, found: dict[str, Any], contact_id: str | None, plan: Plan, now: datetime
    ) -> RowResult:
        facts, seen_at, former = draft.fields, found["updated_at"], found["stage"]
        news = {name: facts[name] for name in PLAIN_FIELDS if facts.get(name) is not None}
        links = {"contact_id": contact_id, "company_id": self._companies.company_of(draft, plan, now)}
        news |= {name: value for name, value in links.items() if value}
        news["stage"] = facts["stage"]
        if facts["stage"] in {"won", "lost"} and not (news.get("closed_at") or found["closed_at"]):
            news["closed_at"] = draft.entered.get(facts["stage"], now)
        before: dict[str, Any] = {}
        changed = {name for name, value in news.items() if lay_field(found, name, value, before)}
        if lay_attributes(found, draft.attributes, before):
            changed.add("attributes")
        raw = draft.raw if draft.warnings else None
        if not changed:
            return RowResult(draft.line, "skipped", found["deal_id"], draft.reason or "unchanged", raw)
        if "stage" in changed:
            at = draft.entered.get(facts["stage"]) or (news.get("closed_at") if "closed_at" in changed else None) or now
            self._enter(plan, found["deal_id"], former, facts["stage"], at, now)
        found["updated_at"] = now
        if all(row is not found for row in plan.inserts.get(Deal, ())):
            one = plan.updates.setdefault(found["deal_id"], Update(found, seen_at))
            one.changed |= changed
        return RowResult(draft.line, "updated", found["deal_id"], draft.reason, raw, before)

    def _enter(self, plan: Plan, deal_id: str, former: str | None, stage: str, at: datetime, now: datetime) -> None:
        plan.insert(
            DealStageChange,
            complete(
                DealStageChange,
                organization_id=self._organization_id,
                deal_stage_change_id=new_id(),
                deal_id=deal_id,
                from_stage=former,
                to_stage=stage,
                occurred_at=at,
                known_at=now,
                actor_id=f"import:{self._import_id}",
            ),
        )
