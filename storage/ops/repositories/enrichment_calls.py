"""Questions and their answers, every call with its price, and the limits that calls are reserved against."""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, false, func, or_, select, update

from domain.enrichment.answers import Outcome, canonical
from domain.enrichment.spending import Budget
from domain.ids import new_id
from storage.ops.insertion import upsertion
from storage.ops.repositories.base import Repository
from storage.ops.repositories.listing import owned
from storage.ops.repositories.organizations import Organizations
from storage.ops.tables import Base, EnrichmentAnswer, EnrichmentBudget, EnrichmentCall

ASKING = "asking"
NOBODY_ASKS_ANY_MORE = timedelta(minutes=10)
"""After a question: its worker is gone, and so is the row that it was asked for."""
KEPT = tuple(outcome.value for outcome in Outcome if outcome.is_answer)
MOST_RAW = 64_000
"""Characters of an answer as it was received."""
_ANSWERS = Base.metadata.tables[EnrichmentAnswer.__tablename__]


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """What a question and its answer are known by. The hash is of all three, and says the same alone."""

    connection_id: str
    operation: str
    hash: str


@dataclass(frozen=True, slots=True)
class Spent:
    """Calls of one connection and outcome."""

    connection: str
    outcome: str
    calls: int
    cost: int


def answer_key(connection_id: str, operation: str, asked: Mapping[str, str], hash_key: bytes) -> AnswerKey:
    """`hash_key`: the organization's, for a question may be somebody's address."""
    digest = hmac.digest(hash_key, canonical(connection_id, operation, asked).encode(), "sha256").hex()
    return AnswerKey(connection_id, operation, digest)


