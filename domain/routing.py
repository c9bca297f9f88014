"""Who gets a lead: ordered rules, the people they may choose among, and one answer that is never nobody.

A rule that holds names people. Whoever is away, off duty or full is passed over; among the rest a pool is dealt round by
weight (smooth weighted round robin, as nginx deals servers), so that people of weight 2 and 1 get A B A, not A A B, and
somebody who comes back from a holiday is not flooded with what they missed. Where a rule finds nobody, the next one is
asked; at the end stands the fallback, who gets the lead whatever their hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from domain.errors import InvalidInput
from domain.filters import Condition, FieldType, Op, parse_filters
from domain.working_hours import ALWAYS, WorkingHours, parse_working_hours

SETTING = "routing"
FIELDS = {
    "country": FieldType.TEXT,
    "language": FieldType.TEXT,
    "industry": FieldType.TEXT,
    "source": FieldType.TEXT,
    "channel": FieldType.TEXT,
    "band": FieldType.TEXT,
    "title": FieldType.TEXT,
    "email_domain": FieldType.TEXT,
    "employee_count": FieldType.INTEGER,
    "deal_amount_minor": FieldType.INTEGER,
    "score": FieldType.NUMBER,
    "is_known_company": FieldType.BOOLEAN,
}
"""What a rule may ask of a lead; `attributes.<key>` is compared as text."""


SCORED = frozenset({"band", "score"})
"""What a lead that came in a moment ago does not have yet."""


class Choice(StrEnum):
    """Whom a rule means."""

    POOL = "pool"
    """The people it names, dealt round by weight."""
    OWNER = "owner"
    """Whoever owns the contact already."""
    COMPANY_OWNER = "company_owner"
    """Whoever owns the contact's company."""


@dataclass(frozen=True, slots=True)
class Rule:
    """All of `conditions` hold → `choice`. `people`: weights by user id, of a pool."""

    name: str
    conditions: tuple[Condition, ...]
    choice: Choice
    people: Mapping[str, int] = field(default_factory=dict)
    is_on_duty_only: bool = True
    """Whether hours count. A pool that may take leads at night says no."""


@dataclass(frozen=True, slots=True)
class Routing:
    """Rules in order, and who gets what no rule could place."""

    rules: tuple[Rule, ...]
    fallback_user_id: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may get leads. `open_count`: what they work on now; `capacity`: how much that may be, None for any."""

    user_id: str
    hours: WorkingHours = ALWAYS
    capacity: int | None = None
    open_count: int = 0
    away: tuple[tuple[date, date], ...] = ()
    """First and last days, in the time zone of their hours."""
    is_paused: bool = False

    def absence(self, now: datetime, *, asks_hours: bool) -> str:
        """Why they get nothing now, or an empty text."""
        today = now.astimezone(ZoneInfo(self.hours.time_zone)).date()
        if self.is_paused:
            return "paused"
        if any(first <= today <= last for first, last in self.away):
            return "away"
        if self.capacity is not None and self.open_count >= self.capacity:
            return "at_capacity"
        if asks_hours and not self.hours.is_open(now):
            return "off_duty"
        return ""


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one rule: `chosen`, `conditions` (which one failed), `nobody` (why each was passed over). A first step
    `waited` says that the rules were asked once the score was there, or after the longest wait."""

    rule: str
    outcome: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Routed:
    """The answer: an owner, always; the rule that chose them; the way there; and the pool's next turn."""

    user_id: str
    rule: str
    reason: str
    steps: tuple[Step, ...]
    turns: Mapping[str, int] | None = None
    """Of the pool that was dealt: what to keep for its next lead; None where nothing was dealt."""


