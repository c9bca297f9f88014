"""A row of a file as facts about a person or a deal: every cell read by its column, every trouble with its reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from domain.contacts import Domain, EmailAddress
from domain.errors import InvalidInput
from domain.ids import content_id
from domain.imports.countries import country_of
from domain.imports.mapping import Column, address_in
from domain.imports.money import CURRENCY, money_of
from domain.imports.reading import Record, fit
from domain.imports.stages import deal_stage_of, lifecycle_stage_of
from domain.imports.values import EMPTY, EMPTY_VALUE, boolean_of, cell_reader, moment_of, number_of

_CACHED = 20_000
"""Distinct cells of one column whose reading is remembered."""
_LONGEST = {"phone": 40, "pipeline": 80, "name": 200, "lost_reason": 200, "company_name": 200}
_SPACES = re.compile(r"\s+")
_MISSING = object()


@dataclass(slots=True)
class Draft:
    """What one row says. `refusal` is why it cannot be taken; `warnings` are cells that were left out.

    `fields` are facts by target name; `entered` is stage → when it was entered.
    """

    line: int
    raw: str
    fields: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    entered: dict[str, datetime] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    refusal: str = ""
    is_empty: bool = False

    @property
    def reason(self) -> str:
        """The refusal or the warnings in one line of at most 200 characters."""
        return (self.refusal or "; ".join(self.warnings))[:200]


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """What the file itself does not say: the time zone of its dates and the currency of its amounts; `now` bounds
    dates that cannot lie in the future."""

    zone: tzinfo
    currency: str
    now: datetime


class DraftReader:
    """Turns the records of one file into drafts, in order (rows without a key are told apart by content and number)."""

    def __init__(self, columns: Sequence[Column], rules: ReadingRules, *, entity: str) -> None:
        self._width = len(columns)
        self._rules = rules
        self._is_contact = entity != "deals"
        self._seen: Counter[str] = Counter()
        self._cells = [
            self._cell(index, column)
            for index, column in enumerate(columns)
            if column.target != "ignore" and not (column.attribute_key and column.role == "ignored")
        ]
        self._has_key = any(column.target in {"email", "external_id"} for column in columns) and self._is_contact

    def read(self, record: Record) -> Draft:
        """The facts of a row. Never raises on content."""
        draft = Draft(record.line, record.raw)
        if record.fields is None:
            draft.refusal = record.problem
            return draft
        cells, problem = fit(record.fields, self._width)
        if problem:
            draft.refusal = problem
            return draft
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            draft.is_empty = True
            return draft
        self._lay(draft, cells)
        self._complete(draft, cells)
        return draft

    def _lay(self, draft: Draft, cells: list[str]) -> None:
        places = (draft.fields, draft.attributes, draft.entered)
        for reader in self._cells:
            cell = cells[reader.index]
            if not cell:
                continue
            value = reader.known.get(cell, _MISSING)
            if value is _MISSING:
                value = reader.read_first(cell)
            if type(value) is _Trouble:
                draft.warnings.append(f"{reader.name} left empty: {value.message}")
            elif value is not None:
                places[reader.place][reader.key] = value

    def _cell(self, index: int, column: Column) -> _Cell:
        if column.attribute_key:
            return _Cell(index, column.column, 1, column.attribute_key, cell_reader(column.type, self._rules.zone))
        stage = column.target.removeprefix("entered:")
        place = 0 if stage == column.target else 2
        return _Cell(index, column.column, place, stage, self._reader(column))

    def _reader(self, column: Column) -> Callable[[str], Any]:
        target = column.target
        if target in {"known_at", "opened_at", "closed_at"} or target.startswith("entered:"):
            return lambda cell: None if cell.casefold() in EMPTY_VALUE else self._moment(cell, column, target)
        sign = column.format if column.format in {".", ","} else None
        readers: dict[str, Callable[[str], Any]] = {
            "email": _address,
            "contact_email": _address,
            "company_domain": lambda cell: Domain.parse(cell).value,
            "country": _country,
            "lifecycle_stage": _lifecycle,
            "stage": lambda cell: (deal_stage_of(cell), cell),
            "amount": lambda cell: money_of(cell, currency=self._rules.currency, decimal_sign=sign),
            "currency": _currency,
            "probability": lambda cell: _probability(cell, sign or "."),
            "is_unsubscribed": lambda cell: _unsubscribed(cell, self._rules.zone),
            "external_id": _identifier,
            "contact_external_id": _identifier,
        }
        longest = _LONGEST.get(target, 200)
        read: Callable[[str], Any] = readers.get(target) or (lambda cell: _text(cell, longest))
        return lambda cell: None if cell.casefold() in EMPTY else read(cell)

    def _moment(self, cell: str, column: Column, target: str) -> datetime:
        moment = moment_of(cell, column.format, self._rules.zone)
        if target != "closed_at" and moment > self._rules.now + timedelta(days=1):
            raise InvalidInput(f"{cell!r} lies in the future")
        if moment < datetime(1900, 1, 1, tzinfo=UTC):
            raise InvalidInput(f"{cell!r} is too long ago")
        return moment

    def _complete(self, draft: Draft, cells: list[str]) -> None:
        facts = draft.fields
        if self._is_contact:
            _split_name(facts)
        else:
            self._complete_deal(draft)
        for name in ("email", "contact_email"):
            if isinstance(facts.get(name), list):
                facts[name], *others = facts[name]
                draft.warnings.append(f"further addresses left out: {', '.join(others)}")
        if (self._is_contact and "email" in facts) or "external_id" in facts:
            return
        if any(warning.endswith("is not an address") for warning in draft.warnings) and self._is_contact:
            draft.refusal = "; ".join(draft.warnings)
            return
        if self._has_key and not any(facts.values()) and not draft.attributes:
            draft.refusal = "nothing to keep: no address, no id, no other value"
            return
        content = content_id("\x1f".join(cells))[:24]
        self._seen[content] += 1
        count = self._seen[content]
        facts["external_id"] = f"row:{content}" if count == 1 else f"row:{content}:{count}"

    def _complete_deal(self, draft: Draft) -> None:
        facts = draft.fields
        stage, written = facts.get("stage") or (None, "")
        if written and stage is None:
            draft.warnings.append(f"the stage {written!r} is not known: taken as opportunity")
            draft.attributes.setdefault("stage_name", written)
        facts["stage"] = stage or "opportunity"
        amount, currency = facts.pop("amount", None) or (None, None)
        if amount is not None:
            stated = facts.get("currency")
            facts["amount_minor"], facts["currency"] = amount, stated or currency
        if "closed_at" in facts and facts["stage"] not in {"won", "lost"}:
            draft.attributes.setdefault("expected_close_on", facts.pop("closed_at").date().isoformat())


@dataclass(frozen=True, slots=True)
class _Trouble:
    message: str


@dataclass(slots=True)
class _Cell:
    """How one column is read, and what its cells were found to say; `place`: 0 field, 1 attribute, 2 stage entered."""

    index: int
    name: str
    place: int
    key: str
    read: Callable[[str], Any]
    known: dict[str, Any] = field(default_factory=dict)

    def read_first(self, cell: str) -> Any:
        """The value of a cell not seen before, or the trouble with it."""
        value: Any
        try:
            value = self.read(cell)
        except InvalidInput as error:
            value = _Trouble(error.message[:150])
        if len(self.known) < _CACHED:
            self.known[cell] = value
        return value


def _address(cell: str) -> Any:
    """One address, or a list of them where the cell holds several."""
    bare = address_in(cell)
    try:
        return EmailAddress.parse(bare).value
    except InvalidInput:
        found = [part for part in re.split(r"[;,|\s]+", bare) if "@" in part]
        if len(found) < 2:
            raise InvalidInput(f"{cell[:80]!r} is not an address") from None
    return [EmailAddress.parse(address_in(part)).value for part in found]


def _country(cell: str) -> str:
    code = country_of(cell)
    if code is None:
        raise InvalidInput(f"{cell[:60]!r} is not a known country")
    return code


def _lifecycle(cell: str) -> str:
    stage = lifecycle_stage_of(cell)
    if stage is None:
        raise InvalidInput(f"{cell[:60]!r} is not a known stage")
    return stage


def _currency(cell: str) -> str:
    if not CURRENCY.match(cell.upper()):
        raise InvalidInput(f"{cell[:20]!r} is not a currency code")
    return cell.upper()


def _probability(cell: str, sign: str) -> float:
    number = number_of(cell, sign)
    share = number / 100 if number > 1 or cell.endswith("%") else number
    if not 0 <= share <= 1:
        raise InvalidInput(f"{cell!r} is not a probability")
    return share


def _unsubscribed(cell: str, zone: tzinfo) -> bool | None:
    """A truth, or a date on which it became one."""
    try:
        return boolean_of(cell) or None
    except InvalidInput:
        moment_of(cell, "ymd", zone)
        return True


def _identifier(cell: str) -> str:
    if len(cell) > 200:
        raise InvalidInput("an id has at most 200 characters")
    return cell.removesuffix(".0") if cell[:-2].isdigit() else cell


def _text(cell: str, longest: int) -> str:
    return _SPACES.sub(" ", cell)[:longest]


def _split_name(facts: dict[str, Any]) -> None:
    """`Lovelace, Ada` and `Ada Lovelace` become first and last name where the file has no columns for them."""
    full = facts.pop("full_name", None)
    if not full or facts.get("first_name") or facts.get("last_name"):
        return
    if "," in full:
        last, _, first = full.partition(",")
    else:
        first, _, last = full.partition(" ")
    facts.update({key: part.strip() for key, part in (("first_name", first), ("last_name", last)) if part.strip()})
