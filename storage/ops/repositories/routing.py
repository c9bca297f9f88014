"""What routing asks of the store: the turns of its pools, people's duty and load, and the facts of leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from domain.contacts import LifecycleStage
from domain.deals import DealStage
from domain.ids import new_id
from storage.ops.insertion import upsertion
from storage.ops.repositories.base import Repository
from storage.ops.repositories.listing import owned
from storage.ops.tables import Company, Contact, Deal, FormSubmission, RepDuty, RoutingTurn, Score

OPEN_STAGES = (LifecycleStage.LEAD, LifecycleStage.MQL, LifecycleStage.SQL, LifecycleStage.OPPORTUNITY)
CLOSED_DEALS = (DealStage.WON, DealStage.LOST)


class RoutingTurns(Repository):
    def held(self, rules: Iterable[str]) -> dict[str, dict[str, int]]:
        """The state of each rule's pool, held until the unit of work ends: one lead at a time takes its turn."""
        target, wanted = self.target(), sorted(set(rules))
        if not wanted:
            return {}
        fresh = [{"routing_turn_id": new_id(), "organization_id": target, "rule": rule, "turns": {}} for rule in wanted]
        self.session.execute(upsertion(RoutingTurn, self.work.store.engine.dialect).on_conflict_do_nothing(), fresh)
        return {row.rule: dict(row.turns) for row in self._rows(wanted)}

    def keep(self, rule: str, turns: Mapping[str, int]) -> None:
        """After a lead was dealt from a pool that is held."""
        for row in self._rows([rule]):
            row.turns = dict(turns)
        self.session.flush()

    def _rows(self, rules: Sequence[str]) -> list[RoutingTurn]:
        asked = select(RoutingTurn).where(RoutingTurn.organization_id == self.target(), RoutingTurn.rule.in_(rules))
        return list(self.session.scalars(asked.order_by(RoutingTurn.rule).with_for_update()))


class RepDuties(Repository):
    def all(self) -> dict[str, dict[str, Any]]:
        """Duty by person; who has none works at all hours and without a limit."""
        rows = self.session.scalars(select(RepDuty).where(RepDuty.organization_id == self.target()))
        return {row.user_id: dict(row.duty) for row in rows}

    def put(self, user_id: str, duty: Mapping[str, Any]) -> RepDuty:
        """Callers have checked that the person works here (`require_member`)."""
        target = self.target()
        found = self.session.scalar(
            select(RepDuty).where(RepDuty.organization_id == target, RepDuty.user_id == user_id).with_for_update()
        )
        if found is None:
            found = RepDuty(organization_id=target, user_id=user_id)
            self.session.add(found)
        found.duty = dict(duty)
        self.session.flush()
        return found