class EnrichmentCalls(Repository):
    def hash_key(self) -> bytes:
        """Of the organization: what questions are hashed under."""
        return Organizations(self.work).hash_key(self.target())

    def answers(self, questions: Collection[AnswerKey]) -> dict[AnswerKey, EnrichmentAnswer]:
        """Those that were asked before, or are being asked now."""
        found: dict[AnswerKey, EnrichmentAnswer] = {}
        if not questions:
            return found
        asked = select(EnrichmentAnswer).where(self._to(questions))
        for row in self.session.scalars(asked.execution_options(populate_existing=True)):
            found[AnswerKey(row.enrichment_connection_id, row.operation, row.question_hash)] = row
        return found

    def ask(self, calls: Sequence[Mapping[str, Any]]) -> set[str]:
        """Writes down what is about to be asked: `question`, contact_id of the answer, and the columns of the call. Answers
        the ids of calls that are ours to make; a question that somebody else asks in this moment is not.

        Nothing may be asked before the unit of work is committed.
        """
        target, now = self.target(), self.work.now()
        if not calls:
            return set()
        made = {
            call["question"].hash: {
                "enrichment_answer_id": new_id(), "organization_id": target,
                "enrichment_connection_id": call["question"].connection_id, "operation": call["question"].operation,
                "question_hash": call["question"].hash, "contact_id": call["contact_id"], "outcome": ASKING,
                "told": {}, "raw": None, "asked_at": now, "answered_at": None,
            }
            for call in calls
        }  # fmt: skip
        once = upsertion(_ANSWERS, self.work.store.engine.dialect).on_conflict_do_nothing(
            index_elements=["organization_id", "enrichment_connection_id", "operation", "question_hash"]
        )
        self.session.connection().execute(once, list(made.values()))
        questions: dict[str, AnswerKey] = {call["question"].hash: call["question"] for call in calls}
        there = select(EnrichmentAnswer.question_hash, EnrichmentAnswer.enrichment_answer_id).where(
            self._to(questions.values())
        )
        ours: dict[str, str] = {
            asked: answer_id
            for asked, answer_id in self.session.execute(there).tuples()
            if made[asked]["enrichment_answer_id"] == answer_id
        }
        if known := [question for asked, question in questions.items() if asked not in ours]:
            ours |= self._ask_again(known)
        rows = [
            {
                **{name: value for name, value in call.items() if name != "question"},
                "enrichment_answer_id": ours[call["question"].hash],
                "organization_id": target,
                "asked_at": now,
            }
            for call in calls
            if call["question"].hash in ours
        ]
        self.insert_rows(EnrichmentCall, rows)
        return {str(row["enrichment_call_id"]) for row in rows}

    def _ask_again(self, questions: Collection[AnswerKey]) -> dict[str, str]:
        """Questions whose answers have grown old, taken over unless somebody asks them in this moment; ids of the answers by
        question."""
        now = self.work.now()
        taken = (
            update(EnrichmentAnswer)
            .where(
                self._to(questions),
                or_(EnrichmentAnswer.outcome != ASKING, EnrichmentAnswer.asked_at < now - NOBODY_ASKS_ANY_MORE),
            )
            .values(outcome=ASKING, asked_at=now)
            .returning(EnrichmentAnswer.question_hash, EnrichmentAnswer.enrichment_answer_id)
            .execution_options(synchronize_session=False)
        )
        return dict(self.session.execute(taken).tuples().all())

    def settle(self, calls: Sequence[Mapping[str, Any]]) -> None:
        """Writes what came of calls: enrichment_call_id, outcome, cost, http_status, problem, milliseconds, answered_at."""
        if not calls:
            return
        table = EnrichmentCall.__table__
        names = ("outcome", "cost", "http_status", "problem", "milliseconds", "answered_at")
        self.session.connection().execute(
            update(table)  # type: ignore[arg-type]
            .where(
                table.c.enrichment_call_id == bindparam("call_id"),
                table.c.organization_id == self.target(),
                table.c.outcome == ASKING,
            )
            .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}),
            [{"call_id": row["enrichment_call_id"], **{f"new_{name}": row[name] for name in names}} for row in calls],
        )

    def keep(self, answers: Sequence[Mapping[str, Any]]) -> None:
        """Answers by `question`: outcome, told, raw, answered_at."""
        if not answers:
            return
        table = EnrichmentAnswer.__table__
        names = ("outcome", "told", "raw", "answered_at")
        self.session.connection().execute(
            update(table)  # type: ignore[arg-type]
            .where(
                table.c.organization_id == self.target(),
                table.c.enrichment_connection_id == bindparam("connection_id"),
                table.c.operation == bindparam("asked_operation"),
                table.c.question_hash == bindparam("hash"),
            )
            .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}),
            [
                {
                    "connection_id": row["question"].connection_id, "asked_operation": row["question"].operation,
                    "hash": row["question"].hash, **{f"new_{name}": row[name] for name in names},
                }
                for row in answers
            ],
        )  # fmt: skip

    def forget(self, questions: Collection[AnswerKey]) -> None:
        """Questions that got no proper answer may be asked again."""
        if questions:
            self.session.execute(
                delete(EnrichmentAnswer).where(self._to(questions), EnrichmentAnswer.outcome.not_in(KEPT))
            )

    def out_of(self, enrichment_row_ids: Collection[str]) -> list[EnrichmentCall]:
        """Calls of rows that were written down and never settled, held until the unit of work ends."""
        return self._out(EnrichmentCall.enrichment_row_id.in_(sorted(enrichment_row_ids)))

    def still_out(self, enrichment_call_ids: Collection[str]) -> set[str]:
        """Those that nobody settled meanwhile, held: only their money is still set aside."""
        found = self._out(EnrichmentCall.enrichment_call_id.in_(sorted(enrichment_call_ids)))
        return {call.enrichment_call_id for call in found}

    def questions_of(self, enrichment_answer_ids: Collection[str]) -> dict[str, AnswerKey]:
        """By the id of the answer."""
        asked = select(EnrichmentAnswer).where(
            EnrichmentAnswer.organization_id == self.target(),
            EnrichmentAnswer.enrichment_answer_id.in_(sorted(enrichment_answer_ids)),
        )
        return {
            row.enrichment_answer_id: AnswerKey(row.enrichment_connection_id, row.operation, row.question_hash)
            for row in self.session.scalars(asked)
        }

    def of_run(self, enrichment_run_id: str) -> list[Spent]:
        """How a run's calls went, by connection and outcome."""
        asked = (
            select(EnrichmentCall.connection, EnrichmentCall.outcome, func.count(), func.sum(EnrichmentCall.cost))
            .where(
                EnrichmentCall.organization_id == self.target(), EnrichmentCall.enrichment_run_id == enrichment_run_id
            )
            .group_by(EnrichmentCall.connection, EnrichmentCall.outcome)
            .order_by(EnrichmentCall.connection, EnrichmentCall.outcome)
        )
        return [
            Spent(name, outcome, count, int(cost or 0)) for name, outcome, count, cost in self.session.execute(asked)
        ]

    def hit_rates(self) -> dict[str, float]:
        """The share of answered calls by connection that found something, with one of two as a beginning."""
        found = func.count().filter(EnrichmentCall.outcome == Outcome.FOUND.value)
        asked = (
            select(EnrichmentCall.connection, func.count(), found)
            .where(EnrichmentCall.organization_id == self.target(), EnrichmentCall.outcome.in_(KEPT))
            .group_by(EnrichmentCall.connection)
        )
        return {name: (hits + 1) / (count + 2) for name, count, hits in self.session.execute(asked)}

    def of_rows(self, enrichment_row_ids: Collection[str]) -> dict[str, list[EnrichmentCall]]:
        """Calls by row, oldest first."""
        asked = select(EnrichmentCall).where(
            owned(self.work, EnrichmentCall.organization_id, self.target()),
            EnrichmentCall.enrichment_row_id.in_(sorted(enrichment_row_ids)),
        )
        found: dict[str, list[EnrichmentCall]] = {}
        for call in self.session.scalars(asked.order_by(EnrichmentCall.enrichment_call_id)):
            found.setdefault(call.enrichment_row_id, []).append(call)
        return found

    def _to(self, questions: Iterable[AnswerKey]) -> ColumnElement[bool]:
        """Answers to some questions, by all that their index is over: by the hash alone it would be read from end to end."""
        hashes: dict[tuple[str, str], list[str]] = defaultdict(list)
        for one in questions:
            hashes[one.connection_id, one.operation].append(one.hash)
        target = self.target()
        return or_(
            false(),
            *(
                and_(
                    EnrichmentAnswer.organization_id == target,
                    EnrichmentAnswer.enrichment_connection_id == connection_id,
                    EnrichmentAnswer.operation == operation,
                    EnrichmentAnswer.question_hash.in_(sorted(asked)),
                )
                for (connection_id, operation), asked in sorted(hashes.items())
            ),
        )

    def _out(self, which: ColumnElement[bool]) -> list[EnrichmentCall]:
        asked = (
            select(EnrichmentCall)
            .where(
                owned(self.work, EnrichmentCall.organization_id, self.target()), EnrichmentCall.outcome == ASKING, which
            )
            .order_by(EnrichmentCall.enrichment_call_id)
            .with_for_update()
        )
        return list(self.session.scalars(asked.execution_options(populate_existing=True)))


