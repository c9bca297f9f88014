"""People on their way through sequences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from domain.errors import NotFound
from domain.filters import Condition, FieldType, Sort
from storage.ops.repositories.base import Repository
from storage.ops.repositories.listing import ListField, Page, clause, page
from storage.ops.tables import Company, Contact, Enrolment

FIELDS = {
    "sequence_id": ListField(FieldType.TEXT, Enrolment.sequence_id),
    "contact_id": ListField(FieldType.TEXT, Enrolment.contact_id),
    "company_id": ListField(FieldType.TEXT, Enrolment.company_id),
    "status": ListField(FieldType.TEXT, Enrolment.status),
    "reason": ListField(FieldType.TEXT, Enrolment.reason),
    "step_id": ListField(FieldType.TEXT, Enrolment.step_id),
    "sent_count": ListField(FieldType.INTEGER, Enrolment.sent_count),
    "created_at": ListField(FieldType.DATETIME, Enrolment.created_at, is_sortable=True),
    "next_at": ListField(FieldType.DATETIME, Enrolment.next_at, is_sortable=True),
}
NEWEST = Sort("created_at", descending=True)
LIVE = ("active", "paused", "held")


class Enrolments(Repository):
    def add_all(self, rows: Iterable[Mapping[str, Any]]) -> int:
        """Many at once, at most 500 in a transaction; answers how many. Who may be enrolled was asked before."""
        return len(self.insert_rows(Enrolment, rows))

    def get(self, enrolment_id: str) -> Enrolment:
        """Raises NotFound."""
        found = self.by_id(Enrolment, enrolment_id)
        if found is None:
            raise NotFound("There is no such enrolment here.")
        return found

    def page(
        self, conditions: Iterable[Condition], *, sort: Sort = NEWEST, limit: int = 50, cursor: str | None = None
    ) -> Page:
        """Enrolments with their contacts and companies."""
        asked: Select[*tuple[Any, ...]] = (
            select(Enrolment, Contact, Company)
            .join(Contact, Contact.contact_id == Enrolment.contact_id)
            .outerjoin(Company, Company.company_id == Contact.company_id)
            .where(self.readable(Enrolment.organization_id))
            .where(*(clause(condition, FIELDS[condition.field]) for condition in conditions))
        )
        return page(
            self.work, asked, fields=FIELDS, key=Enrolment.enrolment_id, sort=sort, limit=limit, cursor=cursor,
            with_total=True,
        )  # fmt: skip

    def people_by_mailbox(self) -> dict[str, int]:
        """How many are on their way in threads of each mailbox."""
        asked = (
            select(Enrolment.mailbox_id, func.count())
            .where(
                Enrolment.organization_id == self.target(),
                Enrolment.mailbox_id.is_not(None),
                Enrolment.status.in_(LIVE),
            )
            .group_by(Enrolment.mailbox_id)
        )
        return {str(mailbox_id): int(number) for mailbox_id, number in self.session.execute(asked).tuples()}

    def due(
        self, sequence_id: str, now: datetime, *, limit: int, priority: int, organization_id: str | None = None
    ) -> list[str]:
        """Ids of those who are due, longest due first: people already written to (1), or new ones (0)."""
        asked = (
            select(Enrolment.enrolment_id)
            .where(
                Enrolment.sequence_id == sequence_id,
                Enrolment.organization_id == self.target(organization_id),
                Enrolment.status == "active",
                Enrolment.priority == priority,
                Enrolment.next_at <= now,
            )
            .order_by(Enrolment.next_at, Enrolment.enrolment_id)
            .limit(limit)
        )
        return list(self.session.scalars(asked))

    def next_due(self, sequence_id: str, organization_id: str | None = None) -> datetime | None:
        """When the next of a sequence is due; None where nobody is on the way."""
        moments = [
            self.session.scalar(
                select(func.min(Enrolment.next_at)).where(
                    Enrolment.sequence_id == sequence_id,
                    Enrolment.organization_id == self.target(organization_id),
                    Enrolment.status == "active",
                    Enrolment.priority == priority,
                )
            )
            for priority in (0, 1)
        ]
        return min((moment for moment in moments if moment is not None), default=None)

    def on_the_way(self, sequence_id: str, organization_id: str | None = None, *, limit: int = 200) -> list[str]:
        """Contacts of those who are due first."""
        asked = (
            select(Enrolment.contact_id)
            .where(
                Enrolment.sequence_id == sequence_id,
                Enrolment.organization_id == self.target(organization_id),
                Enrolment.status == "active",
            )
            .order_by(Enrolment.next_at.nulls_last(), Enrolment.enrolment_id)
            .limit(limit)
        )
        return list(self.session.scalars(asked))

    def standing(self, sequence_id: str) -> dict[str, int]:
        """How many of those who are not through stand at each step."""
        asked = (
            select(Enrolment.step_id, func.count())
            .where(
                Enrolment.sequence_id == sequence_id,
                Enrolment.status.in_(("active", "paused", "held")),
                self.readable(Enrolment.organization_id),
            )
            .group_by(Enrolment.step_id)
        )
        return {step_id: int(count) for step_id, count in self.session.execute(asked)}

    def reasons(self, sequence_id: str) -> list[tuple[str, str, int]]:
        """How many are in each state for each reason, most first."""
        count = func.count()
        asked = (
            select(Enrolment.status, Enrolment.reason, count)
            .where(Enrolment.sequence_id == sequence_id, self.readable(Enrolment.organization_id))
            .group_by(Enrolment.status, Enrolment.reason)
            .order_by(count.desc(), Enrolment.status, Enrolment.reason)
        )
        return [(row[0], row[1], int(row[2])) for row in self.session.execute(asked)]

    def load(self, enrolment_ids: Collection[str], organization_id: str | None = None) -> list[Enrolment]:
        """By id, for reading."""
        asked = select(Enrolment).where(
            Enrolment.enrolment_id.in_(sorted(enrolment_ids)), Enrolment.organization_id == self.target(organization_id)
        )
        return list(self.session.scalars(asked.order_by(Enrolment.enrolment_id)))

    def live_of(self, contact_ids: Collection[str], organization_id: str | None = None) -> list[Enrolment]:
        """Everybody's that are not over, oldest first."""
        asked = select(Enrolment).where(
            Enrolment.contact_id.in_(sorted(contact_ids)),
            Enrolment.organization_id == self.target(organization_id),
            Enrolment.status.in_(LIVE),
        )
        return list(self.session.scalars(asked.order_by(Enrolment.created_at, Enrolment.enrolment_id)))

    def hold_people(self, contact_ids: Collection[str], organization_id: str | None = None) -> None:
        """Nobody else puts these into a sequence until the unit of work ends. SQLite has one writer anyway."""
        if self.work.store.dialect == "postgresql":
            asked = select(Contact.contact_id).where(
                Contact.contact_id.in_(sorted(contact_ids)), Contact.organization_id == self.target(organization_id)
            )
            self.session.execute(asked.order_by(Contact.contact_id).with_for_update(key_share=True))

    def live_ids_of(self, contact_ids: Collection[str], organization_id: str | None = None) -> set[str]:
        """Enrolments of theirs that are not over."""
        asked = select(Enrolment.enrolment_id).where(
            Enrolment.contact_id.in_(sorted(contact_ids)),
            Enrolment.organization_id == self.target(organization_id),
            Enrolment.status.in_(LIVE),
        )
        return set(self.session.scalars(asked))

    def ended_of(
        self, sequence_id: str, contact_ids: Collection[str], organization_id: str | None = None
    ) -> dict[str, datetime]:
        """When contacts were last through with a sequence."""
        asked = (
            select(Enrolment.contact_id, func.max(Enrolment.ended_at))
            .where(
                Enrolment.sequence_id == sequence_id,
                Enrolment.organization_id == self.target(organization_id),
                Enrolment.contact_id.in_(sorted(contact_ids)),
                Enrolment.ended_at.is_not(None),
            )
            .group_by(Enrolment.contact_id)
        )
        return {contact_id: ended_at for contact_id, ended_at in self.session.execute(asked).tuples() if ended_at}

    def of_company(self, company_id: str, sequence_id: str, organization_id: str | None = None) -> list[Enrolment]:
        """Colleagues in a sequence that are not through."""
        asked = select(Enrolment).where(
            Enrolment.company_id == company_id,
            Enrolment.sequence_id == sequence_id,
            Enrolment.organization_id == self.target(organization_id),
            Enrolment.status.in_(LIVE),
        )
        return list(self.session.scalars(asked.order_by(Enrolment.enrolment_id)))

    def busy_companies(
        self, sequence_id: str, company_ids: Collection[str], organization_id: str | None = None
    ) -> dict[str, int]:
        """How many people of each company were written to and are not through."""
        asked = (
            select(Enrolment.company_id, func.count())
            .where(
                Enrolment.company_id.in_(sorted(company_ids)),
                Enrolment.sequence_id == sequence_id,
                Enrolment.organization_id == self.target(organization_id),
                Enrolment.status.in_(LIVE),
                Enrolment.mailbox_id.is_not(None),
            )
            .group_by(Enrolment.company_id)
        )
        return {str(company_id): int(count) for company_id, count in self.session.execute(asked).tuples()}

    def end(self, enrolment: Enrolment, status: str, reason: str, detail: Mapping[str, Any] | None = None) -> None:
        """`finished`, or `stopped` for a reason."""
        self.writable(enrolment.organization_id)
        enrolment.status, enrolment.reason, enrolment.detail = status, reason, dict(detail or {})
        enrolment.next_at, enrolment.ended_at, enrolment.updated_at = None, self.work.now(), self.work.now()

    def pause(
        self,
        enrolment: Enrolment,
        reason: str,
        *,
        until: datetime | None,
        left: timedelta,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """The countdown stands still: until a moment, or until a person lets it go on."""
        self.writable(enrolment.organization_id)
        enrolment.status, enrolment.reason, enrolment.detail = "paused", reason, dict(detail or {})
        enrolment.left_seconds = int(left.total_seconds())
        enrolment.next_at, enrolment.updated_at = until, self.work.now()

    def resume(self, enrolment: Enrolment) -> None:
        """Goes on with what was left of the wait."""
        self.writable(enrolment.organization_id)
        now = self.work.now()
        enrolment.status, enrolment.reason, enrolment.detail = "active", "", {}
        enrolment.next_at = enrolment.due_at = now + timedelta(seconds=enrolment.left_seconds)
        enrolment.left_seconds, enrolment.updated_at = 0, now

    def wake_paused(self, now: datetime, *, limit: int) -> list[tuple[str, str]]:
        """Lets those go on whose pause is over (SystemScope); answers the sequences they are in, with their owners."""
        self.require_system()
        asked = (
            select(Enrolment)
            .where(Enrolment.status == "paused", Enrolment.next_at <= now)
            .order_by(Enrolment.next_at, Enrolment.enrolment_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        woken = list(self.session.scalars(asked))
        for enrolment in woken:
            self.resume(enrolment)
        self.session.flush()
        return [(enrolment.sequence_id, enrolment.organization_id) for enrolment in woken]

    def write_back(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Many changed ones in one statement (SystemScope): each has `enrolment_id` and the same columns."""
        self.require_system()
        self.update_rows(Enrolment, rows, key="enrolment_id")
