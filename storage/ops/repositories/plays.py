"""Plays: what they ask about a signal, what they did before, and what they made of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from domain.contacts import LifecycleStage
from domain.deals import DealStage
from domain.plays import JOB, SETTING
from storage.ops.repositories.base import Repository
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.routing import CLOSED_DEALS, Leads
from storage.ops.store import Work
from storage.ops.tables import BuyingSignal, Company, Contact, Deal, Organization, PlayRun, Score

AT_ONCE = 500


def ask_plays(work: Work, buying_signal_ids: Sequence[str]) -> None:
    """Queues the question in the unit of work that keeps the signals; none where no play is on."""
    held = OrganizationSettings(work).current(SETTING) if buying_signal_ids else None
    if held is not None and any(each.get("is_on") for each in held.value.get("plays") or []):
        Jobs(work).enqueue(JOB, payload={"buying_signal_ids": list(buying_signal_ids)})


class PlayRuns(Repository):
    def hold(self) -> None:
        """One unit of work at a time asks or changes an organization's plays: the next one sees what it did. Whoever only
        refers to the organization does not wait."""
        asked = select(Organization.organization_id).where(Organization.organization_id == self.target())
        self.session.execute(asked.with_for_update(key_share=True))

    def add(self, buying_signal_id: str, **facts: Any) -> PlayRun:
        """What one play made of one signal. Raises NotFound for another organization's signal."""
        target = self.target()
        made = PlayRun(
            organization_id=target,
            buying_signal_id=self.own(BuyingSignal, buying_signal_id, target),
            decided_at=self.work.now(),
            **facts,
        )
        self.session.add(made)
        self.session.flush()
        return made

    def asked_before(self, buying_signal_id: str) -> set[str]:
        """Keys of the plays that were asked about a signal already."""
        asked = select(PlayRun.play_key).where(
            PlayRun.organization_id == self.target(), PlayRun.buying_signal_id == buying_signal_id
        )
        return set(self.session.scalars(asked))

    def last_fired_at(self, play_key: str, signal: BuyingSignal) -> datetime | None:
        """When a play last fired for the signal's company; for the person where there is no company."""
        about = (
            BuyingSignal.company_id == signal.company_id
            if signal.company_id
            else BuyingSignal.contact_id == signal.contact_id
        )
        return self.session.scalar(
            select(func.max(PlayRun.decided_at))
            .join(BuyingSignal, BuyingSignal.buying_signal_id == PlayRun.buying_signal_id)
            .where(*self._fired(play_key), about)
        )

    def fired_count(self, play_key: str, since: datetime) -> int:
        """How often a play fired since a moment."""
        asked = select(func.count()).select_from(PlayRun)
        return self.session.scalar(asked.where(*self._fired(play_key), PlayRun.decided_at >= since)) or 0

    def newest(self, *, limit: int = 50) -> list[tuple[PlayRun, BuyingSignal, Contact | None, Company | None]]:
        asked = (
            select(PlayRun, BuyingSignal, Contact, Company)
            .join(BuyingSignal, BuyingSignal.buying_signal_id == PlayRun.buying_signal_id)
            .outerjoin(Contact, Contact.contact_id == BuyingSignal.contact_id)
            .outerjoin(Company, Company.company_id == BuyingSignal.company_id)
            .where(PlayRun.organization_id == self.target())
            .order_by(PlayRun.decided_at.desc(), PlayRun.play_run_id.desc())
            .limit(limit)
        )
        found: list[Any] = [tuple(row) for row in self.session.execute(asked)]
        return found

    def counts(self, since: datetime) -> dict[tuple[str, str], int]:
        """How often each play answered what since a moment: by key and reason."""
        asked = (
            select(PlayRun.play_key, PlayRun.reason, func.count())
            .where(PlayRun.organization_id == self.target(), PlayRun.decided_at >= since)
            .group_by(PlayRun.play_key, PlayRun.reason)
        )
        return {(key, reason): count for key, reason, count in self.session.execute(asked).tuples()}

    def _fired(self, play_key: str) -> tuple[ColumnElement[bool], ...]:
        return (PlayRun.organization_id == self.target(), PlayRun.play_key == play_key, PlayRun.outcome == "fired")


