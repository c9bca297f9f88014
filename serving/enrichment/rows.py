"""Rows in hand: what a worker holds of each while it goes through the chains, and how answers become values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.decisions import DecisionKind
from domain.enrichment.answers import Answer, Outcome, Told
from domain.enrichment.fields import Subject
from domain.enrichment.walking import Ask, Offer, Walk, answered, begin
from domain.enrichment.workflows import Workflow
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.enrichment_calls import ASKING, AnswerKey
from storage.ops.repositories.enrichment_values import EnrichmentSubjects, EnrichmentValues, SubjectFacts
from storage.ops.store import Work
from storage.ops.tables import EnrichmentAnswer, EnrichmentRow

NEGATIVE = timedelta(days=30)
"""How long "nobody knows" is believed, or as long as such a fact holds, if that is shorter."""
DOUBTFUL = timedelta(days=1)
"""How long a call that may have been charged is not made again."""
ENDS = ("done", "skipped", "failed")


@dataclass(slots=True)
class Row:
    """A row in hand. `ask` is the call that is due or out, `call_id` the one that is written down."""

    row_id: str
    subject_id: str
    walk: Walk
    facts: SubjectFacts | None
    ask: Ask | None = None
    question: AnswerKey | None = None
    call_id: str = ""
    not_before: datetime | None = None
    scopes: tuple[str, ...] = ()
    """Of the limits that the call was reserved against: the day may be over when its answer comes."""
    sources: dict[str, str] = field(default_factory=dict)
    """Connections by the field that they filled."""

    @property
    def status(self) -> str:
        if self.walk.has_failed:
            return "failed"
        return "done" if self.walk.asks_for_any else "skipped"

    @property
    def problem(self) -> str:
        """Who failed, in the order of the fields."""
        told = [
            f"{name}: {', '.join(dict.fromkeys(state.reasons))}"
            for name, state in self.walk.fields.items()
            if state.failed_at is not None
        ]
        return "; ".join(told)[:300]

    def settled(self, status: str, due_at: datetime) -> dict[str, Any]:
        """As it is written down."""
        return {
            "enrichment_row_id": self.row_id, "status": status, "walk": self.walk.as_json(),
            "problem": self.problem if status == "failed" else "", "spent": self.walk.spent,
            "filled_count": self.walk.filled_count, "due_at": due_at,
        }  # fmt: skip


def taken_up(
    work: Work, workflow: Workflow, kept: Sequence[EnrichmentRow], now: datetime
) -> tuple[list[Row], list[Row]]:
    """Claimed rows as they are held, and those whose contact or company is gone."""
    facts = EnrichmentSubjects(work).facts_of(workflow.subject, [row.subject_id for row in kept])
    rows, gone = [], []
    for row in kept:
        told = facts.get(row.subject_id)
        if told is None:
            gone.append(Row(row.enrichment_row_id, row.subject_id, Walk({}), None))
            continue
        walk = Walk.from_json(row.walk) if row.walk else _begun(workflow, told, now)
        walk = Walk(walk.fields, walk.tries, row.spent)
        rows.append(Row(row.enrichment_row_id, row.subject_id, walk, told))
    return rows, gone


def _begun(workflow: Workflow, facts: SubjectFacts, now: datetime) -> Walk:
    fresh = {
        plan.field
        for plan in workflow.fields
        if (own := facts.own.get(plan.field)) and own.observed_at + workflow.lasts(plan) > now
    }
    return begin(workflow, facts.known, fresh=fresh, own=set(facts.own))


def known_answer(workflow: Workflow, ask: Ask, kept: EnrichmentAnswer | None, now: datetime) -> Answer | None:
    """An answer that was given before, where it is still believed for all that is asked now; None where it has grown old,
    where it is being asked for anew, and where nothing was asked."""
    if kept is None or kept.answered_at is None or kept.outcome == ASKING:
        return None
    outcome, age = Outcome(kept.outcome), now - kept.answered_at
    if not outcome.is_answer:
        return Answer(outcome, problem="it was asked before, and may have been charged") if age < DOUBTFUL else None
    lasts = min(workflow.lasts(plan) for plan in workflow.fields if plan.field in ask.fields)
    if outcome is not Outcome.FOUND or not set(ask.fields) & set(kept.told):
        lasts = min(lasts, NEGATIVE)
    if age >= lasts and outcome is not Outcome.OPTED_OUT:
        return None
    return Answer(outcome, {name: Told(value, confidence) for name, (value, confidence) in kept.told.items()})


@dataclass(frozen=True, slots=True)
class Applied:
    """An answer that a row got: `cost` is what this row pays for it; `at` when it was given."""

    row: Row
    answer: Answer
    cost: int
    at: datetime
    answer_id: str
    provider: str


def apply(work: Work, workflow: Workflow, run_id: str, applied: Sequence[Applied]) -> None:
    """Brings rows on by their answers and writes the values, with where they came from. Rows know their facts anew."""
    offers: list[tuple[Applied, tuple[Offer, ...]]] = []
    for one in applied:
        assert one.row.ask is not None
        one.row.walk, offered = answered(workflow, one.row.walk, one.row.ask, one.answer, one.cost)
        if offered:
            offers.append((one, offered))
    if not offers:
        return
    subjects = EnrichmentSubjects(work)
    own = {one.row.subject_id: one.row.facts.own for one, _ in offers if one.row.facts}
    held = subjects.facts_of(workflow.subject, own, holds=True, own=own)
    written: list[dict[str, Any]] = []
    for one, offered in offers:
        facts = held.get(one.row.subject_id)
        if facts is None:
            continue
        valid = sum(not offer.problem for offer in offered)
        share = one.cost // valid if valid else 0
        written += [_laid(work, subjects, workflow, run_id, one, facts, offer, share) for offer in offered]
    work.session.flush()
    EnrichmentValues(work).add(written)
    going_on = [one.row for one, _ in offers if not one.row.walk.is_over]
    known = subjects.facts_of(workflow.subject, {row.subject_id for row in going_on}) if going_on else {}
    for row in going_on:
        row.facts = known.get(row.subject_id, row.facts)


def _laid(
    work: Work, subjects: EnrichmentSubjects, workflow: Workflow, run_id: str, one: Applied, facts: SubjectFacts,
    offer: Offer, share: int,
) -> dict[str, Any]:  # fmt: skip
    ask = one.row.ask
    assert ask is not None
    verdict, reason, former = "low_confidence" if "confidence" in offer.problem else "invalid", offer.problem, None
    if not offer.problem:
        plan = next(plan for plan in workflow.fields if plan.field == offer.field)
        laid, former = subjects.lay(facts, workflow.kind(plan), offer.value, overwrite=workflow.overwrite, at=one.at)
        verdict, reason = "written" if laid.is_written else "kept", laid.reason
        if laid.is_written:
            one.row.sources[offer.field] = ask.connection
    return {
        "enrichment_run_id": run_id, "enrichment_answer_id": one.answer_id, "connection": ask.connection,
        "provider": one.provider, "contact_id": facts.contact_id, "company_id": facts.company_id,
        "segment": facts.segment, "field": offer.field, "value": offer.value, "former": former, "verdict": verdict,
        "reason": reason[:120], "confidence": offer.confidence, "cost": 0 if offer.problem else share,
        "observed_at": one.at, "written_at": work.now(),
    }  # fmt: skip


def explain(work: Work, subject: Subject, run_id: str, rows: Sequence[Row], currency: str) -> None:
    """A line of the ledger for each row that is over: what was spent and for what, or why nothing was asked."""
    lines: list[Mapping[str, Any]] = []
    for row in rows:
        reasons = sorted({reason for state in row.walk.fields.values() for reason in state.reasons})
        has_spent = bool(row.sources) or row.walk.spent > 0
        lines.append(
            {
                "kind": (DecisionKind.SPEND if has_spent else DecisionKind.SKIP).value,
                "subject_kind": subject.value,
                "subject_id": row.subject_id,
                "outcome": "enriched" if row.sources else row.status,
                "reason": ",".join(sorted(set(row.sources.values()))) or ",".join(reasons)[:80] or "nothing_to_look_for",
                "detail": {
                    "run_id": run_id, "spent_micros": row.walk.spent, "currency": currency, "fields": row.sources,
                    "passed_over": reasons,
                },
                "rule_version": "enrichment",
            }
        )  # fmt: skip
    if lines:
        Decisions(work).record_many(lines)
