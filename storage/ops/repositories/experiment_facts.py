"""What became of those who met an arm: who a browser turned out to be, whose company somebody is of, and what they did."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, null, or_, select
from sqlalchemy.orm import aliased

from domain.deals import DealStage
from domain.experiments.metrics import Metric
from storage.ops.keys import among
from storage.ops.repositories.base import Repository
from storage.ops.tables import (
    Activity,
    Company,
    Contact,
    Deal,
    FormSubmission,
    IdentityDecision,
    MessageEvent,
)

SURE = 0.9
"""Confidence from which a browser is taken for a person's: what they wrote into a form, or their site vouches for."""
BROWSER, PERSON, FIRM = "anonymous:", "contact:", "company:"


@dataclass(frozen=True, slots=True)
class Happened:
    """Something happened, to whomever of these is known."""

    at: datetime
    contact_id: str | None = None
    company_id: str | None = None
    anonymous_id: str | None = None


class ExperimentFacts(Repository):
    def people_behind(self, browsers: Collection[str], organization_id: str) -> dict[str, str]:
        """The contact of each browser (`anonymous:…`) that is surely one person's; a shared one is nobody's."""
        other = aliased(IdentityDecision)
        is_denied = (
            select(other.identity_decision_id)
            .where(
                other.organization_id == IdentityDecision.organization_id,
                other.left_node == IdentityDecision.left_node,
                other.right_node == IdentityDecision.right_node,
                other.verdict == "different",
                other.revoked_at.is_(None),
            )
            .exists()
        )
        asked = select(IdentityDecision.left_node, IdentityDecision.right_node).where(
            IdentityDecision.organization_id == organization_id,
            self.readable(IdentityDecision.organization_id),
            among(IdentityDecision.left_node, self.work.store.engine.dialect, browsers),
            IdentityDecision.right_node.startswith(PERSON),
            IdentityDecision.verdict == "same",
            IdentityDecision.revoked_at.is_(None),
            IdentityDecision.confidence >= SURE,
            ~is_denied,
        )
        found: dict[str, set[str]] = {}
        for browser, person in self.session.execute(asked).tuples():
            found.setdefault(browser, set()).add(person.removeprefix(PERSON))
        survivors = self.people({one for each in found.values() for one in each}, organization_id)
        merged = {browser: {survivors[one][0] for one in each if one in survivors} for browser, each in found.items()}
        return {browser: next(iter(each)) for browser, each in merged.items() if len(each) == 1}

    def people(self, contact_ids: Collection[str], organization_id: str) -> dict[str, tuple[str, str | None]]:
        """Of each contact that is here: who it is after merges, and their company."""
        survivor = aliased(Contact)
        asked = (
            select(
                Contact.contact_id,
                func.coalesce(survivor.contact_id, Contact.contact_id),
                func.coalesce(survivor.company_id, Contact.company_id),
            )
            .outerjoin(survivor, survivor.contact_id == Contact.merged_into_id)
            .where(
                Contact.organization_id == organization_id,
                self.readable(Contact.organization_id),
                among(Contact.contact_id, self.work.store.engine.dialect, contact_ids),
            )
        )
        return {row[0]: (row[1], row[2]) for row in self.session.execute(asked).tuples()}

    def firms(self, company_ids: Collection[str], organization_id: str) -> dict[str, str]:
        """Of each company that is here: which it is after merges."""
        asked = select(Company.company_id, func.coalesce(Company.merged_into_id, Company.company_id)).where(
            Company.organization_id == organization_id,
            self.readable(Company.organization_id),
            among(Company.company_id, self.work.store.engine.dialect, company_ids),
        )
        return dict(self.session.execute(asked).tuples().all())

    def outcomes(self, metric: Metric, since: datetime, organization_id: str) -> list[Happened]:
        """Every success of an organization since a moment."""
        rows = self.session.execute(self._asked(metric, since, organization_id)).tuples()
        return [Happened(at, *rest) for at, *rest in rows if at is not None]

    def harms(self, kinds: Collection[str], since: datetime, organization_id: str) -> dict[str, list[Happened]]:
        """What happened to messages since a moment, by kind."""
        asked = select(MessageEvent.kind, MessageEvent.occurred_at, MessageEvent.contact_id).where(
            MessageEvent.organization_id == organization_id,
            self.readable(MessageEvent.organization_id),
            MessageEvent.kind.in_(sorted(kinds)),
            MessageEvent.occurred_at >= since,
        )
        found: dict[str, list[Happened]] = {kind: [] for kind in kinds}
        for kind, at, contact_id in self.session.execute(asked).tuples():
            found[kind].append(Happened(at, contact_id))
        return found

    def usual(
        self, metric: Metric, unit: str, *, now: datetime, within: timedelta, lasts: timedelta, organization_id: str
    ) -> tuple[int, int]:
        """People (or companies) who became known in the stretch of `lasts` that ended `within` ago, and how many of them
        had the outcome in the time `within` from then."""
        column = Contact.company_id if unit == "company" else Contact.contact_id
        asked = select(column, func.min(Contact.created_at)).where(
            Contact.organization_id == organization_id,
            self.readable(Contact.organization_id),
            Contact.deleted_at.is_(None),
            Contact.merged_into_id.is_(None),
            column.is_not(None),
        )
        known = {
            str(key): at
            for key, at in self.session.execute(asked.group_by(column)).tuples()
            if now - within - lasts <= at < now - within
        }
        won = set()
        happened = self.outcomes(metric, now - within - lasts, organization_id)
        people = self.people({one.contact_id for one in happened if one.contact_id}, organization_id)
        for one in happened:
            person, firm = people.get(one.contact_id or "", (None, one.company_id))
            key = (firm if unit == "company" else person) or ""
            if key in known and known[key] <= one.at < known[key] + within:
                won.add(key)
        return len(known), len(won)

    def newcomers(self, unit: str, since: datetime, organization_id: str) -> int:
        """People, or companies of people, who became known since a moment."""
        column = Contact.company_id if unit == "company" else Contact.contact_id
        asked = select(func.count(column.distinct())).where(
            Contact.organization_id == organization_id,
            self.readable(Contact.organization_id),
            Contact.created_at >= since,
            Contact.merged_into_id.is_(None),
        )
        return self.session.scalar(asked) or 0

    def _asked(self, metric: Metric, since: datetime, organization_id: str) -> Select[Any]:
        asked, at, kind = _asked_of(metric)
        return asked.where(
            kind.organization_id == organization_id, self.readable(kind.organization_id), at >= since
        ).order_by(at)


def _asked_of(metric: Metric) -> tuple[Select[Any], Any, Any]:
    """Rows of (moment, contact, company, browser), as far as they are known; the column of the moment; and the table."""
    match metric:
        case Metric.FORM_SUBMISSION:
            table: Any = FormSubmission
            asked: Select[Any] = select(table.submitted_at, table.contact_id, null(), table.anonymous_id)
            return asked.where(table.status == "accepted"), table.submitted_at, table
        case Metric.REPLY:
            table = MessageEvent
            asked = select(table.occurred_at, table.contact_id)
            return asked.where(table.kind == "replied"), table.occurred_at, table
        case Metric.MEETING:
            table = Activity
            was_task = and_(table.kind == "task_done", table.detail["kind"].as_string() == "meeting")
            asked = select(table.occurred_at, table.contact_id, table.company_id)
            return asked.where(or_(table.kind == "meeting", was_task)), table.occurred_at, table
        case Metric.DEAL_OPENED:
            table = Deal
            return select(table.opened_at, table.contact_id, table.company_id), table.opened_at, table
        case Metric.DEAL_WON:
            table = Deal
            asked = select(table.closed_at, table.contact_id, table.company_id)
            return asked.where(table.stage == DealStage.WON.value), table.closed_at, table