def route(
    routing: Routing,
    facts: Mapping[str, Any],
    people: Mapping[str, Person],
    turns: Mapping[str, Mapping[str, int]],
    *,
    now: datetime,
    without: frozenset[str] = frozenset(),
) -> Routed:
    """Who gets this lead, and why. `facts`: FIELDS, `attributes`, `owner_user_id`, `company_owner_user_id`; `turns`: the
    state of each rule's pool as the last `Routed.turns` left it; `without`: whom no rule may choose this time."""
    steps: list[Step] = []
    for rule in routing.rules:
        failed = next((each for each in rule.conditions if not holds(each, facts)), None)
        if failed is not None:
            steps.append(Step(rule.name, "conditions", {"field": failed.field, "op": failed.op.value}))
            continue
        weights = _named(rule, facts)
        passed_over = {
            user_id: why
            for user_id in weights
            if (why := "had_it" if user_id in without else _absence(people.get(user_id), now, rule))
        }
        free = {user_id: weight for user_id, weight in weights.items() if user_id not in passed_over}
        if not free:
            steps.append(Step(rule.name, "nobody", passed_over or {"nobody": "named"}))
            continue
        chosen, state = _deal(free, turns.get(rule.name, {}))
        steps.append(Step(rule.name, "chosen", {"user_id": chosen, "passed_over": passed_over}))
        dealt = state if rule.choice is Choice.POOL else None
        return Routed(chosen, rule.name, rule.choice.value, tuple(steps), dealt)
    steps.append(Step("fallback", "chosen", {"user_id": routing.fallback_user_id}))
    return Routed(routing.fallback_user_id, "fallback", "no_rule_found_anybody", tuple(steps))


def waits_for_score(routing: Routing, facts: Mapping[str, Any], people: Mapping[str, Person], *, now: datetime) -> bool:
    """Whether who gets a lead hangs on a score that it does not have yet: a rule asks for one before any other rule, whose
    conditions hold whatever the score, finds somebody free."""
    for rule in routing.rules:
        met = hangs_on_score(rule.conditions, facts)
        if met is None:
            return True
        if met and any(not _absence(people.get(user_id), now, rule) for user_id in _named(rule, facts)):
            return False
    return False


def hangs_on_score(conditions: Sequence[Condition], facts: Mapping[str, Any]) -> bool | None:
    """Whether a lead meets all conditions; None where that depends on a score that it does not have yet."""
    is_scored = facts.get("score") is not None
    known = [each for each in conditions if is_scored or each.field not in SCORED]
    if not all(holds(each, facts) for each in known):
        return False
    return None if len(known) < len(conditions) else True


def holds(condition: Condition, facts: Mapping[str, Any]) -> bool:
    """Whether a lead meets a condition; text is compared without case. A missing value meets only `empty`, `ne`, `not_in`."""
    group, dot, key = condition.field.partition(".")
    value = (facts.get("attributes") or {}).get(key) if dot and group == "attributes" else facts.get(condition.field)
    if condition.op in {Op.EMPTY, Op.FILLED}:
        return (value in {None, ""}) == (condition.op is Op.EMPTY)
    if value is None:
        return condition.op in {Op.NE, Op.NOT_IN}
    wanted = [_folded(each) for each in condition.values]
    compared = _COMPARED[condition.op]
    return bool(compared(str(value).casefold() if isinstance(wanted[0], str) else value, wanted))


_COMPARED: Mapping[Op, Any] = {
    Op.EQ: lambda value, wanted: value == wanted[0],
    Op.NE: lambda value, wanted: value != wanted[0],
    Op.IN: lambda value, wanted: value in wanted,
    Op.NOT_IN: lambda value, wanted: value not in wanted,
    Op.CONTAINS: lambda value, wanted: wanted[0] in value,
    Op.STARTS: lambda value, wanted: value.startswith(wanted[0]),
    Op.GT: lambda value, wanted: value > wanted[0],
    Op.GTE: lambda value, wanted: value >= wanted[0],
    Op.LT: lambda value, wanted: value < wanted[0],
    Op.LTE: lambda value, wanted: value <= wanted[0],
}


