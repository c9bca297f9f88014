"""Buying signals: whom they are about, the feed, and what of them weighs today; and those that were refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from domain.filters import Condition, FieldType, Sort
from domain.ids import new_id
from domain.signals import Signal
from storage.ops import changes
from storage.ops.insertion import upsertion
from storage.ops.repositories.base import Repository
from storage.ops.repositories.listing import ListField, Page, clause, page
from storage.ops.repositories.refusals import tried_again, waiting_by_reason
from storage.ops.tables import BuyingSignal, Company, Contact, RejectedSignal

FIELDS = {
    "kind": ListField(FieldType.TEXT, BuyingSignal.kind),
    "source": ListField(FieldType.TEXT, BuyingSignal.source),
    "contact_id": ListField(FieldType.TEXT, BuyingSignal.contact_id),
    "company_id": ListField(FieldType.TEXT, BuyingSignal.company_id),
    "strength": ListField(FieldType.NUMBER, BuyingSignal.strength),
    "observed_at": ListField(FieldType.DATETIME, BuyingSignal.observed_at, is_sortable=True),
    "created_at": ListField(FieldType.DATETIME, BuyingSignal.created_at),
}
NEWEST = Sort("observed_at", descending=True)
MOST_WEIGHED = 50_000
"""Of the newest: what `weighed` reads at once."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a signal is about, by their ids; one of them at least."""

    contact_id: str | None
    company_id: str | None

    @property
    def key(self) -> str:
        return self.contact_id or self.company_id or ""


