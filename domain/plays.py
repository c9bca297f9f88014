"""Plays: what is done when a signal comes in, for whom, and when it is left alone; each answer with its reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.decisions import Decision
from domain.errors import InvalidInput
from domain.filters import Condition, FieldType, parse_filters
from domain.routing import holds
from domain.signals import SignalKind
from domain.tasks import TaskKind

SETTING = "plays"
JOB = "run_plays"
"""The kind of job that asks them about signals (`serving.jobs.run_plays`)."""
FIELDS = {
    "strength": FieldType.NUMBER,
    "signal_source": FieldType.TEXT,
    "country": FieldType.TEXT,
    "industry": FieldType.TEXT,
    "employee_count": FieldType.INTEGER,
    "title": FieldType.TEXT,
    "score": FieldType.NUMBER,
    "band": FieldType.TEXT,
    "is_person_known": FieldType.BOOLEAN,
}
"""What a play may ask, beside `attributes.<key>`; `title`, `score` and `band` are the person's that the signal is about."""
OWNER = "owner"
"""Stands for whoever owns the person, where a play names somebody to do a task or to be told."""
BY_THE_RULES = "routing"
"""Stands for whom routing names, where a play gives people an owner."""
MOST_PLAYS = 50
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


@dataclass(frozen=True, slots=True)
class TaskToDo:
    title: str
    kind: TaskKind
    due_in_days: int
    assignee: str


@dataclass(frozen=True, slots=True)
class Acts:
    """What a play does. `owner`: a user id, `BY_THE_RULES`, or empty; only who has no owner gets one. `people`: how many of
    a company, where a signal names nobody."""

    owner: str = ""
    sequence_id: str = ""
    task: TaskToDo | None = None
    alert: tuple[str, ...] = ()
    people: int = 1


@dataclass(frozen=True, slots=True)
class Play:
    """A signal of one of `kinds` for which all of `conditions` hold → `acts`; then the company is left alone by this play
    for `cooldown`."""

    key: str
    name: str
    is_on: bool
    kinds: frozenset[SignalKind]
    conditions: tuple[Condition, ...]
    cooldown: timedelta
    freshest: timedelta
    most_a_day: int
    spares_customers: bool
    spares_open_deals: bool
    acts: Acts


@dataclass(frozen=True, slots=True)
class Past:
    """What a play did before: when last for this company, and how often today for any."""

    last_fired_at: datetime | None = None
    fired_today: int = 0


def decide(  # noqa: PLR0911  one for each reason
    play: Play, facts: Mapping[str, Any], past: Past, *, observed_at: datetime, now: datetime
) -> Decision:
    """Whether a play fires for a signal of its kinds, and why. `facts`: FIELDS, `attributes`, `is_customer`,
    `has_open_deal`. What is old is asked first, the cap last: it is told only of what would have fired."""
    if now - observed_at > play.freshest:
        return Decision(False, "too_old", {"age_days": (now - observed_at).days})
    failed = next((each for each in play.conditions if not holds(each, facts)), None)
    if failed is not None:
        return Decision(False, "conditions", {"field": failed.field, "op": failed.op.value})
    if play.spares_customers and facts.get("is_customer"):
        return Decision(False, "is_customer")
    if play.spares_open_deals and facts.get("has_open_deal"):
        return Decision(False, "has_open_deal")
    if past.last_fired_at is not None and now - past.last_fired_at < play.cooldown:
        return Decision(False, "cooling_down", {"until": (past.last_fired_at + play.cooldown).isoformat()})
    if past.fired_today >= play.most_a_day:
        return Decision(False, "daily_cap", {"most_a_day": play.most_a_day})
    return Decision(True, "signal")


def parse_plays(raw: Mapping[str, Any], members: Collection[str], sequences: Collection[str]) -> tuple[Play, ...]:
    """Plays of a setting's value, `{plays: [{key, name, is_on, kinds, when, …, acts}]}`. Raises InvalidInput naming the
    first fault, also for people who do not work there and sequences that are not there."""
    entries = raw.get("plays") or []
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise InvalidInput("plays: a list of mappings")
    if len(entries) > MOST_PLAYS:
        raise InvalidInput(f"plays: at most {MOST_PLAYS}")
    plays = tuple(_play(f"plays[{number}]", entry, members, sequences) for number, entry in enumerate(entries))
    keys = [play.key for play in plays]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise InvalidInput(f"plays: the key {twice!r} is taken")
    return plays


