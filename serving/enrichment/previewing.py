"""What a run would cost, before it costs anything: a sample of rows walks through the chains without a call being made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.enrichment.answers import Answer, Outcome
from domain.enrichment.walking import Ask, answered, next_ask
from serving.enrichment.plans import Plan
from serving.enrichment.rows import Row, known_answer, taken_up
from serving.enrichment.runs import met
from storage.ops.repositories.enrichment_calls import EnrichmentCalls, answer_key
from storage.ops.repositories.enrichment_values import EnrichmentSubjects
from storage.ops.store import Work
from storage.ops.tables import EnrichmentRow

LOOKED_AT = 2_000
"""Rows of which the conditions are tried; the rest is taken to be like them."""
WALKED = 300
"""Rows that walk through the chains."""
UNKNOWN_HIT = 0.5
"""The share of hits that a provider is taken to have before it was ever asked here."""


@dataclass(slots=True)
class Line:
    """Of one connection, over all rows: calls at most, calls to be expected, and what they cost in micros."""

    most_calls: float = 0.0
    calls: float = 0.0
    cost: float = 0.0
    most_cost: float = 0.0


@dataclass(slots=True)
class Preview:
    """`is_estimated`: whether rows were counted by a sample. `passed_over`: why connections are not asked, by reason."""

    row_count: int
    idle_count: int
    """Rows with nothing to look for."""
    known_count: int
    """Calls that need not be made: their answers are known."""
    is_estimated: bool
    lines: dict[str, Line] = field(default_factory=dict)
    passed_over: dict[str, int] = field(default_factory=dict)

    @property
    def cost(self) -> float:
        return sum(line.cost for line in self.lines.values())

    @property
    def most_cost(self) -> float:
        return sum(line.most_cost for line in self.lines.values())


def preview(
    work: Work, plan: Plan, hits: Mapping[str, float], now: datetime, *, most_rows: int | None = None
) -> Preview:
    """`hits`: the share of calls by connection that found something."""
    subject = plan.workflow.subject
    subjects = EnrichmentSubjects(work)
    total = subjects.count(subject)
    looked = subjects.ids_after(subject, "", LOOKED_AT)
    chosen = met(work, plan.workflow, looked)
    row_count = round(total * len(chosen) / len(looked)) if looked else 0
    row_count = min(row_count, most_rows) if most_rows is not None else row_count
    rows = _rows(work, plan, chosen[:WALKED], now)
    idle = sum(not row.walk.asks_for_any for row in rows)
    found = Preview(row_count, 0, 0, is_estimated=len(looked) < total or len(chosen) > len(rows))
    scale = row_count / len(rows) if rows else 0.0
    found.idle_count = round(idle * scale)
    known = _walk_all(work, plan, rows, hits, now, found)
    found.known_count = round(known * scale)
    for line in found.lines.values():
        line.most_calls, line.calls = line.most_calls * scale, line.calls * scale
        line.most_cost, line.cost = line.most_cost * scale, line.cost * scale
    found.passed_over = {reason: round(count * scale) for reason, count in sorted(found.passed_over.items())}
    limit = plan.workflow.ceilings.limit("per_run")
    if limit is not None and found.most_cost > limit:
        for line in found.lines.values():
            line.most_cost *= limit / found.most_cost if found.most_cost else 1
            line.cost = min(line.cost, line.most_cost)
    return found


def _rows(work: Work, plan: Plan, ids: Sequence[str], now: datetime) -> list[Row]:
    rows, _ = taken_up(
        work, plan.workflow,
        [EnrichmentRow(enrichment_row_id=each, subject_id=each, walk={}, spent=0) for each in ids], now,
    )  # fmt: skip
    return rows


def _walk_all(
    work: Work, plan: Plan, rows: Sequence[Row], hits: Mapping[str, float], now: datetime, found: Preview
) -> int:
    """Each row goes on as if nothing was found, which is the dearest way; `weight` is how likely it gets so far. Answers how
    many calls are known already."""
    hash_key, connected, known_count = EnrichmentCalls(work).hash_key(), plan.connected, 0
    weights = {row.row_id: 1.0 for row in rows}
    pending = list(rows)
    while pending:
        asking = []
        for row in pending:
            assert row.facts is not None
            row.walk, row.ask = next_ask(plan.workflow, row.walk, row.facts.question, row.facts.facts, connected)
            if row.ask is not None:
                row.question = answer_key(
                    row.ask.connection_id, row.ask.operation.name, row.ask.question, hash_key
                )  # fmt: skip
                asking.append(row)
                continue
            for state in row.walk.fields.values():
                for reason in set(state.reasons) - {Outcome.NOT_FOUND.value, "not_told", "invalid"}:
                    found.passed_over[reason] = found.passed_over.get(reason, 0) + 1
        answers = EnrichmentCalls(work).answers({row.question for row in asking if row.question})
        for row in asking:
            assert row.ask is not None
            assert row.question is not None
            answer = known_answer(plan.workflow, row.ask, answers.get(row.question), now)
            if answer is not None:
                known_count += answer.outcome.is_answer
                row.walk, _ = answered(plan.workflow, row.walk, row.ask, answer, 0)
                continue
            weights[row.row_id] *= 1 - _count(found, row.ask, weights[row.row_id], hits)
            row.walk, _ = answered(plan.workflow, row.walk, row.ask, Answer(Outcome.NOT_FOUND), row.ask.price)
        pending = asking
    return known_count


def _count(found: Preview, ask: Ask, weight: float, hits: Mapping[str, float]) -> float:
    """Adds a call that would be made, and answers how likely it finds what is asked."""
    hit = hits.get(ask.connection, UNKNOWN_HIT)
    line = found.lines.setdefault(ask.connection, Line())
    charged = hit if ask.operation.charges == "found" else 1.0
    line.most_calls += 1
    line.calls += weight
    line.cost += weight * ask.price * charged
    line.most_cost += ask.price
    return hit
