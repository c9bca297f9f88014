"""What each column becomes: suggested from its name and its values, changed by a person, checked before use."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from domain.contacts import Domain, EmailAddress
from domain.errors import ImportRejected, InvalidInput
from domain.imports.countries import country_of
from domain.imports.headers import OUTCOME_HEADERS, attribute_key, meaning, normalise, target_names
from domain.imports.stages import deal_stage_of, lifecycle_stage_of
from domain.imports.values import EMPTY, EMPTY_VALUE, FALSE, TRUE, ColumnType, infer_type

ROLES = ("feature", "outcome", "post_outcome", "ignored")
_PHONE = re.compile(r"^[+(]?[\d(][\d\s()./-]{4,24}(?:\s*(?:x|ext\.?)\s*\d{1,6})?$", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d]")
_SEVERAL_ALLOWED = frozenset({"is_unsubscribed"})
_DATES = frozenset({"known_at", "opened_at", "closed_at"})


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """What was seen in a column of the whole file: distinct filled values (at most 2,000 of them), and how many cells
    were filled."""

    distinct: tuple[str, ...] = ()
    filled_count: int = 0
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    """One column and what becomes of it.

    `target`: a field (`email`, `stage`, `entered:won`…), `attribute:<key>` or `ignore`. `data_type` and `format` say how
    its cells are read. `role` and `positive_value` are for attributes. `is_suggested` until a person has said so.
    """

    column: str
    target: str
    data_type: str = "text"
    role: str = "feature"
    positive_value: str | None = None
    format: str = ""
    confidence: float = 0.0
    note: str = ""
    is_suggested: bool = True
    examples: tuple[str, ...] = field(default=())

    @property
    def attribute_key(self) -> str | None:
        return self.target.removeprefix("attribute:") if self.target.startswith("attribute:") else None

    @property
    def type(self) -> ColumnType:
        return ColumnType(self.data_type, self.format)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "examples": list(self.examples)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        known = {name: value for name, value in stored.items() if name in cls.__dataclass_fields__}
        return cls(**{**known, "examples": tuple(known.get("examples") or ())})


def identity_notes(columns: Sequence[Column], *, entity: str) -> tuple[str, ...]:
    """A warning where no column tells one lead from another, so that a later file can only add leads."""
    if entity != "contacts" or {"email", "external_id"} & {column.target for column in columns}:
        return ()
    return ("no column holds an e-mail address or an id: each row becomes a lead of its own",)


def suggest(
    columns: Sequence[str], values: Sequence[ColumnValues], *, entity: str, comma_likely: bool = False
) -> list[Column]:
    """A mapping for every column, from its name first and its values always: a name that its values contradict loses."""
    found: list[Column] = []
    keys: set[str] = set()
    wanted: list[tuple[float, int, str]] = []
    for index, (name, seen) in enumerate(zip(columns, values, strict=True)):
        target = meaning(name, entity)
        share = _fitting(target, seen) if target else 0.0
        enough = 0.01 if target in {"email", "contact_email"} else 0.6  # broken addresses are listed, not hidden
        if target and (share >= enough or not seen.filled_count):
            wanted.append((0.5 + share / 2, index, target))
        elif sniffed := _sniff(seen, entity):
            wanted.append((0.6, index, sniffed))
    chosen: dict[int, tuple[str, float]] = {}
    for confidence, index, target in sorted(wanted, key=lambda item: (-item[0], item[1])):
        taken = {other for other, _ in chosen.values()}
        if target not in taken or target in _SEVERAL_ALLOWED:
            chosen[index] = (target, confidence)
    for index, (name, seen) in enumerate(zip(columns, values, strict=True)):
        kind = infer_type(seen.distinct, comma_likely=comma_likely)
        target, confidence = chosen.get(index, ("", 0.0))
        note = kind.note
        if not target and not seen.filled_count:
            target, note = "ignore", "the column is empty"
        elif not target:
            key = attribute_key(name, keys)
            keys.add(key)
            target = f"attribute:{key}"
            if normalise(name) in OUTCOME_HEADERS and len(seen.distinct) == 2:
                note = "two values: perhaps the outcome; mark it as such if it is"
        found.append(
            Column(
                name,
                target,
                kind.data_type,
                format=kind.format,
                confidence=round(confidence, 2),
                note=note,
                examples=tuple(value[:80] for value in seen.distinct[:3]),
            )
        )
    return found


def _fitting(target: str, seen: ColumnValues) -> float:
    """The share of a column's values that could stand in the field."""
    values = [value for value in seen.distinct[:500] if value.casefold() not in EMPTY_VALUE]
    if not values:
        return 1.0
    few = len(seen.distinct) <= 12 and seen.filled_count >= 100 and seen.is_complete
    if few and target in {"full_name", "first_name", "last_name", "phone", "external_id", "title", "company_name"}:
        return 0.0  # categories, whatever the column is called
    fits = _checks(target)
    return sum(1 for value in values if fits(value)) / len(values)