def parse_routing(raw: Mapping[str, Any], members: Sequence[str]) -> Routing:
    """The rules of a setting's value: `{version, fallback_user_id, rules: [{name, when: [filter, …], choice, people,
    on_duty_only}]}`. Raises InvalidInput naming the first fault, also for people who do not work there."""
    fallback = raw.get("fallback_user_id")
    if fallback not in members:
        raise InvalidInput("routing: fallback_user_id is somebody who works here", hint="A lead is never nobody's.")
    entries = raw.get("rules") or []
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise InvalidInput("routing: rules is a list of mappings")
    rules = tuple(_rule(f"rules[{number}]", entry, members) for number, entry in enumerate(entries))
    names = [rule.name for rule in rules]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice or "fallback" in names:
        raise InvalidInput(f"routing: the name {twice or 'fallback'!r} is taken")
    return Routing(rules, str(fallback), str(raw.get("version", "")))


def parse_person(user_id: str, raw: Mapping[str, Any], *, time_zone: str, open_count: int = 0) -> Person:
    """Somebody's duty: `{hours: …, capacity, away: [[first, last], …], is_paused}`. Raises InvalidInput."""
    capacity = raw.get("capacity")
    if capacity is not None and (isinstance(capacity, bool) or not isinstance(capacity, int) or capacity < 0):
        raise InvalidInput("routing: capacity is a whole number, or nothing")
    try:
        away = tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in raw.get("away") or [])
    except (TypeError, ValueError) as error:
        raise InvalidInput("routing: away is a list of [first day, last day]") from error
    if any(first > last for first, last in away):
        raise InvalidInput("routing: an absence ends before it begins")
    hours = parse_working_hours(raw["hours"], time_zone) if raw.get("hours") else ALWAYS
    return Person(user_id, hours, capacity, open_count, away, bool(raw.get("is_paused", False)))


def _rule(place: str, raw: Mapping[str, Any], members: Sequence[str]) -> Rule:
    name, choice = raw.get("name"), raw.get("choice", Choice.POOL.value)
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= 80:
        raise InvalidInput(f"routing: {place}.name: 1 to 80 characters")
    if choice not in set(Choice):
        raise InvalidInput(f"routing: {place}.choice: one of {', '.join(Choice)}")
    people = raw.get("people") or {}
    if choice == Choice.POOL and not people:
        raise InvalidInput(f"routing: {place}.people: a pool needs somebody")
    for user_id, weight in people.items() if isinstance(people, Mapping) else [(None, 0)]:
        if user_id not in members:
            raise InvalidInput(f"routing: {place}.people: {user_id!r} does not work here")
        if isinstance(weight, bool) or not isinstance(weight, int) or not 1 <= weight <= 100:
            raise InvalidInput(f"routing: {place}.people: weights are 1 to 100")
    texts = raw.get("when") or []
    if not isinstance(texts, list):
        raise InvalidInput(f"routing: {place}.when: a list of field:op:value")
    custom = {
        text.split(":")[0]: FieldType.TEXT for text in texts if isinstance(text, str) and text.startswith("attributes.")
    }
    conditions = parse_filters([str(text) for text in texts], {**FIELDS, **custom})
    return Rule(name.strip(), conditions, Choice(choice), dict(people), bool(raw.get("on_duty_only", True)))


def _named(rule: Rule, facts: Mapping[str, Any]) -> Mapping[str, int]:
    """Whom the rule means, with weights; nobody where there is no owner."""
    if rule.choice is Choice.POOL:
        return rule.people
    owner = facts.get("owner_user_id" if rule.choice is Choice.OWNER else "company_owner_user_id")
    return {str(owner): 1} if owner else {}


def _absence(person: Person | None, now: datetime, rule: Rule) -> str:
    return "left" if person is None else person.absence(now, asks_hours=rule.is_on_duty_only)


def _deal(weights: Mapping[str, int], turns: Mapping[str, int]) -> tuple[str, Mapping[str, int]]:
    """The next of a pool, and the state after it. Who is not there now neither gains nor loses."""
    raised = {user_id: turns.get(user_id, 0) + weight for user_id, weight in weights.items()}
    chosen = max(sorted(raised), key=raised.__getitem__)
    raised[chosen] -= sum(weights.values())
    return chosen, {**turns, **raised}


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
