"""One row on its way through the chains of a workflow. Pure: what is known, connected and spent are arguments, and the
state is a value that is kept between steps, so that a run goes on where it stood.

A provider is asked once for all fields whose chains have arrived at it, since one call tells many things. A field ends at
the first valid value, or behind its last provider. A provider that failed is passed over, remembered, and can be replayed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from domain.enrichment.answers import Answer, Operation, Outcome
from domain.enrichment.fields import checked
from domain.enrichment.spending import price
from domain.enrichment.workflows import Choice, FieldPlan, Workflow, conditions
from domain.routing import holds

MOST_TRIES: Mapping[Outcome, int] = {Outcome.RATE_LIMITED: 8, Outcome.AWAY: 3, Outcome.TIMED_OUT: 3, Outcome.UNKNOWN: 3}
"""Calls of one question within a row. What may have been charged is asked again only where it costs nothing."""


class Status(StrEnum):
    """Where a field stands."""

    OPEN = "open"
    HAD = "had"
    """It was known already: nothing was asked."""
    FILLED = "filled"
    EMPTY = "empty"
    """Everybody was asked who may be."""
    FAILED = "failed"
    """Somebody who was asked did not answer properly: it may be there all the same."""


@dataclass(frozen=True, slots=True)
class FieldState:
    """`at`: the provider of the chain that is next; `failed_at`: the first one that failed; `reasons`: why each one before
    `at` gave no value, in their order."""

    status: Status = Status.OPEN
    at: int = 0
    by: str = ""
    failed_at: int | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Walk:
    """The state of a row. `tries`: by `connection/operation`; `spent`: micros."""

    fields: Mapping[str, FieldState]
    tries: Mapping[str, int] = field(default_factory=dict)
    spent: int = 0

    @property
    def is_over(self) -> bool:
        return all(state.status is not Status.OPEN for state in self.fields.values())

    @property
    def filled_count(self) -> int:
        return sum(state.status is Status.FILLED for state in self.fields.values())

    @property
    def has_failed(self) -> bool:
        return any(state.status is Status.FAILED for state in self.fields.values())

    @property
    def asks_for_any(self) -> bool:
        """Whether there was anything to look for."""
        return any(state.status is not Status.HAD for state in self.fields.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "fields": {
                name: {
                    "status": state.status.value, "at": state.at, "by": state.by, "failed_at": state.failed_at,
                    "reasons": list(state.reasons),
                }
                for name, state in self.fields.items()
            },
            "tries": dict(self.tries),
            "spent": self.spent,
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Walk:
        fields = {
            name: FieldState(
                Status(state["status"]), state["at"], state["by"], state["failed_at"], tuple(state["reasons"])
            )
            for name, state in kept["fields"].items()
        }
        return cls(fields, dict(kept["tries"]), kept["spent"])


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection as the walk sees it. `problem` says why it is not to be asked at all: `paused`, `refused`."""

    name: str
    connection_id: str
    operations: tuple[Operation, ...]
    per_unit: int = 0
    """Micros for one credit."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """A call that is due: what is asked, for which fields, and the most it may cost (micros)."""

    connection: str
    connection_id: str
    operation: Operation
    question: Mapping[str, str]
    fields: tuple[str, ...]
    price: int

    @property
    def key(self) -> str:
        return f"{self.connection}/{self.operation.name}"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a provider offered for a field. Without a `problem` it ended the field's chain."""

    field: str
    value: Any
    confidence: float | None
    problem: str = ""


def begin(workflow: Workflow, known: Mapping[str, Any], *, fresh: Collection[str], own: Collection[str]) -> Walk:
    """A row at its start. `known`: values by field; `own`: fields that hold what enrichment wrote; `fresh`: those of which
    the answer is still believed, found or not."""
    states = {}
    for plan in workflow.fields:
        is_blank = known.get(plan.field) in (None, "", [])
        wanted = is_blank or workflow.overwrite == "rules" or (workflow.overwrite == "own" and plan.field in own)
        is_open = wanted and (is_blank or plan.field not in fresh)
        states[plan.field] = FieldState(Status.OPEN if is_open else Status.HAD)
    return Walk(states)


def next_ask(
    workflow: Workflow,
    walk: Walk,
    question: Mapping[str, str],
    facts: Mapping[str, Any],
    connections: Mapping[str, Connected],
) -> tuple[Walk, Ask | None]:
    """The call that is due, and the state with everybody passed over who cannot be asked; None where the row is over.

    `question`: what may be sent, by name; `facts`: what conditions ask.
    """
    for plan in workflow.fields:
        while walk.fields[plan.field].status is Status.OPEN:
            state = walk.fields[plan.field]
            if state.at >= len(plan.providers):
                walk = _ended(walk, plan.field)
                break
            choice = plan.providers[state.at]
            ask, reason = _asked(workflow, walk, plan, choice, question, facts, connections)
            if ask is not None:
                return walk, ask
            walk = _passed(walk, (plan.field,), reason)
    return walk, None


def passed_over(walk: Walk, ask: Ask, reason: str) -> Walk:
    """The state where a call is not made after all."""
    return _passed(walk, ask.fields, reason)