def _checks(target: str) -> Callable[[str], bool]:
    if target in _DATES or target.startswith("entered:"):
        return lambda value: infer_type([value]).data_type in {"date", "datetime"} or value.isdigit()
    checks: dict[str, Callable[[str], bool]] = {
        "email": _is_email,
        "contact_email": _is_email,
        "company_domain": _is_domain,
        "phone": lambda value: bool(_PHONE.match(value)),
        "country": lambda value: country_of(value) is not None,
        "lifecycle_stage": lambda value: lifecycle_stage_of(value) is not None,
        "stage": lambda value: deal_stage_of(value) is not None,
        "amount": lambda value: any(character.isdigit() for character in value) and len(value) < 30,
        "currency": lambda value: len(value) == 3 and value.isalpha(),
        "probability": lambda value: infer_type([value]).data_type in {"integer", "number"},
        "is_unsubscribed": lambda value: value.casefold() in TRUE | FALSE or infer_type([value]).data_type == "date",
        "title": lambda value: bool(_WORDS.search(value)),
        **dict.fromkeys(("full_name", "first_name", "last_name"), lambda value: bool(_WORDS.search(value))),
    }
    return checks.get(target, bool)


def _sniff(seen: ColumnValues, entity: str) -> str | None:
    """A field that the values speak for on their own, whatever the column is called."""
    values = [value for value in seen.distinct[:500] if value.casefold() not in EMPTY]
    if len(values) >= 1 and sum(1 for value in values if _is_email(value)) >= 0.8 * len(values):
        return "contact_email" if entity == "deals" else "email"
    return None


_PROFILE_SITES = frozenset({"linkedin.com", "facebook.com", "twitter.com", "x.com", "instagram.com", "xing.com"})
"""Where people have a page of their own: its address says nothing of their company."""


def _is_email(value: str) -> bool:
    return parses(EmailAddress.parse, address_in(value))


def _is_domain(value: str) -> bool:
    return parses(Domain.parse, value) and Domain.parse(value).value not in _PROFILE_SITES


def parses(parse: Callable[[str], object], value: str) -> bool:
    """Whether a parser takes the value."""
    try:
        parse(value)
    except InvalidInput:
        return False
    return True


def address_in(value: str) -> str:
    """The bare address in `Ada <ada@example.com>` or `mailto:ada@example.com`."""
    if "<" in value and value.rstrip().endswith(">"):
        value = value.rpartition("<")[2].rstrip("> ")
    return value.strip().removeprefix("mailto:").strip("'\"")


