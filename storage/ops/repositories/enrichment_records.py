"""What became of what providers told: their calls and values counted, and judged by what happened later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, func, select

from domain.enrichment.fields import FIELDS, Subject
from domain.enrichment.scoreboard import Tally
from storage.ops.repositories.base import Repository
from storage.ops.repositories.enrichment_calls import KEPT
from storage.ops.tables import Company, Contact, EnrichmentCall, EnrichmentValue, MessageEvent, Suppression

VALID = ("written", "kept")
JUDGED = 20_000
"""Values, the newest, that are compared with what stands there now."""

Key = tuple[str, str, str]
"""Connection, field and segment."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """How a connection answered: calls by outcome, and their mean milliseconds."""

    connection: str
    outcomes: dict[str, int]
    mean_milliseconds: float | None


class EnrichmentRecords(Repository):
    def tallies(self) -> list[Tally]:
        """By connection, field and segment (the country of the contact or company).

        An e-mail address is right where its person answered, wrong where it bounced and is suppressed for that. Any other
        value is wrong where somebody else than enrichment replaced it, and right where enrichment wrote it and a later
        answer of another provider was the same.
        """
        asked: dict[Key, int] = defaultdict(int)
        cost: dict[Key, float] = defaultdict(float)
        for connection, fields, segment, count, paid in self._calls():
            names = [name for name in fields.split(",") if name]
            for name in names:
                asked[connection, name, segment] += count
                cost[connection, name, segment] += paid / len(names)
        hits, right, wrong = self._hits(), *self._judged()
        keys = sorted({*asked, *hits, *right, *wrong})
        return [
            Tally(*key, asked=max(asked[key], hits.get(key, 0)), hits=hits.get(key, 0), right=right.get(key, 0),
                  wrong=wrong.get(key, 0), cost=cost[key])
            for key in keys
        ]  # fmt: skip

    def calls(self) -> list[CallRecord]:
        """By connection, all outcomes."""
        asked = (
            select(
                EnrichmentCall.connection, EnrichmentCall.outcome, func.count(),
                func.sum(EnrichmentCall.milliseconds), func.count(EnrichmentCall.milliseconds),
            )
            .where(EnrichmentCall.organization_id == self.target())
            .group_by(EnrichmentCall.connection, EnrichmentCall.outcome)
            .order_by(EnrichmentCall.connection, EnrichmentCall.outcome)
        )  # fmt: skip
        by_connection: dict[str, list[Any]] = defaultdict(list)
        for row in self.session.execute(asked):
            by_connection[row[0]].append(row)
        return [
            CallRecord(
                name, {row[1]: row[2] for row in rows},
                sum(row[3] or 0 for row in rows) / timed if (timed := sum(row[4] for row in rows)) else None,
            )
            for name, rows in by_connection.items()
        ]  # fmt: skip

    def _calls(self) -> Iterator[tuple[str, str, str, int, int]]:
        asked = (
            select(
                EnrichmentCall.connection, EnrichmentCall.fields, EnrichmentCall.segment, func.count(),
                func.coalesce(func.sum(EnrichmentCall.cost), 0),
            )
            .where(EnrichmentCall.organization_id == self.target(), EnrichmentCall.outcome.in_(KEPT))
            .group_by(EnrichmentCall.connection, EnrichmentCall.fields, EnrichmentCall.segment)
        )  # fmt: skip
        yield from ((row[0], row[1], row[2], row[3], int(row[4])) for row in self.session.execute(asked))

    def _hits(self) -> dict[Key, int]:
        """Answers with a valid value; one that several records were told counts once."""
        asked = (
            select(
                EnrichmentValue.connection, EnrichmentValue.field, EnrichmentValue.segment,
                func.count(EnrichmentValue.enrichment_answer_id.distinct()),
            )
            .where(EnrichmentValue.organization_id == self.target(), EnrichmentValue.verdict.in_(VALID))
            .group_by(EnrichmentValue.connection, EnrichmentValue.field, EnrichmentValue.segment)
        )  # fmt: skip
        return {(row[0], row[1], row[2]): row[3] for row in self.session.execute(asked)}

    def _judged(self) -> tuple[dict[Key, int], dict[Key, int]]:
        right: dict[Key, int] = defaultdict(int)
        wrong: dict[Key, int] = defaultdict(int)
        for key, is_right in (*self._addresses(), *self._standing(Subject.CONTACT), *self._standing(Subject.COMPANY)):
            (right if is_right else wrong)[key] += 1
        return dict(right), dict(wrong)

    def _addresses(self) -> Iterator[tuple[Key, bool]]:
        """Addresses that enrichment wrote and that were written to."""
        value = EnrichmentValue
        answered = exists().where(
            MessageEvent.contact_id == value.contact_id, MessageEvent.organization_id == value.organization_id,
            MessageEvent.kind == "replied", MessageEvent.occurred_at > value.written_at,
        )  # fmt: skip
        bounced = exists().where(
            Suppression.contact_id == value.contact_id, Suppression.organization_id == value.organization_id,
            Suppression.reason == "hard_bounce", Suppression.kind == "email",
        )  # fmt: skip
        asked = (
            select(value.connection, value.segment, answered, bounced)
            .where(value.organization_id == self.target(), value.field == "email", value.verdict == "written")
            .order_by(value.observed_at.desc(), value.enrichment_value_id)
            .limit(JUDGED)
        )
        for connection, segment, has_answered, has_bounced in self.session.execute(asked):
            if has_answered or has_bounced:
                yield (connection, "email", segment), bool(has_answered and not has_bounced)

    def _standing(self, subject: Subject) -> Iterator[tuple[Key, bool]]:
        """The last value that enrichment wrote of each field, beside the one that stands there now."""
        value = EnrichmentValue
        table: Any = Contact if subject is Subject.CONTACT else Company
        own = value.contact_id if subject is Subject.CONTACT else value.company_id
        key = Contact.contact_id if subject is Subject.CONTACT else Company.company_id
        asked = (
            select(value, table)
            .join(table, and_(key == own, table.organization_id == value.organization_id))
            .where(value.organization_id == self.target(), value.verdict.in_(VALID), value.field != "email")
            .order_by(value.observed_at.desc(), value.enrichment_value_id.desc())
            .limit(JUDGED)
        )
        told: dict[tuple[str, str], list[tuple[EnrichmentValue, Any]]] = defaultdict(list)
        for row, record in self.session.execute(asked).tuples():
            told[str(row.contact_id or row.company_id), row.field].append(
                (row, _standing_now(subject, record, row.field))
            )
        for rows in told.values():
            written = next(((row, now) for row, now in rows if row.verdict == "written"), None)
            if written is None:
                continue
            row, now = written
            agreed = any(other.connection != row.connection and other.value == row.value for other, _ in rows)
            if now != row.value:
                yield (row.connection, row.field, row.segment), False
            elif agreed:
                yield (row.connection, row.field, row.segment), True


def _standing_now(subject: Subject, record: Any, field: str) -> Any:
    kind = FIELDS[subject].get(field)
    if kind is None or not kind.is_column:
        return (record.attributes or {}).get(field)
    return getattr(record, field)