class PlayFacts(Repository):
    """Signals and whom they are about, as plays see them."""

    def signal(self, buying_signal_id: str) -> BuyingSignal | None:
        asked = select(BuyingSignal).where(
            BuyingSignal.organization_id == self.target(), BuyingSignal.buying_signal_id == buying_signal_id
        )
        return self.session.scalars(asked).first()

    def recorded_since(self, since: datetime, kinds: Collection[str], *, limit: int) -> list[BuyingSignal]:
        """The newest signals of some kinds that came since a moment, in the order they came."""
        asked = select(BuyingSignal).where(
            BuyingSignal.organization_id == self.target(),
            BuyingSignal.created_at >= since,
            BuyingSignal.kind.in_(sorted(kinds)),
        )
        newest = asked.order_by(BuyingSignal.created_at.desc(), BuyingSignal.buying_signal_id.desc()).limit(limit)
        return list(reversed(self.session.scalars(newest).all()))

    def of(self, signals: Sequence[BuyingSignal]) -> dict[str, dict[str, Any]]:
        """What plays may ask (`domain.plays.decide`), by signal; at most `AT_ONCE` are asked for."""
        people = Leads(self.work).facts_of(sorted({one.contact_id for one in signals if one.contact_id}))
        wanted = sorted({one.company_id for one in signals if one.company_id})
        asked = select(Company).where(Company.organization_id == self.target(), Company.company_id.in_(wanted))
        firms = {firm.company_id: firm for firm in self.session.scalars(asked)}
        customers, busy = self._customers(signals), self._open_deals(signals)
        return {
            one.buying_signal_id: {
                **_facts(one, people.get(one.contact_id or ""), firms.get(one.company_id or "")),
                "is_customer": bool({one.contact_id, one.company_id} & customers),
                "has_open_deal": bool({one.contact_id, one.company_id} & busy),
            }
            for one in signals
        }

    def people_of(self, signal: BuyingSignal, *, most: int) -> list[Contact]:
        """Whom a play acts on: the person the signal is about; or else those of the company that score best and can be
        written to."""
        asked = select(Contact).where(Contact.organization_id == self.target(), Contact.deleted_at.is_(None))
        if signal.contact_id:
            return list(self.session.scalars(asked.where(Contact.contact_id == signal.contact_id)))
        if not signal.company_id:
            return []
        ordered = (
            asked.outerjoin(Score, Score.contact_id == Contact.contact_id)
            .where(Contact.company_id == signal.company_id, Contact.email.is_not(None))
            .order_by(func.coalesce(Score.score, -1).desc(), Contact.created_at, Contact.contact_id)
        )
        return list(self.session.scalars(ordered.limit(most)))

    def _customers(self, signals: Sequence[BuyingSignal]) -> set[str | None]:
        """Ids of people who are customers, and of companies where somebody is or that bought."""
        people = select(Contact.contact_id, Contact.company_id).where(
            self._about(Contact.contact_id, Contact.company_id, signals),
            Contact.organization_id == self.target(),
            Contact.deleted_at.is_(None),
            Contact.lifecycle_stage == LifecycleStage.CUSTOMER.value,
        )
        return self._ids(people) | self._of_deals(signals, Deal.stage == DealStage.WON.value)

    def _open_deals(self, signals: Sequence[BuyingSignal]) -> set[str | None]:
        return self._of_deals(signals, Deal.stage.not_in(CLOSED_DEALS))

    def _of_deals(self, signals: Sequence[BuyingSignal], standing: ColumnElement[bool]) -> set[str | None]:
        return self._ids(
            select(Deal.contact_id, Deal.company_id).where(
                self._about(Deal.contact_id, Deal.company_id, signals), Deal.organization_id == self.target(), standing
            )
        )

    def _about(self, contact_id: Any, company_id: Any, signals: Sequence[BuyingSignal]) -> ColumnElement[bool]:
        return or_(
            contact_id.in_(sorted({one.contact_id for one in signals if one.contact_id})),
            company_id.in_(sorted({one.company_id for one in signals if one.company_id})),
        )

    def _ids(self, asked: Any) -> set[str | None]:
        return {found for row in self.session.execute(asked) for found in row if found}


def _facts(signal: BuyingSignal, person: Mapping[str, Any] | None, firm: Company | None) -> dict[str, Any]:
    """The person's attributes go before the company's of the same name."""
    held = person or {}
    return {
        "strength": signal.strength,
        "signal_source": signal.source,
        "country": held.get("country") or (firm.country if firm else None),
        "industry": firm.industry if firm else None,
        "employee_count": firm.employee_count if firm else None,
        "title": held.get("title"),
        "score": held.get("score"),
        "band": held.get("band"),
        "is_person_known": person is not None,
        "attributes": {**((firm.attributes or {}) if firm else {}), **(held.get("attributes") or {})},
    }
