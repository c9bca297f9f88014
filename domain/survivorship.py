"""Two records of one person or company become one: which of them stays, and whose word counts for each field.

`survivor` is the record that stays, `merged` the one that is laid into it. Nothing is decided by chance: the same two
records under the same rules always become the same record.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.contacts import LifecycleStage
from domain.errors import InvalidInput

SETTING = "survivorship"
"""Name of the organization's setting."""
KEYS = ("email", "external_id")
"""They say who somebody is: never lost. The one that is not the survivor's stays with the merged record, and still leads
to the survivor."""
FIELDS = (*KEYS, "first_name", "last_name", "title", "phone", "country", "company_id", "owner_user_id")
COMPANY = "company."
"""Prefix of a company's field among rules."""
COMPANY_KEYS = ("domain",)
COMPANY_FIELDS = (*COMPANY_KEYS, "name", "industry", "employee_count", "country")
STAGE = "lifecycle_stage"
ATTRIBUTE = "attributes."
"""Prefix of a custom attribute's name among fields."""
SOURCES = ("form", "identify", "manual", "api", "import", "history")
"""The order of sources where an organization names none: what people say themselves comes first."""


class Side(StrEnum):
    """Whose value is kept."""

    SURVIVOR = "survivor"
    MERGED = "merged"


class Rule(StrEnum):
    """How a field is decided where the two records say different things."""

    MOST_RECENT = "most_recent"
    """The record that changed last."""
    MOST_COMPLETE = "most_complete"
    """The longer of two texts: Jonathan before Jon."""
    SOURCE_PRIORITY = "source_priority"
    """The record from the source that is trusted more."""
    VERIFIED_FIRST = "verified_first"
    """The record whose person answered from its address."""
    HAND_SET_FIRST = "hand_set_first"
    """What somebody set by hand is never replaced by what a form, an import or a program said."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds in an organization: a rule for every field, and the order in which sources are trusted."""

    default: Rule = Rule.MOST_COMPLETE
    of_fields: Mapping[str, Rule] = field(
        default_factory=lambda: {
            "email": Rule.VERIFIED_FIRST,
            "title": Rule.MOST_RECENT,
            "phone": Rule.MOST_RECENT,
            "company_id": Rule.MOST_RECENT,
            "owner_user_id": Rule.MOST_RECENT,
        }
    )
    sources: Sequence[str] = SOURCES

    def of(self, name: str) -> Rule:
        return self.of_fields.get(name, self.default)

    def as_setting(self) -> dict[str, Any]:
        return {
            "default": self.default.value,
            "fields": {name: rule.value for name, rule in sorted(self.of_fields.items())},
            "sources": list(self.sources),
        }


def parse_rules(value: Mapping[str, Any]) -> Rules:
    """Rules as the setting keeps them: {default, fields: {field: rule}, sources: [..]}. Raises InvalidInput, saying what
    is wrong."""
    known = {*FIELDS, *(COMPANY + name for name in COMPANY_FIELDS)}
    for name in value.get("fields") or {}:
        if name not in known and not name.removeprefix(COMPANY).startswith(ATTRIBUTE):
            raise InvalidInput(
                f"no field {name!r} is merged", hint=f"Fields: {', '.join(sorted(known))}, {ATTRIBUTE}<key>."
            )
    sources = [str(source) for source in value.get("sources") or SOURCES]
    if len(set(sources)) != len(sources):
        raise InvalidInput("a source stands in the order twice")
    return Rules(
        default=_rule(value.get("default", Rule.MOST_COMPLETE)),
        of_fields={name: _rule(rule) for name, rule in (value.get("fields") or {}).items()},
        sources=tuple(sources),
    )


def _rule(name: Any) -> Rule:
    try:
        return Rule(name)
    except ValueError:
        raise InvalidInput(f"there is no rule {name!r}", hint=f"Rules: {', '.join(Rule)}.") from None


