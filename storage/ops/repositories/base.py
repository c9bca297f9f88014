"""What repositories share: whose rows a unit of work may read and write, and many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, delete, inspect, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.errors import InvalidInput, NotAllowed, NotFound
from domain.tenancy import Scope, SystemScope
from storage.ops import changes, insertion
from storage.ops.store import Work
from storage.ops.tables import Base

T = TypeVar("T", bound=Base)


def delete_some(session: Session, key: InstrumentedAttribute[str], *where: ColumnElement[bool], limit: int) -> int:
    """Deletes at most so many rows, so that the lock is short; answers how many. `key`: their table's primary key."""
    some = select(key).where(*where).limit(limit)
    found = session.execute(
        delete(key.class_)
        .where(key.in_(some.scalar_subquery()))
        .returning(key)
        .execution_options(synchronize_session=False)
    )
    return len(found.all())


class Repository:
    """Bound to one unit of work."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.session = work.session

    def readable(self, column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
        """The condition that every query carries: rows of the scope's organizations."""
        scope = self.work.scope
        if isinstance(scope, SystemScope):
            return true()
        if len(scope.readable_ids) == 1:
            return column == scope.organization_id
        return column.in_(sorted(scope.readable_ids))

    def target(self, organization_id: str | None = None) -> str:
        """The one organization that may be written; SystemScope must name it. Raises NotAllowed for another's."""
        scope = self.work.scope
        if isinstance(scope, SystemScope):
            if organization_id is None:
                raise InvalidInput("a system scope must say which organization it writes for")
            return organization_id
        if organization_id not in {None, scope.organization_id}:
            raise NotAllowed("this unit of work writes in another organization")
        return scope.organization_id

    def writable(self, organization_id: str) -> str:
        """The organization of a row about to be changed; raises NotFound where only reading is allowed or not even that."""
        scope = self.work.scope
        if isinstance(scope, Scope) and organization_id != scope.organization_id:
            raise NotFound
        return organization_id

    def own(self, table: type[Base], identity: str | None, organization_id: str) -> str | None:
        """The id of a row that another row is about to refer to: it must be the same organization's, or NotFound. For a
        contact that was merged it is the survivor's.

        Mostly free: the row was just read, and the session still has it.
        """
        if identity is None:
            return None
        found = self.session.get(table, identity)
        if found is None or found.organization_id != organization_id:  # type: ignore[attr-defined]
            raise NotFound
        merged_into_id: str | None = getattr(found, "merged_into_id", None)
        return merged_into_id or identity

    def require_system(self) -> None:
        """For what belongs to no single organization: people, sessions, exchange rates. Raises NotAllowed."""
        if not isinstance(self.work.scope, SystemScope):
            raise NotAllowed("this belongs to the installation, not to an organization")

    def one(self, query: Select[T]) -> T:
        """The one row of a query, or NotFound."""
        found = self.session.scalars(query.limit(1)).first()
        if found is None:
            raise NotFound
        return found

    def by_id(self, table: type[T], identity: str) -> T | None:
        """A row by its primary key, if the scope may read it."""
        key = inspect(table).primary_key[0]
        organization: InstrumentedAttribute[str] = table.organization_id  # type: ignore[attr-defined]
        return self.session.scalars(select(table).where(key == identity, self.readable(organization))).first()

    def surviving(self, found: T | None) -> T | None:
        """The record that a merged one leads to; any other is itself."""
        merged_into_id: str | None = getattr(found, "merged_into_id", None)
        return self.by_id(type(found), merged_into_id) if found is not None and merged_into_id else found

    def insert_rows(self, table: type[Base], rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Many rows in one statement, defaults filled in, changes logged; answers them as they were written.

        The caller keeps a transaction at ≤ 500 rows.
        """
        now = self.work.now()
        defaults = _Defaults(table, now)
        target = self.target() if isinstance(self.work.scope, Scope) else None
        complete = []
        for row in rows:
            wanted = row.get("organization_id")
            organization_id = target if wanted in {None, target} and target else self.target(wanted)
            complete.append({**defaults.of(row), "organization_id": organization_id})
        insertion.insert_rows(self.session.connection(), table.__table__, complete)  # type: ignore[arg-type]
        if table.__entity__:
            changes.log_rows(self.session.connection(), table, "insert", complete, now)
        return complete

    def update_rows(self, table: type[Base], rows: Iterable[Mapping[str, Any]], *, key: str) -> None:
        """Many rows changed in one statement: mappings of the same columns, with the primary key. For tables without a
        change log; objects of the session do not hear of it."""
        assert not table.__entity__
        now = self.work.now()
        stamped = [{**row, "updated_at": now} for row in rows]
        insertion.update_rows(self.session.connection(), table.__table__, stamped, key=key)  # type: ignore[arg-type]


class _Defaults:
    """What a row holds where the caller says nothing: every column has a value, so that all rows have the same ones."""

    def __init__(self, table: type[Base], now: datetime) -> None:
        self._same: dict[str, Any] = {}
        self._made: list[tuple[str, Callable[[Any], Any]]] = []
        for column in table.__table__.columns:
            default = column.default
            if column.key in {"created_at", "updated_at"}:
                self._same[column.key] = now
            elif default is not None and default.is_callable:
                self._made.append((column.key, default.arg))
                self._same[column.key] = None
            else:
                self._same[column.key] = default.arg if default is not None else None

    def of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The row with fresh defaults where it says nothing; SQLAlchemy wraps a default so that it takes a context."""
        whole = {**self._same, **row}
        for name, make in self._made:
            if name not in row:
                whole[name] = make(None)
        return whole
