"""One question to one connection, to see whether it answers: it writes no value, and its price counts."""

from __future__ import annotations

from domain.enrichment.answers import Operation
from domain.enrichment.fields import FIELDS, checked
from domain.enrichment.spending import cost, first_exceeded, price
from domain.enrichment.walking import Ask
from domain.errors import Conflict, InvalidInput
from domain.settings import Settings
from serving.access.principals import Principal
from serving.enrichment.connecting import own
from serving.enrichment.doors import doors_of
from serving.enrichment.plans import Joint, joint_of, limits_of, today_of
from serving.enrichment.schemas import ProbeIn, ProbeOut, ToldOut
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.enrichment_calls import EnrichmentBudgets, day_scope, month_scope
from storage.ops.repositories.enrichment_connections import EnrichmentConnections
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store, Work


def probe(store: Store, settings: Settings, principal: Principal, connection_id: str, body: ProbeIn) -> ProbeOut:
    """Asks one question and writes nothing but that it was asked. It may cost a credit, which counts against the
    organization's limits. Raises Conflict where one of them is reached."""
    with store.write(principal.scope, principal.actor) as work:
        connections = EnrichmentConnections(work)
        joint = joint_of(connections, own(work, connection_id))
        operation = _operation(joint, body)
        question = operation.question({name: value.strip() for name, value in body.question.items()})
        if question is None:
            ways = " or ".join(", ".join(names) for names in operation.needs)
            raise InvalidInput(f"{operation.name} needs {ways}")
        reserved = price(operation, joint.per_unit)
        scopes = _reserve(work, reserved)
        Audit(work).record("test", "enrichment_connection", connection_id, after={"operation": operation.name})
    ask = Ask(joint.name, joint.connection_id, operation, question, tuple(sorted(operation.gives)), reserved)
    answer, milliseconds = doors_of(settings).call(store, principal.scope, joint, ask)
    with store.write(principal.scope, principal.actor) as work:
        paid = cost(operation, joint.per_unit, answer)
        EnrichmentBudgets(work).move(dict.fromkeys(scopes, (-reserved, paid)))
    told = {}
    for name, one in answer.told.items():
        found = checked(FIELDS[operation.subject][name], one.value)
        value = found.value if found.is_valid else one.value
        told[name] = ToldOut(value=value, confidence=one.confidence, problem=found.problem)
    return ProbeOut(outcome=answer.outcome.value, problem=answer.problem, milliseconds=milliseconds, told=told)


def _reserve(work: Work, amount: int) -> tuple[str, ...]:
    """Sets money aside for one call; answers the limits that it counts against."""
    today = today_of(Organizations(work).get(work.scope.organization_id).time_zone, work.now())  # type: ignore[union-attr]
    scopes, budgets = (day_scope(today), month_scope(today)), EnrichmentBudgets(work)
    held = budgets.hold(dict(zip(scopes, limits_of(work), strict=True)))
    if (broken := first_exceeded(held, amount, {})) is not None:
        span = "day" if broken.scope == scopes[0] else "month"
        raise Conflict(f"this call would cost more than is left for the {span}", hint="Set another limit first.")
    budgets.move(dict.fromkeys(scopes, (amount, 0)))
    return scopes


def _operation(joint: Joint, body: ProbeIn) -> Operation:
    named = [each for each in joint.operations if not body.operation or each.name == body.operation]
    able = [each for each in named if each.question(body.question)] or named
    if not able:
        raise InvalidInput(
            f"{joint.name} has no operation {body.operation!r}",
            hint=f"Operations: {', '.join(each.name for each in joint.operations) or 'none'}.",
        )
    return able[0]