class BuyingSignals(Repository):
    def subjects(self, signals: Sequence[Signal]) -> list[Subject | None]:
        """Whom each is about: the contact it names, or else the company; None for somebody who is not known here."""
        target = self.target()
        people = self._found(
            select(Contact).where(Contact.organization_id == target, or_(
                Contact.email.in_(sorted({one.email.value for one in signals if one.email})),
                Contact.contact_id.in_(sorted({one.contact_id for one in signals if one.contact_id})),
            ))
        )  # fmt: skip
        firms = self._found(
            select(Company).where(Company.organization_id == target, or_(
                Company.domain.in_(sorted({one.domain.value for one in signals if one.domain})),
                Company.company_id.in_(sorted({one.company_id for one in signals if one.company_id})),
            ))
        )  # fmt: skip
        by_person = {key: one for one in people for key in (one.contact_id, one.email) if key}
        by_firm = {key: one for one in firms for key in (one.company_id, one.domain) if key}
        return [self._subject(one, by_person, by_firm) for one in signals]

    def add_all(self, told: Sequence[tuple[Signal, Subject]]) -> list[str | None]:
        """Keeps each that was not kept before; answers the ids of those, and None for the others."""
        keys = [one.dedupe_key(subject.key) for one, subject in told]
        target, now = self.target(), self.work.now()
        known = self._known(keys)
        rows: list[dict[str, Any]] = []
        ids: list[str | None] = []
        for key, (one, subject) in zip(keys, told, strict=True):
            if key in known:
                ids.append(None)
                continue
            known.add(key)
            ids.append(new_id())
            rows.append(
                {
                    "buying_signal_id": ids[-1],
                    "organization_id": target,
                    "kind": one.kind.value,
                    "contact_id": self.own(Contact, subject.contact_id, target),
                    "company_id": self.own(Company, subject.company_id, target),
                    "source": one.source,
                    "title": one.title,
                    "url": one.url,
                    "strength": one.strength,
                    "half_life_days": one.half_life_days,
                    "dedupe_key": key,
                    "observed_at": one.observed_at,
                    "created_at": now,
                }
            )
        written = self._write(rows)
        return [each if each in written else None for each in ids]

    def _write(self, rows: Sequence[dict[str, Any]]) -> set[str]:
        """Ids of those that nobody else kept meanwhile, each with its line of the change log."""
        if not rows:
            return set()
        insertion = upsertion(BuyingSignal, self.work.store.engine.dialect).on_conflict_do_nothing()
        written = set(self.session.scalars(insertion.returning(BuyingSignal.buying_signal_id), rows))
        kept = [row for row in rows if row["buying_signal_id"] in written]
        changes.log_rows(self.session.connection(), BuyingSignal, "insert", kept, self.work.now())
        return written

    def unknown(self, told: Sequence[tuple[Signal, Subject]]) -> list[tuple[Signal, Subject]]:
        """Those that were not kept before; two of one thing stay two."""
        known = self._known([one.dedupe_key(subject.key) for one, subject in told])
        return [(one, subject) for one, subject in told if one.dedupe_key(subject.key) not in known]

    def page(self, conditions: Iterable[Condition], *, limit: int = 50, cursor: str | None = None) -> Page:
        """A page of (BuyingSignal, Contact | None, Company | None), newest first."""
        asked = (
            select(BuyingSignal, Contact, Company)
            .outerjoin(Contact, Contact.contact_id == BuyingSignal.contact_id)
            .outerjoin(Company, Company.company_id == BuyingSignal.company_id)
            .where(
                self.readable(BuyingSignal.organization_id),
                *(clause(each, FIELDS[each.field]) for each in conditions),
            )
        )
        key = BuyingSignal.buying_signal_id
        return page(
            self.work, asked, fields=FIELDS, key=key, sort=NEWEST, limit=limit, cursor=cursor, with_total=True
        )  # fmt: skip

    def weighed(self, since: datetime) -> list[tuple[str, str, float, float, datetime]]:
        """Company, kind, strength, half-life and when it happened, of the signals of companies since; the newest
        `MOST_WEIGHED`."""
        asked = (
            select(
                BuyingSignal.company_id, BuyingSignal.kind, BuyingSignal.strength, BuyingSignal.half_life_days,
                BuyingSignal.observed_at,
            )
            .where(
                self.readable(BuyingSignal.organization_id),
                BuyingSignal.company_id.is_not(None),
                BuyingSignal.observed_at >= since,
            )
            .order_by(BuyingSignal.observed_at.desc())
            .limit(MOST_WEIGHED)
        )  # fmt: skip
        found: list[Any] = [tuple(row) for row in self.session.execute(asked)]
        return found

    def first_known_at(self) -> datetime | None:
        """Since when signals are kept here."""
        asked = select(func.min(BuyingSignal.created_at)).where(self.readable(BuyingSignal.organization_id))
        return self.session.scalar(asked)

    def names(self, company_ids: Sequence[str]) -> dict[str, str]:
        """What companies are called."""
        asked = select(Company.company_id, Company.name, Company.domain).where(
            self.readable(Company.organization_id), Company.company_id.in_(company_ids)
        )
        return {company_id: name or domain or "" for company_id, name, domain in self.session.execute(asked)}

    def _known(self, keys: Sequence[str]) -> set[str]:
        asked = select(BuyingSignal.dedupe_key).where(
            BuyingSignal.organization_id == self.target(), BuyingSignal.dedupe_key.in_(keys)
        )
        return set(self.session.scalars(asked))

    def _found(self, asked: Select[Any]) -> list[Any]:
        return list(self.session.scalars(asked))

    def _subject(self, one: Signal, people: Mapping[str, Contact], firms: Mapping[str, Company]) -> Subject | None:
        person = people.get(one.contact_id or (one.email.value if one.email else ""))
        firm = firms.get(one.company_id or (one.domain.value if one.domain else ""))
        person, firm = self.surviving(person), self.surviving(firm)
        if person is None and (one.contact_id or one.email):
            return Subject(None, firm.company_id) if firm else None
        company_id = firm.company_id if firm else person.company_id if person else None
        return Subject(person.contact_id if person else None, company_id) if person or firm else None


class RejectedSignals(Repository):
    def add(self, *, reason: str, message: str, body: str, source: str) -> RejectedSignal:
        """Keeps one, whatever its body."""
        made = RejectedSignal(
            organization_id=self.target(), reason=reason, message=message, body=body, source=source,
            received_at=self.work.now(),
        )  # fmt: skip
        self.session.add(made)
        self.session.flush()
        return made

    def open(self, *, limit: int = 200, after: str | None = None) -> list[RejectedSignal]:
        """Those that wait, in the order they came, after one of them."""
        asked = select(RejectedSignal).where(
            RejectedSignal.organization_id == self.target(), RejectedSignal.replayed_at.is_(None)
        )
        if after is not None:
            asked = asked.where(RejectedSignal.rejected_signal_id > after)
        return list(self.session.scalars(asked.order_by(RejectedSignal.rejected_signal_id).limit(limit)))

    def counts(self) -> dict[str, int]:
        """How many wait, by reason."""
        return waiting_by_reason(self.work, RejectedSignal, RejectedSignal.organization_id == self.target())

    def note_attempt(self, row: RejectedSignal, *, got_through: bool, reason: str = "", message: str = "") -> None:
        """Counts a replay; one that got through is done, another keeps the newest reason."""
        self.writable(row.organization_id)
        tried_again(self.work, row, got_through=got_through, reason=reason, message=message)