class Leads(Repository):
    """Contacts as routing sees them."""

    def open_counts(self, user_ids: Iterable[str]) -> Counter[str]:
        """What people work on now: the contacts they own from lead to opportunity, and their open deals."""
        target, wanted = self.target(), sorted(set(user_ids))
        contacts = (
            select(Contact.owner_user_id, func.count())
            .where(
                Contact.organization_id == target,
                Contact.owner_user_id.in_(wanted),
                Contact.lifecycle_stage.in_(OPEN_STAGES),
                Contact.deleted_at.is_(None),
            )
            .group_by(Contact.owner_user_id)
        )
        deals = (
            select(Deal.owner_user_id, func.count())
            .where(Deal.organization_id == target, Deal.owner_user_id.in_(wanted), Deal.stage.not_in(CLOSED_DEALS))
            .group_by(Deal.owner_user_id)
        )
        counted: Counter[str] = Counter()
        for query in (contacts, deals):
            for user_id, count in self.session.execute(query).tuples():
                counted[str(user_id)] += count
        return counted

    def facts_of(self, contact_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """What rules may ask (`domain.routing.FIELDS`), by contact; at most 500 are asked for.

        The owner of a company is whoever owns most of its other contacts; a company is known where it has any.
        """
        target = self.target()
        found = self.session.execute(
            select(Contact, Company, Score)
            .outerjoin(Company, Company.company_id == Contact.company_id)
            .outerjoin(Score, Score.contact_id == Contact.contact_id)
            .where(owned(self.work, Contact.organization_id, target), Contact.contact_id.in_(contact_ids))
        ).all()
        amounts = self._amounts(contact_ids)
        mediums = self._mediums(contact_ids)
        peers = self._peers({company.company_id for _, company, _ in found if company is not None})
        facts = {}
        for contact, company, score in found:
            others = Counter(peers.get(contact.company_id or "", {}))
            others[contact.owner_user_id] -= 1
            attributes = contact.attributes or {}
            facts[contact.contact_id] = {
                "country": contact.country or (company.country if company else None),
                "language": attributes.get("language"),
                "industry": company.industry if company else None,
                "employee_count": company.employee_count if company else None,
                "source": contact.source,
                "channel": attributes.get("channel") or mediums.get(contact.contact_id),
                "band": score.band if score else None,
                "score": score.score if score else None,
                "title": contact.title or None,
                "email_domain": contact.email.rpartition("@")[2] if contact.email else None,
                "deal_amount_minor": amounts.get(contact.contact_id),
                "is_known_company": company is not None and others.total() > 0,
                "attributes": attributes,
                "owner_user_id": contact.owner_user_id,
                "company_owner_user_id": _most(others) if company else None,
            }
        return facts

    def recent(self, since: datetime, *, limit: int) -> list[Contact]:
        """The newest contacts since then, oldest first."""
        asked = select(Contact).where(
            Contact.organization_id == self.target(), Contact.created_at >= since, Contact.deleted_at.is_(None)
        )
        newest = asked.order_by(Contact.created_at.desc(), Contact.contact_id.desc()).limit(limit)
        return list(reversed(self.session.scalars(newest).all()))

    def unowned_of_import(self, import_id: str, *, limit: int) -> list[Contact]:
        """Contacts that an import made and nobody owns yet, in order of their ids."""
        asked = select(Contact).where(
            Contact.organization_id == self.target(),
            Contact.import_id == import_id,
            Contact.owner_user_id.is_(None),
            Contact.deleted_at.is_(None),
        )
        return list(self.session.scalars(asked.order_by(Contact.contact_id).limit(limit)))

    def held(self, contact_id: str) -> Contact:
        """The contact, held until the unit of work ends. Raises NotFound."""
        return self.one(
            select(Contact)
            .where(
                Contact.contact_id == contact_id,
                Contact.organization_id == self.target(),
                Contact.deleted_at.is_(None),
            )
            .with_for_update()
        )

    def _amounts(self, contact_ids: Sequence[str]) -> dict[str, int]:
        """The largest open deal of each contact, in minor units."""
        asked = (
            select(Deal.contact_id, func.max(Deal.amount_minor))
            .where(
                Deal.organization_id == self.target(),
                Deal.contact_id.in_(contact_ids),
                Deal.stage.not_in(CLOSED_DEALS),
            )
            .group_by(Deal.contact_id)
        )
        return {str(contact_id): amount for contact_id, amount in self.session.execute(asked).tuples()}

    def _mediums(self, contact_ids: Sequence[str]) -> dict[str, str]:
        """The medium of the campaign that each contact's newest form submission named."""
        asked = (
            select(FormSubmission.contact_id, FormSubmission.utm)
            .where(FormSubmission.organization_id == self.target(), FormSubmission.contact_id.in_(contact_ids))
            .order_by(FormSubmission.submitted_at, FormSubmission.form_submission_id)
        )
        named = self.session.execute(asked).tuples()
        return {str(contact_id): utm["medium"] for contact_id, utm in named if utm.get("medium")}

    def _peers(self, company_ids: Iterable[str]) -> dict[str, Counter[str | None]]:
        """How many contacts of each company each person owns; None counts those without an owner."""
        asked = (
            select(Contact.company_id, Contact.owner_user_id, func.count())
            .where(
                Contact.organization_id == self.target(),
                Contact.company_id.in_(sorted(company_ids)),
                Contact.deleted_at.is_(None),
            )
            .group_by(Contact.company_id, Contact.owner_user_id)
        )
        peers: dict[str, Counter[str | None]] = {}
        for company_id, owner, count in self.session.execute(asked).tuples():
            peers.setdefault(str(company_id), Counter())[owner] = count
        return peers


def _most(others: Counter[str | None]) -> str | None:
    """Who owns most of them; of equals the first id."""
    owners = {owner: count for owner, count in others.items() if owner is not None and count > 0}
    return max(sorted(owners), key=owners.__getitem__, default=None)
