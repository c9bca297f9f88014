"""Carrying an import out: planned outside the write lock, written in transactions that hold it for about 12 ms, and
going on after a crash exactly where the last commit left off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy.exc import IntegrityError

from domain.decisions import DecisionKind
from domain.errors import Conflict, InvalidInput, LeadhouseError, StoreBusy
from domain.imports.drafts import Draft
from domain.settings import Settings
from domain.tenancy import Actor, Scope, SystemScope
from storage.ops.bulk.definitions import define_attributes
from storage.ops.bulk.pacing import Pace
from storage.ops.bulk.plans import Plan, Planner, Ready, complete, has_changed, made_ready, write
from storage.ops.bulk.readings import Progress, Reading, planner_of
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.imports import Imports, load_import
from storage.ops.store import Store, Work
from storage.ops.tables import Import, ImportRow

_TRIES = 8
LOOKED_UP_ROWS = 1_000
"""Rows whose people are read at once, about ten transactions' worth: reading them for each was a tenth of the time."""


class ImportPaused(LeadhouseError):
    """The import rests where its last commit left it; run it again and it goes on."""

    code, status, retryable = "import_paused", 503, True


class _Stale(StoreBusy):
    """Somebody keeps changing the very contacts that are being imported."""


@dataclass(slots=True)
class ImportResult:
    """What an import did, and how long its transactions held the write lock, in seconds."""

    import_id: str
    rows_total: int
    created_count: int
    updated_count: int
    skipped_count: int
    rejected_count: int
    holds: list[float] = field(default_factory=list)


def run_import(
    store: Store,
    settings: Settings,
    import_id: str,
    *,
    actor: Actor | None = None,
    progress: Progress | None = None,
    is_stopping: Callable[[], bool] = lambda: False,
) -> ImportResult:
    """Carries an import out, or goes on with one that was interrupted; done already, it answers its counts again.

    Raises ImportPaused when `is_stopping` says so, ImportRejected when the file is gone (the import is then `failed`),
    Conflict when another worker has taken it over.
    """
    found = load_import(store, SystemScope("import"), import_id)
    scope, actor = Scope.of(found.organization_id), actor or Actor("system", f"import:{import_id}")
    if found.status == "done":
        return _result(found)
    try:
        with Pace(store) as pace:
            return _Run(store, settings, scope, actor, found, pace).carry_out(progress, is_stopping)
    except (ImportPaused, Conflict):
        raise
    except Exception as error:
        is_over = isinstance(error, InvalidInput)
        with store.write(scope, actor) as work:
            Imports(work).move(
                import_id,
                from_status=("uploaded", "queued", "running"),
                to_status="failed" if is_over else "running",
                error=str(error)[:500],
            )
        raise


