"""What a chunk of rows will do: planned outside the write lock, checked and written inside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from sqlalchemy import Dialect, Select, inspect, select

from domain.imports.drafts import Draft
from storage.ops import changes, contact_index
from storage.ops.bulk.statements import (
    Statement,
    emptying,
    indexing,
    insertion_into,
    rows_of,
    run_ready,
    update_of,
)
from storage.ops.insertion import upsertion
from storage.ops.keys import among, keys_of
from storage.ops.store import Work
from storage.ops.tables import (
    Activity,
    Base,
    ChangeLog,
    Company,
    Contact,
    ContactValue,
    Deal,
    DealStageChange,
    ImportRow,
    LifecycleChange,
    Suppression,
)

ORDER = (Company, Contact, Deal, LifecycleChange, DealStageChange, Activity, Suppression)
"""In which tables are written, so that what is referred to is there."""
Ready = tuple[Statement, list[Any]]
"""A statement and its parameters."""
UNLOGGED = frozenset({Activity})
"""An `imported` line of a timeline says nothing that the contact's own change does not: it is not landed again."""


@dataclass(slots=True)
class RowResult:
    """What one row does. `raw` is kept for rows with a reason; `before` is {field: {was, became}} of an update."""

    line: int
    outcome: str
    entity_id: str | None = None
    reason: str = ""
    raw: str | None = None
    before: dict[str, Any] | None = None


@dataclass(slots=True)
class Update:
    """A row that is there already: what changes, the whole of it afterwards, and the `updated_at` we decided upon."""

    row: dict[str, Any]
    seen_at: datetime
    changed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Plan:
    """Rows to write by table, and what each row of the file did."""

    results: list[RowResult] = field(default_factory=list)
    inserts: dict[type[Base], list[dict[str, Any]]] = field(default_factory=dict)
    updates: dict[str, Update] = field(default_factory=dict)

    def insert(self, table: type[Base], row: dict[str, Any]) -> dict[str, Any]:
        self.inserts.setdefault(table, []).append(row)
        return row


@dataclass(frozen=True, slots=True)
class FoundBy:
    """Rows of `contact_words` and `contact_values`, and {contact_id} of those whose former values go."""

    words: list[dict[str, Any]]
    values: list[dict[str, Any]]
    emptied: list[dict[str, Any]]


class Planner(Protocol):
    """Plans the rows of one entity."""

    table: type[Base]

    def load(self, work: Work, drafts: list[Draft]) -> None:
        """Reads what is known about the drafts' people, companies and deals."""

    def plan(self, drafts: list[Draft], now: datetime) -> Plan:
        """Decides what each draft does; writes nothing."""

    def found_by(self, plan: Plan) -> FoundBy | None:
        """What the plan's contacts are found by afterwards; none of what are no contacts."""

    def forget(self) -> None:
        """The plan could not be written, for somebody was quicker: nothing that was read earlier is trusted."""

    def written(self, plan: Plan) -> None:
        """The plan is committed: what it made is known from now on."""

    def pretend(self, plan: Plan, keys: Collection[str]) -> None:
        """In a trial: takes the plan's rows for written ones, where one of their keys will be met again."""


def without_entity(draft: Draft) -> RowResult | None:
    """The result of a row that cannot be taken, or that holds nothing."""
    if draft.refusal:
        return RowResult(draft.line, "rejected", reason=draft.reason, raw=draft.raw)
    return RowResult(draft.line, "skipped", reason="empty_row") if draft.is_empty else None


def left_alone(draft: Draft, entity_id: str, policy: str, *, is_ours: bool) -> RowResult:
    """The result of a row that is here already, under a policy that changes nothing: `skip` or `create`."""
    outcome = "skipped" if policy == "skip" else "rejected"
    return RowResult(draft.line, outcome, entity_id, "duplicate_in_file" if is_ours else "already_here", draft.raw)


def complete(table: type[Base], **values: Any) -> dict[str, Any]:
    """A row with every column, defaults filled in, so that all rows of a statement have the same ones. Ids and stamps
    are the caller's."""
    return {**_blank(table), **values}


@cache
def _blank(table: type[Base]) -> dict[str, Any]:
    blank: dict[str, Any] = {}
    for column in inspect(table).local_table.c:
        default: Any = column.default
        blank[column.name] = (
            default.arg(None) if default is not None and default.is_callable else getattr(default, "arg", None)
        )
    return blank