@dataclass(frozen=True, slots=True)
class Record:
    """One of the two, as the rules see it. `values` by field, stage included; empty means not known."""

    record_id: str
    values: Mapping[str, Any]
    attributes: Mapping[str, Any]
    source: str
    known_at: datetime
    updated_at: datetime
    is_verified: bool = False
    """They sent a form or agreed to something, and no message to them bounced."""
    hand_set: Collection[str] = frozenset()
    """Fields, `attributes.<key>` too, whose value somebody set by hand."""
    fields: Sequence[str] = FIELDS
    keys: Sequence[str] = KEYS
    prefix: str = ""
    """Of the fields among the rules: `company.` of a company."""

    @property
    def filled_count(self) -> int:
        told = [*(self.values.get(name) for name in self.fields), *self.attributes.values()]
        return sum(value not in (None, "") for value in told)

    def value(self, name: str) -> Any:
        """Of a field or `attributes.<key>`; None where nothing is known."""
        if name.startswith(ATTRIBUTE):
            found = self.attributes.get(name.removeprefix(ATTRIBUTE))
        else:
            found = self.values.get(name)
        return None if found == "" else found


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose value a field keeps, and why.

    `reason`: `same`, `only_one`, `by_hand`, `furthest` (of stages), one of the rules, or `no_difference` where the rule
    tells the two records not apart and the survivor's stays.
    """

    field: str
    survivor_value: Any
    merged_value: Any
    kept: Side
    reason: str

    @property
    def value(self) -> Any:
        return self.survivor_value if self.kept is Side.SURVIVOR else self.merged_value

    @property
    def is_differing(self) -> bool:
        return bool(self.survivor_value != self.merged_value)


def better_record(one: Record, other: Record) -> tuple[Record, str]:
    """Which of two records stays unless a person says otherwise, and why: `verified`, `more_complete` or `older`."""
    if one.is_verified != other.is_verified:
        return (one if one.is_verified else other), "verified"
    if one.filled_count != other.filled_count:
        return (one if one.filled_count > other.filled_count else other), "more_complete"
    return min(one, other, key=lambda record: (record.known_at, record.record_id)), "older"


def choices_of(
    survivor: Record, merged: Record, rules: Rules, by_hand: Mapping[str, str] | None = None
) -> list[Choice]:
    """Every field and custom attribute that either record knows, decided. `by_hand` ({field: side}) outranks the rules.

    Raises InvalidInput for a field or side that is none, and for an address or id that would be lost.
    """
    sides = {name: _side(name, side) for name, side in (by_hand or {}).items()}
    keys = sorted({*survivor.attributes, *merged.attributes})
    stage = [STAGE] if STAGE in survivor.values else []
    names = [*survivor.fields, *stage, *(f"{ATTRIBUTE}{key}" for key in keys)]
    if unknown := sorted(set(sides) - set(names)):
        raise InvalidInput(f"neither record has a field {unknown[0]!r}")
    return [_choice(name, survivor, merged, rules, sides.get(name)) for name in names]


def _side(name: str, side: str) -> Side:
    try:
        return Side(side)
    except ValueError:
        raise InvalidInput(f"{name} is kept from the `survivor` or the `merged` record, not from {side!r}") from None


def _choice(name: str, survivor: Record, merged: Record, rules: Rules, by_hand: Side | None) -> Choice:
    mine, theirs = survivor.value(name), merged.value(name)
    if by_hand is not None and mine != theirs:
        if name in survivor.keys and None in (mine, theirs) and (mine if by_hand is Side.SURVIVOR else theirs) is None:
            raise InvalidInput(f"the only {name.replace('_', ' ')} of the two would be lost")
        return Choice(name, mine, theirs, by_hand, "by_hand")
    if mine == theirs:
        return Choice(name, mine, theirs, Side.SURVIVOR, "same")
    if mine is None or theirs is None:
        return Choice(name, mine, theirs, Side.MERGED if mine is None else Side.SURVIVOR, "only_one")
    if name == STAGE:
        is_further = LifecycleStage(theirs).order > LifecycleStage(mine).order
        return Choice(name, mine, theirs, Side.MERGED if is_further else Side.SURVIVOR, "furthest")
    rule = rules.of(survivor.prefix + name)
    ranks = [_rank(rule, record, name, rules.sources) for record in (survivor, merged)]
    if ranks[0] == ranks[1]:
        return Choice(name, mine, theirs, Side.SURVIVOR, "no_difference")
    return Choice(name, mine, theirs, Side.SURVIVOR if ranks[0] > ranks[1] else Side.MERGED, rule.value)


def _rank(rule: Rule, record: Record, name: str, sources: Sequence[str]) -> Any:
    """The higher is kept."""
    value = record.value(name)
    match rule:
        case Rule.MOST_RECENT:
            return record.updated_at
        case Rule.MOST_COMPLETE:
            return len(value) if isinstance(value, str) else 0
        case Rule.SOURCE_PRIORITY:
            return -sources.index(record.source) if record.source in sources else -len(sources)
        case Rule.VERIFIED_FIRST:
            return record.is_verified
        case Rule.HAND_SET_FIRST:
            return (name in record.hand_set, record.updated_at)


def withdrawals(
    survivor: Mapping[tuple[str, str], bool],
    merged: Mapping[tuple[str, str], bool],
    joint: Mapping[tuple[str, str], bool],
) -> list[tuple[str, str]]:
    """Purposes and channels for which a no must be written down, so that the stricter of two answers holds.

    Each mapping is {(purpose, channel): granted?}, the newest answer of the two records alone and of both together.
    """
    refused: Collection[tuple[str, str]] = {
        key for answers in (survivor, merged) for key, is_granted in answers.items() if not is_granted
    }
    return sorted(key for key in refused if joint.get(key))