def change(
    columns: Sequence[Column],
    *,
    entity: str,
    overrides: Mapping[str, str | Mapping[str, Any]] | None = None,
    outcome_column: str | None = None,
    positive_value: str | None = None,
    post_outcome_columns: Sequence[str] = (),
    values: Mapping[str, ColumnValues] | None = None,
) -> list[Column]:
    """The mapping with a person's changes.

    `overrides`: {column: target}, or {column: {target, data_type, format, role, positive_value}}; a column's own name
    stands for an attribute of that name with `attribute`. Raises ImportRejected for a column or target that is not there.
    """
    by_name = {column.column: column for column in columns}
    for name, wish in (overrides or {}).items():
        fields = {"target": wish or "ignore"} if isinstance(wish, str) else dict(wish)
        by_name[name] = _overridden(_named(by_name, name), fields, entity)
    for name in post_outcome_columns:
        by_name[name] = _as_attribute(_named(by_name, name), role="post_outcome")
    if outcome_column is not None:
        outcome = _as_attribute(_named(by_name, outcome_column), role="outcome", data_type="text")
        seen = (values or {}).get(outcome_column, ColumnValues())
        by_name[outcome_column] = replace(outcome, positive_value=positive_value or _likely_positive(outcome, seen))
    changed = [by_name[column.column] for column in columns]
    check(changed)
    return changed


def _named(by_name: Mapping[str, Column], name: str) -> Column:
    if name in by_name:
        return by_name[name]
    close = [other for other in by_name if normalise(other) == normalise(name)]
    if len(close) == 1:
        return by_name[close[0]]
    raise ImportRejected(f"there is no column {name!r}", hint=f"The file has: {', '.join(by_name)}.")


def _overridden(column: Column, fields: Mapping[str, Any], entity: str) -> Column:
    allowed = {"target", "data_type", "format", "role", "positive_value"}
    if unknown := set(fields) - allowed:
        raise ImportRejected(f"a column has no {', '.join(sorted(unknown))}")
    target = str(fields.get("target") or column.target)
    if target == "attribute":
        target = column.target if column.attribute_key else f"attribute:{attribute_key(column.column)}"
    elif target.startswith("attribute:"):
        target = f"attribute:{attribute_key(target.removeprefix('attribute:'))}"
    elif target not in {"ignore", *target_names(entity)}:
        names = ", ".join(("attribute", "attribute:<key>", "ignore", *target_names(entity)))
        raise ImportRejected(f"there is no target {target!r}", hint=f"Choose one of: {names}.")
    if fields.get("role", "feature") not in ROLES:
        raise ImportRejected(f"there is no role {fields['role']!r}", hint=f"Choose one of: {', '.join(ROLES)}.")
    rest = {name: value for name, value in fields.items() if name != "target" and value is not None}
    return replace(column, target=target, is_suggested=False, confidence=1.0, **rest)


def _as_attribute(column: Column, **changes: Any) -> Column:
    target = column.target if column.attribute_key else f"attribute:{attribute_key(column.column)}"
    return replace(column, target=target, is_suggested=False, confidence=1.0, **changes)


def _likely_positive(column: Column, seen: ColumnValues) -> str:
    """The one of an outcome's values that reads like a success; raises ImportRejected when none or several do."""
    positive = [
        value for value in seen.distinct if value.casefold() in TRUE | {"won", "converted", "customer", "success"}
    ]
    if len(positive) == 1:
        return positive[0]
    raise ImportRejected(
        f"which value of {column.column!r} counts as success?",
        hint=f"Name it as the positive value; the column holds {', '.join(seen.distinct[:10])}.",
    )


def check(columns: Sequence[Column]) -> None:
    """Raises ImportRejected when two columns want one field, or when there is more than one outcome."""
    seen: dict[str, str] = {}
    for column in columns:
        if column.target == "ignore" or column.target in _SEVERAL_ALLOWED:
            continue
        if column.target in seen:
            message = f"{seen[column.target]!r} and {column.column!r} are both mapped to {column.target}"
            raise ImportRejected(message, hint="Map one of them to something else, or to ignore.")
        seen[column.target] = column.column
    outcomes = [column.column for column in columns if column.role == "outcome"]
    if len(outcomes) > 1:
        raise ImportRejected(f"only one column can be the outcome, not {' and '.join(outcomes)}")