def made_ready(
    plan: Plan, planner: Planner, results: list[dict[str, Any]], dialect: Dialect, now: datetime
) -> list[Ready]:
    """Everything that the plan writes, as parameters for the driver: rows, updates, what they are found by, their
    change-log entries, and `results` (rows of `import_rows`). Done outside the write lock, where it costs nobody anything."""
    table = planner.table
    ready: list[Ready] = []
    entries: list[dict[str, Any]] = []
    for made, rows in sorted(plan.inserts.items(), key=lambda item: ORDER.index(item[0])):
        if made is Suppression:
            continue
        statement = insertion_into(made, dialect)
        ready.append((statement, statement.parameters(rows)))
        if made.__entity__ and made not in UNLOGGED:
            entries += changes.entries(made, "insert", rows, now)
    updated: dict[frozenset[str], list[dict[str, Any]]] = {}
    for one in plan.updates.values():
        if one.changed:
            updated.setdefault(frozenset(one.changed | {"updated_at"}), []).append(one.row)
    for columns, rows in updated.items():
        statement = update_of(table, dialect, columns)
        ready.append((statement, statement.parameters(rows)))
        entries += changes.entries(table, "update", rows, now)
    if (found_by := planner.found_by(plan)) is not None:
        for statement, rows in (
            (indexing(dialect), found_by.words),
            (emptying(dialect), found_by.emptied),
            (insertion_into(ContactValue, dialect), found_by.values),
        ):
            ready.append((statement, statement.parameters(rows)))
    for written, rows in ((ChangeLog, entries), (ImportRow, results)):
        statement = insertion_into(written, dialect)
        ready.append((statement, statement.parameters(rows)))
    return ready


def write(work: Work, plan: Plan, ready: list[Ready], now: datetime) -> None:
    """What was made ready, in this transaction."""
    for statement, parameters in ready:
        run_ready(work, statement, parameters)
    if Suppression in plan.inserts:
        _suppress(work, plan.inserts[Suppression], now)


def _suppress(work: Work, rows: list[dict[str, Any]], now: datetime) -> None:
    """Suppressions that are there already stay, or hold again if they were lifted."""
    statement = upsertion(Suppression, work.store.engine.dialect).on_conflict_do_update(
        index_elements=["organization_id", "kind", "value_hash", "campaign_id"],
        set_={"lifted_at": None, "lifted_by": None, "updated_at": now},
    )
    found = work.session.execute(statement.returning(*Suppression.__table__.columns), rows).mappings()
    changes.log_rows(work.session.connection(), Suppression, "insert", [dict(row) for row in found], now)


def update_rows(work: Work, table: type[Base], rows: Sequence[dict[str, Any]], now: datetime) -> None:
    """Writes whole rows by their key, logs them, and indexes contacts anew."""
    if rows:
        statement = update_of(table, work.store.engine.dialect)
        run_ready(work, statement, statement.parameters(rows))
        changes.log_rows(work.session.connection(), table, "update", rows, now)
        if table is Contact:
            contact_index.write(work.session.connection(), rows)


def told(drafts: Iterable[Draft], name: str) -> set[str]:
    """What the drafts say for a field."""
    return {draft.fields[name] for draft in drafts if name in draft.fields}


def found_among(
    work: Work, table: type[Base], organization_id: str, column: Any, keys: Collection[str]
) -> list[dict[str, Any]]:
    """Whole rows of an organization whose text column is one of the keys."""
    if not keys:
        return []
    mapped, dialect = table.__table__, work.store.engine.dialect
    query = select(mapped).where(mapped.c.organization_id == organization_id, among(column, dialect))
    return rows_of(work.session.execute(query, keys_of(keys, dialect)))


def has_changed(work: Work, table: type[Base], plan: Plan) -> bool:
    """Whether a row we are about to update has another `updated_at` than the one we decided upon, or is gone."""
    if not plan.updates:
        return False
    now_at = versions(work, table, plan.updates)
    return any(now_at.get(one) != wanted.seen_at for one, wanted in plan.updates.items())


def versions(work: Work, table: type[Base], ids: Iterable[str]) -> dict[str, datetime]:
    """Id → `updated_at` of the rows that are there; nobody changes them until this transaction ends."""
    dialect = work.store.engine.dialect
    found = work.session.execute(_asking_versions(table, dialect), keys_of(ids, dialect))
    return {row[0]: row[1] for row in found}


@cache
def _asking_versions(table: type[Base], dialect: Dialect) -> Select[Any]:
    columns = table.__table__.c
    key = columns[inspect(table).primary_key[0].name]
    return select(key, columns["updated_at"]).where(among(key, dialect)).with_for_update()


def lay_field(row: dict[str, Any], name: str, value: Any, before: dict[str, Any]) -> bool:
    """Sets a field of a row, noting what it was; answers whether that was a change."""
    if row[name] == value:
        return False
    note(before, name, row[name], value)
    row[name] = value
    return True


def note(before: dict[str, Any], name: str, was: Any, became: Any) -> None:
    """Remembers a change for the undo; a field changed twice keeps its first value."""
    first = before.get(name)
    entry: dict[str, Any] = {"became": plain(became)}
    if first is not None:
        entry |= {key: value for key, value in first.items() if key == "was"}
    elif was is not MISSING:
        entry["was"] = plain(was)
    before[name] = entry


class _Missing:
    """An attribute that was not there at all."""


MISSING = _Missing()


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    return value.isoformat() if isinstance(value, datetime) else value


def lay_attributes(row: dict[str, Any], told: Mapping[str, Any], before: dict[str, Any]) -> bool:
    """Puts told attributes over a row's, noting what they were; answers whether anything changed."""
    attributes = row["attributes"] or {}
    news = {key: value for key, value in told.items() if attributes.get(key) != value}
    for key, value in news.items():
        note(before, f"attributes.{key}", attributes.get(key, MISSING), value)
    if news:
        row["attributes"] = {**attributes, **news}
    return bool(news)