def named_in(raw: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """Every person and sequence that plays name, whether they are still there or not."""
    acts = [entry.get("acts") or {} for entry in raw.get("plays") or []]
    people = {user for each in acts for user in (each.get("owner"), *(each.get("alert") or ()))}
    people |= {(each.get("task") or {}).get("assignee") for each in acts}
    return {user for user in people if user}, {each["sequence_id"] for each in acts if each.get("sequence_id")}


def _play(place: str, raw: Mapping[str, Any], members: Collection[str], sequences: Collection[str]) -> Play:
    key, name = str(raw.get("key", "")), str(raw.get("name", "")).strip()
    if not _KEY.fullmatch(key):
        raise InvalidInput(f"{place}.key: small letters, digits, - and _, at most 60")
    if not 1 <= len(name) <= 80:
        raise InvalidInput(f"{place}.name: 1 to 80 characters")
    try:
        kinds = frozenset(SignalKind(kind) for kind in raw.get("kinds") or [])
    except ValueError:
        raise InvalidInput(f"{place}.kinds: of {', '.join(SignalKind)}") from None
    if not kinds:
        raise InvalidInput(f"{place}.kinds: one at least")
    texts = [str(text) for text in raw.get("when") or []]
    custom = {text.split(":")[0]: FieldType.TEXT for text in texts if text.startswith("attributes.")}
    return Play(
        key=key,
        name=name,
        is_on=bool(raw.get("is_on", False)),
        kinds=kinds,
        conditions=parse_filters(texts, {**FIELDS, **custom}),
        cooldown=timedelta(days=_whole(raw, place, "cooldown_days", 30, 0, 365)),
        freshest=timedelta(days=_whole(raw, place, "max_age_days", 14, 1, 365)),
        most_a_day=_whole(raw, place, "most_a_day", 20, 1, 1000),
        spares_customers=bool(raw.get("spares_customers", True)),
        spares_open_deals=bool(raw.get("spares_open_deals", True)),
        acts=_acts(f"{place}.acts", raw.get("acts") or {}, members, sequences),
    )


def _acts(place: str, raw: Mapping[str, Any], members: Collection[str], sequences: Collection[str]) -> Acts:
    owner, sequence_id = str(raw.get("owner") or ""), str(raw.get("sequence_id") or "")
    alert = tuple(dict.fromkeys(str(user) for user in raw.get("alert") or []))
    if owner not in {"", BY_THE_RULES, *members}:
        raise InvalidInput(f"{place}.owner: {BY_THE_RULES}, or somebody who works here")
    if any(user not in {OWNER, *members} for user in alert):
        raise InvalidInput(f"{place}.alert: {OWNER}, or people who work here")
    if sequence_id and sequence_id not in sequences:
        raise InvalidInput(f"{place}.sequence_id: there is no such sequence here")
    task = _task(f"{place}.task", raw["task"], members) if raw.get("task") else None
    if not (owner or sequence_id or task or alert):
        raise InvalidInput(f"{place}: a play does something: owner, sequence_id, task or alert")
    return Acts(owner, sequence_id, task, alert, _whole(raw, place, "people", 1, 1, 10))


def _task(place: str, raw: Mapping[str, Any], members: Collection[str]) -> TaskToDo:
    title, kind, assignee = (
        str(raw.get("title", "")).strip(),
        raw.get("kind", "todo"),
        str(raw.get("assignee") or OWNER),
    )
    if not 1 <= len(title) <= 200:
        raise InvalidInput(f"{place}.title: 1 to 200 characters")
    if kind not in set(TaskKind):
        raise InvalidInput(f"{place}.kind: one of {', '.join(TaskKind)}")
    if assignee not in {OWNER, *members}:
        raise InvalidInput(f"{place}.assignee: {OWNER}, or somebody who works here")
    return TaskToDo(title, TaskKind(kind), _whole(raw, place, "due_in_days", 1, 0, 90), assignee)


def _whole(raw: Mapping[str, Any], place: str, name: str, usual: int, least: int, most: int) -> int:
    value: Any = raw.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidInput(f"{place}.{name}: a whole number from {least} to {most}")
    return int(value)