def wants_again(walk: Walk, ask: Ask, answer: Answer) -> bool:
    """Whether the same is to be asked once more, later: the question is sound, it costs nothing to try, and it was not
    tried often enough."""
    tries = walk.tries.get(ask.key, 0) + 1
    if answer.outcome.may_be_charged and ask.price > 0:
        return False
    return tries < MOST_TRIES.get(answer.outcome, 0)


def tried(walk: Walk, ask: Ask) -> Walk:
    """The state after a call that is to be made again."""
    return replace(walk, tries={**walk.tries, ask.key: walk.tries.get(ask.key, 0) + 1})


def answered(workflow: Workflow, walk: Walk, ask: Ask, answer: Answer, cost: int) -> tuple[Walk, tuple[Offer, ...]]:
    """The state after an answer, and what it offered for each of the call's fields that it told."""
    walk = replace(walk, spent=walk.spent + cost)
    offers: list[Offer] = []
    for name in ask.fields:
        state = walk.fields[name]
        if state.status is not Status.OPEN:
            continue
        if not answer.outcome.is_answer:
            walk = _passed(walk, (name,), answer.outcome.value, has_failed=True)
            continue
        plan = next(plan for plan in workflow.fields if plan.field == name)
        told = answer.told.get(name)
        if told is None:
            walk = _passed(walk, (name,), answer.outcome.value if not answer.is_found else "not_told")
            continue
        found = checked(workflow.kind(plan), told.value)
        choice = plan.providers[state.at]
        problem = found.problem
        if not problem and told.confidence is not None and told.confidence < choice.minimum_confidence:
            problem = f"confidence {told.confidence:.2f} is below {choice.minimum_confidence:.2f}"
        offers.append(Offer(name, found.value if found.is_valid else told.value, told.confidence, problem))
        if problem:
            reason = "low_confidence" if found.is_valid else "not_told" if problem == "empty" else "invalid"
            walk = _passed(walk, (name,), reason)
        else:
            filled = replace(state, status=Status.FILLED, by=ask.connection)
            walk = replace(walk, fields={**walk.fields, name: filled})
    return walk, tuple(offers)


def replayed(walk: Walk) -> Walk:
    """A row that failed, back at the first provider that failed; what was found stays."""
    fields = {
        name: FieldState(Status.OPEN, state.failed_at, reasons=state.reasons[: state.failed_at])
        if state.status is Status.FAILED and state.failed_at is not None
        else state
        for name, state in walk.fields.items()
    }
    return replace(walk, fields=fields, tries={})


def _asked(
    workflow: Workflow,
    walk: Walk,
    plan: FieldPlan,
    choice: Choice,
    question: Mapping[str, str],
    facts: Mapping[str, Any],
    connections: Mapping[str, Connected],
) -> tuple[Ask | None, str]:
    """The call to a field's next provider, or why there is none."""
    connection = connections.get(choice.provider)
    if connection is None:
        return None, "not_connected"
    if connection.problem:
        return None, connection.problem
    if not _meets(workflow, choice, facts):
        return None, "condition"
    able = [each for each in connection.operations if plan.field in each.gives and each.subject is workflow.subject]
    possible = ((each, sent) for each in able if (sent := each.question(question)) is not None)
    operation, sent = next(possible, (None, None))
    if operation is None or sent is None:
        return None, "input_missing" if able else "not_offered"
    amount = price(operation, connection.per_unit)
    limit = workflow.ceilings.limit("per_row")
    if amount and limit is not None and walk.spent + amount > limit:
        return None, "row_ceiling"
    fields = tuple(
        other.field
        for other in workflow.fields
        if other.field in operation.gives and _is_at(workflow, walk, other, choice.provider, facts)
    )
    return Ask(choice.provider, connection.connection_id, operation, sent, fields, amount), ""


def _is_at(workflow: Workflow, walk: Walk, plan: FieldPlan, provider: str, facts: Mapping[str, Any]) -> bool:
    state = walk.fields[plan.field]
    if state.status is not Status.OPEN or state.at >= len(plan.providers):
        return False
    choice = plan.providers[state.at]
    return choice.provider == provider and _meets(workflow, choice, facts)


def _meets(workflow: Workflow, choice: Choice, facts: Mapping[str, Any]) -> bool:
    return all(holds(each, facts) for each in conditions(workflow.subject, choice.when))


def _passed(walk: Walk, names: Collection[str], reason: str, *, has_failed: bool = False) -> Walk:
    changed = {}
    for name in names:
        state = walk.fields[name]
        failed_at = state.at if has_failed and state.failed_at is None else state.failed_at
        changed[name] = replace(state, at=state.at + 1, failed_at=failed_at, reasons=(*state.reasons, reason))
    return replace(walk, fields={**walk.fields, **changed})


def _ended(walk: Walk, name: str) -> Walk:
    state = walk.fields[name]
    ended = replace(state, status=Status.EMPTY if state.failed_at is None else Status.FAILED)
    return replace(walk, fields={**walk.fields, name: ended})
