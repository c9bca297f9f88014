"""Taking an import back: what it made is deleted, what it changed is restored, and what has changed since stays as it
is and is listed. Suppressions and consents stay, whoever wrote them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from domain.decisions import DecisionKind
from domain.errors import Conflict
from domain.tenancy import Actor, Scope, SystemScope
from storage.ops import changes
from storage.ops.bulk.definitions import withdraw_attributes
from storage.ops.bulk.dependents import CONTACT, DEAL
from storage.ops.bulk.pacing import Pace
from storage.ops.bulk.plans import plain, update_rows, versions
from storage.ops.bulk.readings import Progress
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.imports import Imports, RowDone, load_import
from storage.ops.store import Store, Work
from storage.ops.tables import Company, Contact, Deal, Import, ImportRow

UNDOABLE = ("queued", "running", "done", "failed", "undoing")
_MOMENTS = frozenset({"known_at", "deleted_at", "opened_at", "closed_at"})


Entities = dict[str, dict[str, Any]]
"""Rows by id."""


@dataclass(slots=True)
class UndoResult:
    """What an undo did; `kept` lists up to 200 of what it left alone, as {line, entity_id, reason}."""

    import_id: str
    deleted_count: int = 0
    restored_count: int = 0
    kept_count: int = 0
    kept: list[dict[str, Any]] = field(default_factory=list)
    holds: list[float] = field(default_factory=list)


def undo_import(
    store: Store, import_id: str, *, actor: Actor | None = None, progress: Progress | None = None
) -> UndoResult:
    """Takes an import back, from its last row to its first; interrupted, it goes on where it was. An import that is
    still running stops. Raises Conflict for one that was never started or is undone already."""
    found = load_import(store, SystemScope("undo of an import"), import_id)
    actor = actor or Actor("system", f"undo:{import_id}")
    with Pace(store) as pace:
        return _Undo(store, Scope.of(found.organization_id), actor, found, pace).carry_out(progress)


class _Undo:
    def __init__(self, store: Store, scope: Scope, actor: Actor, found: Import, pace: Pace) -> None:
        self._store, self._scope, self._actor, self._import = store, scope, actor, found
        self._dependents = DEAL if found.entity == "deals" else CONTACT
        self._pace = pace

    def carry_out(self, progress: Progress | None) -> UndoResult:
        import_id = self._import.import_id
        with self._store.write(self._scope, self._actor) as work:
            self._import = Imports(work).move(import_id, from_status=UNDOABLE, to_status="undoing")
        with self._store.read(self._scope) as work:
            later = _last_writes(work, import_id)
            line = self._import.detail.get("undo", {}).get("line") or Imports(work).last_line(import_id) + 1
        while line:
            line = self._step(line, later)
            if progress:
                progress(self._import.rows_total - self._import.rows_done, self._import.rows_total)
        return self._finish()

    def _step(self, line: int, later: dict[str, datetime]) -> int:
        """Takes back the rows before a line; answers the line it came to, 0 at the start of the file."""
        with self._store.read(self._scope) as work:
            rows = Imports(work).rows_before(self._import.import_id, line, limit=self._pace.rows)
            found = self._found(work, rows)
        entries = changes.entries(self._dependents.table, "delete", found.values(), self._store.clock())
        log = dict(zip(found, entries, strict=True))
        with self._pace.write(self._scope, self._actor, len(rows)) as work:
            imports = Imports(work)
            now_at = versions(work, self._dependents.table, found)
            if any(now_at.get(one) != entity["updated_at"] for one, entity in found.items()):
                found = self._found(work, rows)
            done = self._take_back(work, rows, found, log, later)
            reached = rows[-1].row_number if rows else 0
            former = self._import.detail.get("undo", {})
            noted = {
                "line": reached,
                "deleted": former.get("deleted", 0) + done.deleted_count,
                "restored": former.get("restored", 0) + done.restored_count,
                "kept_count": former.get("kept_count", 0) + done.kept_count,
                "kept": (former.get("kept", []) + done.kept)[:200],
            }
            detail = {**self._import.detail, "undo": noted}
            left = self._import.rows_done - len(rows)
            if rows and not imports.advance(
                self._import.import_id,
                status="undoing",
                done_before=self._import.rows_done,
                rows_done=left,
                detail=detail,
            ):
                raise Conflict("another worker is undoing this import")
        self._import.detail, self._import.rows_done = detail, left
        return reached

    def _found(self, work: Work, rows: list[RowDone]) -> Entities:
        """Whom the rows made or changed, as they are now."""
        ids = {row.entity_id for row in rows if row.entity_id and row.outcome in {"created", "updated"}}
        return self._dependents.load(work, sorted(ids))

    def _take_back(
        self, work: Work, rows: list[RowDone], found: Entities, log: Entities, later: dict[str, datetime]
    ) -> UndoResult:
        done = UndoResult(self._import.import_id)
        made = [row for row in rows if row.outcome == "created"]
        self._delete(work, made, found, log, later, done)
        restored: Entities = {}
        for row in rows:
            if row.outcome == "updated" and row.entity_id in found:
                restored |= self._restore(work, row, found[row.entity_id], done)
        update_rows(work, self._dependents.table, list(restored.values()), work.now())
        return done

    def _delete(
        self,
        work: Work,
        made: list[RowDone],
        found: Entities,
        log: Entities,
        later: dict[str, datetime],
        done: UndoResult,
    ) -> None:
        there = [row for row in made if row.entity_id in found]
        in_use = self._dependents.in_use(work, [str(row.entity_id) for row in there])
        going: list[str] = []
        for row in there:
            entity = found[str(row.entity_id)]
            stamps = [stamp for stamp in (row.written_at, later.get(str(row.entity_id))) if stamp]
            if entity["updated_at"] not in stamps or (stamps and entity["updated_at"] != max(stamps)):
                _keep(work, row, "kept: it was changed since the import", done)
            elif reason := in_use.get(str(row.entity_id)):
                _keep(work, row, f"kept: it has {reason} since the import", done)
            else:
                going.append(str(row.entity_id))
        self._dependents.delete(work, going, [log[one] for one in going])
        done.deleted_count += len(going)

    def _restore(self, work: Work, row: RowDone, entity: dict[str, Any], done: UndoResult) -> Entities:
        """What has to be written for a row that changed an entity, by its id."""
        if entity["import_id"] == self._import.import_id:
            return {}  # a further row about something this import made: it goes, or stays, with that
        wanted, since = _restored(entity, row.before or {})
        if since:
            _keep(work, row, f"kept: {', '.join(since)} changed since the import", done)
        if not wanted:
            return {}
        entity.update(wanted, updated_at=work.now())
        if self._dependents.stage_field in wanted:
            self._dependents.forget_stages(work, str(row.entity_id), f"import:{self._import.import_id}")
        done.restored_count += 1
        return {str(row.entity_id): entity}

    def _delete_companies(self, import_id: str) -> None:
        while True:
            with self._pace.write(self._scope, self._actor, self._pace.rows) as work:
                rows = _unused_companies(work, import_id, self._pace.rows)
                ids = [row["company_id"] for row in rows]
                gone = delete(Company).where(Company.company_id.in_(ids))
                work.session.execute(gone.execution_options(synchronize_session=False))
                changes.log_rows(work.session.connection(), Company, "delete", rows, work.now())
            if not rows:
                return

    def _finish(self) -> UndoResult:
        import_id, organization_id = self._import.import_id, self._import.organization_id
        noted = self._import.detail.get("undo", {})
        self._delete_companies(import_id)
        with self._store.write(self._scope, self._actor) as work:
            entity = self._import.entity.removesuffix("s")
            withdraw_attributes(work, organization_id, entity, self._import.detail.get("attributes", {}))
            found = Imports(work).move(
                import_id,
                from_status=("undoing",),
                to_status="undone",
                finished_at=work.now(),
                detail=self._import.detail,
            )
            Decisions(work).record(
                DecisionKind.UNDO,
                "import",
                found.import_id,
                "undone",
                "asked_for",
                {name: noted.get(name, 0) for name in ("deleted", "restored", "kept_count")},
            )
        return UndoResult(
            import_id,
            noted.get("deleted", 0),
            noted.get("restored", 0),
            noted.get("kept_count", 0),
            noted.get("kept", []),
            self._pace.holds,
        )


def _unused_companies(work: Work, import_id: str, limit: int) -> list[dict[str, Any]]:
    """Companies that only this import knew: nobody belongs to them, and nobody has changed them."""
    table = Company.__table__
    used = [
        select(owner.company_id).where(owner.company_id == table.c.company_id).exists() for owner in (Contact, Deal)
    ]
    query = select(table).where(
        table.c.import_id == import_id, table.c.updated_at == table.c.created_at, *(~one for one in used)
    )
    return [dict(row) for row in work.session.execute(query.limit(limit)).mappings()]


def _last_writes(work: Work, import_id: str) -> dict[str, datetime]:
    """For what was written by several rows: when the last of them wrote it."""
    query = (
        select(ImportRow.entity_id, func.max(ImportRow.written_at))
        .where(ImportRow.import_id == import_id, ImportRow.outcome == "updated")
        .group_by(ImportRow.entity_id)
    )
    return {str(row[0]): row[1] for row in work.session.execute(query) if row[1] is not None}


def _restored(entity: dict[str, Any], before: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The fields to set back, and the names of those that have changed since."""
    wanted: dict[str, Any] = {}
    since: list[str] = []
    attributes = dict(entity.get("attributes") or {})
    for name, change in before.items():
        key = name.removeprefix("attributes.")
        current = attributes.get(key) if key != name else plain(entity.get(name))
        if current != change["became"]:
            since.append(name)
        elif key == name:
            was = change.get("was")
            wanted[name] = datetime.fromisoformat(was) if was and name in _MOMENTS else was
        elif "was" in change:
            attributes[key] = change["was"]
        else:
            attributes.pop(key, None)
    if attributes != (entity.get("attributes") or {}):
        wanted["attributes"] = attributes
    return wanted, since


def _keep(work: Work, row: RowDone, reason: str, done: UndoResult) -> None:
    """Leaves something as it is, and says so where the rows of the import are listed."""
    work.session.execute(
        update(ImportRow)
        .where(ImportRow.import_id == done.import_id, ImportRow.row_number == row.row_number)
        .values(reason=reason[:200])
        .execution_options(synchronize_session=False)
    )
    done.kept_count += 1
    done.kept.append({"line": row.row_number, "entity_id": row.entity_id, "reason": reason})