class _Run:
    """One import on its way in."""

    def __init__(self, store: Store, settings: Settings, scope: Scope, actor: Actor, found: Import, pace: Pace) -> None:
        self._store, self._settings, self._scope, self._actor = store, settings, scope, actor
        self._import, self._pace = found, pace

    def carry_out(self, progress: Progress | None, is_stopping: Callable[[], bool]) -> ImportResult:
        """The whole of it, from the first row that is not done yet."""
        import_id = self._import.import_id
        with self._store.read(self._scope) as work:
            reading = Reading(work, self._settings, self._import)
            planner = planner_of(work, self._import)
        self._start(reading)
        with self._store.read(self._scope) as work:
            last_line = Imports(work).last_line(import_id)
        self._import = load_import(self._store, self._scope, import_id)
        drafts = self._not_done(reading, last_line)
        while window := list(islice(drafts, LOOKED_UP_ROWS)):
            for done in self._write(window, planner):
                if progress:
                    progress(done, self._import.rows_total)
                if is_stopping():
                    raise ImportPaused
        return self._finish()

    def _not_done(self, reading: Reading, last_line: int) -> Iterator[Draft]:
        """Rows after the last one that is done. The others are read all the same: rows without a key are told apart by
        how often their content came before."""
        return (draft for draft in reading.drafts() if draft.line > last_line)

    def _start(self, reading: Reading) -> None:
        entity = self._import.entity.removesuffix("s")
        with self._store.write(self._scope, self._actor) as work:
            found = Imports(work).move(
                self._import.import_id, from_status=("uploaded", "queued", "running"), to_status="running", error=""
            )
            if "attributes" not in found.detail:
                defined = define_attributes(work, found.organization_id, entity, reading.columns)
                found.detail = {**found.detail, "attributes": defined, "started_at": work.now().isoformat()}

    def _write(self, drafts: list[Draft], planner: Planner) -> Iterator[int]:
        """Plans and writes rows that are looked up together, in as many transactions as it takes: what one of them wrote,
        the planner knows. Yields the rows done so far after each; planned anew when others have changed what the plan rests on."""
        tries, is_looked_up = 0, False
        while drafts:
            if not is_looked_up:
                with self._store.read(self._scope) as work:
                    planner.load(work, drafts)
            chunk = drafts[: self._pace.rows]
            now = self._store.clock()
            plan = planner.plan(chunk, now)
            ready = made_ready(plan, planner, self._rows_of(plan, now), self._store.engine.dialect, now)
            try:
                with self._pace.write(self._scope, self._actor, len(chunk)) as work:
                    counts = self._write_plan(work, plan, ready, planner, now)
            except (_Stale, IntegrityError):
                planner.forget()
                tries, is_looked_up = tries + 1, False
                if tries == _TRIES:
                    raise
                continue
            for name, value in counts.items():
                setattr(self._import, name, value)
            planner.written(plan)
            drafts, tries, is_looked_up = drafts[len(chunk) :], 0, True
            yield self._import.rows_done

    def _write_plan(
        self, work: Work, plan: Plan, ready: list[Ready], planner: Planner, now: datetime
    ) -> dict[str, int]:
        """Writes it and answers the import's new counts. A contact that somebody else has created meanwhile shows as a
        broken unique constraint (IntegrityError), one they have changed as _Stale."""
        if has_changed(work, planner.table, plan):
            raise _Stale
        imports, found = Imports(work), self._import
        counts = {
            f"{outcome}_count": getattr(found, f"{outcome}_count")
            + sum(1 for row in plan.results if row.outcome == outcome)
            for outcome in ("created", "updated", "skipped", "rejected")
        }
        done = found.rows_done + len(plan.results)
        if not imports.advance(
            found.import_id, status="running", done_before=found.rows_done, rows_done=done, **counts
        ):
            raise Conflict("another worker has taken this import over, or it was stopped")
        write(work, plan, ready, now)
        return {**counts, "rows_done": done}

    def _rows_of(self, plan: Plan, now: datetime) -> list[dict[str, object]]:
        return [
            complete(
                ImportRow,
                import_id=self._import.import_id,
                row_number=result.line,
                organization_id=self._import.organization_id,
                outcome=result.outcome,
                entity_id=result.entity_id,
                reason=result.reason,
                raw=result.raw,
                before=result.before,
                written_at=now,
            )
            for result in plan.results
        ]

    def _finish(self) -> ImportResult:
        import_id = self._import.import_id
        with self._store.write(self._scope, self._actor) as work:
            found = Imports(work).move(
                import_id,
                from_status=("running",),
                to_status="done",
                finished_at=work.now(),
                rows_total=self._import.rows_done,
            )
            result = _result(found)
            Decisions(work).record(
                DecisionKind.IMPORT,
                "import",
                import_id,
                "done",
                f"duplicates_{found.duplicates}",
                {"file_name": found.file_name, "entity": found.entity, "rows_total": found.rows_total}
                | {
                    f"{name}_count": getattr(found, f"{name}_count")
                    for name in ("created", "updated", "skipped", "rejected")
                },
            )
        result.holds = self._pace.holds
        return result


def _result(found: Import) -> ImportResult:
    return ImportResult(
        found.import_id,
        found.rows_total,
        found.created_count,
        found.updated_count,
        found.skipped_count,
        found.rejected_count,
    )