class EnrichmentBudgets(Repository):
    """Limits. They are held from the reservation to the end of the unit of work, so that two workers never overspend."""

    def hold(self, limits: Mapping[str, int | None]) -> list[Budget]:
        """What each limit (by scope) has seen, in the order of the mapping, made if new."""
        target = self.target()
        rows = [
            {"enrichment_budget_id": new_id(), "organization_id": target, "scope": scope, "reserved": 0, "spent": 0}
            for scope in limits
        ]
        if not rows:
            return []
        once = upsertion(EnrichmentBudget, self.work.store.engine.dialect)
        self.session.execute(once.values(rows).on_conflict_do_nothing(index_elements=["organization_id", "scope"]))
        held = {
            row.scope: row
            for row in self.session.scalars(
                select(EnrichmentBudget)
                .where(EnrichmentBudget.organization_id == target, EnrichmentBudget.scope.in_(sorted(limits)))
                .order_by(EnrichmentBudget.scope)
                .with_for_update()
                .execution_options(populate_existing=True)
            )
        }
        return [Budget(scope, limit, held[scope].reserved, held[scope].spent) for scope, limit in limits.items()]

    def move(self, moves: Mapping[str, tuple[int, int]]) -> None:
        """Adds to what is reserved and spent, by scope."""
        table = EnrichmentBudget.__table__
        rows = [
            {"of_scope": scope, "more_reserved": reserved, "more_spent": spent}
            for scope, (reserved, spent) in sorted(moves.items())
            if reserved or spent
        ]
        if rows:
            self.session.connection().execute(
                update(table)  # type: ignore[arg-type]
                .where(table.c.organization_id == self.target(), table.c.scope == bindparam("of_scope"))
                .values(
                    reserved=table.c.reserved + bindparam("more_reserved"),
                    spent=table.c.spent + bindparam("more_spent"),
                ),
                rows,
            )

    def of(self, scopes: Collection[str]) -> dict[str, Budget]:
        """What some limits have seen, without their limits."""
        asked = select(EnrichmentBudget).where(
            EnrichmentBudget.organization_id == self.target(), EnrichmentBudget.scope.in_(sorted(scopes))
        )
        return {row.scope: Budget(row.scope, None, row.reserved, row.spent) for row in self.session.scalars(asked)}


def day_scope(day: str) -> str:
    return f"day:{day}"


def month_scope(day: str) -> str:
    return f"month:{day[:7]}"


def run_scope(enrichment_run_id: str) -> str:
    return f"run:{enrichment_run_id}"


def workflow_scope(enrichment_workflow_id: str, day: str) -> str:
    return f"workflow:{enrichment_workflow_id}:{day}"


def scopes_of(enrichment_run_id: str, enrichment_workflow_id: str, day: str) -> tuple[str, ...]:
    """The limits that a call of a run on a day counts against, the narrowest first."""
    return (
        run_scope(enrichment_run_id), workflow_scope(enrichment_workflow_id, day), day_scope(day), month_scope(day)
    )  # fmt: skip


def kept_raw(raw: Any, size: int) -> Any:
    """What was received, or a word about it where it is too long to be kept."""
    return raw if size <= MOST_RAW else {"left_out": f"{size} characters"}
