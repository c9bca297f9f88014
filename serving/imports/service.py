"""Imports as the API shows them: the same functions that the command line calls, behind jobs where they take long."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from domain.imports.headers import target_names
from domain.imports.reading import Dialect, read_records
from domain.settings import Settings
from domain.tenancy import Actor, Scope, SystemScope
from serving.imports.schemas import (
    ColumnOut,
    DialectOut,
    ImportDetailOut,
    ImportListOut,
    ImportOut,
    ImportPatch,
    PlannedRowOut,
    PreviewOut,
    ReasonOut,
    RowOut,
)
from storage.ops.bulk.imports import change_import, describe_import, preview_import
from storage.ops.bulk.undoing import UNDOABLE
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.imports import Imports, load_import
from storage.ops.repositories.jobs import Jobs
from storage.ops.store import Store
from storage.ops.tables import Import

_PAGE = 500


def list_imports(store: Store, scope: Scope, *, limit: int, offset: int) -> ImportListOut:
    """The newest imports."""
    with store.read(scope) as work:
        return ImportListOut(items=[_shown(found) for found in Imports(work).newest(limit=limit, offset=offset)])


def import_detail(store: Store, settings: Settings, scope: Scope, import_id: str) -> ImportDetailOut:
    """One import with its mapping and what its rows met. Raises NotFound."""
    with store.read(scope) as work:
        imports = Imports(work)
        found = imports.get(import_id)
        reasons = imports.reasons(import_id)
        described = describe_import(settings, found)
        return ImportDetailOut(
            **_shown(found).model_dump(),
            dialect=DialectOut(**{name: found.dialect[name] for name in DialectOut.model_fields}),
            columns=[ColumnOut(**column.to_json()) for column in described.columns],
            sample=[list(row) for row in described.sample],
            notes=list(described.notes),
            earlier_import_id=described.earlier_import_id,
            targets=["attribute", "ignore", *target_names(found.entity)],
            reasons=_reasons(reasons),
        )


def change_mapping(
    store: Store, settings: Settings, scope: Scope, actor: Actor, import_id: str, wishes: ImportPatch
) -> ImportDetailOut:
    """A person's changes. Raises ImportRejected for what does not fit, Conflict once the import has started."""
    change_import(
        store,
        settings,
        scope,
        actor,
        import_id,
        duplicates=wishes.duplicates,
        overrides={name: column.model_dump(exclude_unset=True) for name, column in wishes.columns.items()},
        outcome_column=wishes.outcome_column,
        positive_value=wishes.positive_value,
        post_outcome_columns=wishes.post_outcome_columns,
    )
    return import_detail(store, settings, scope, import_id)


def preview(store: Store, settings: Settings, scope: Scope, import_id: str) -> PreviewOut:
    """A trial of the whole file."""
    found = preview_import(store, settings, scope, import_id)
    counts = {name: getattr(found, f"{name}_count") for name in ("created", "updated", "skipped", "rejected")}
    return PreviewOut(
        rows_total=found.rows_total,
        **{f"{name}_count": count for name, count in counts.items()},
        reasons=_reasons(found.reasons),
        examples=[RowOut(line=row.line, outcome=row.outcome, reason=row.reason, raw=row.raw) for row in found.examples],
        sample=[PlannedRowOut(**row) for row in found.sample],
    )


def start(store: Store, scope: Scope, actor: Actor, import_id: str) -> ImportOut:
    """Queues the import; status and job are one transaction. Raises Conflict if it has started already."""
    with store.write(scope, actor) as work:
        found = Imports(work).move(import_id, from_status=("uploaded", "failed"), to_status="queued", error="")
        Jobs(work).enqueue("run_import", payload={"import_id": import_id}, unique_key=f"run_import:{import_id}")
        return _shown(found)


def undo(store: Store, scope: Scope, actor: Actor, import_id: str) -> ImportOut:
    """Queues the undo. Raises Conflict for an import that has not started, or is undone."""
    with store.write(scope, actor) as work:
        found = Imports(work).move(import_id, from_status=UNDOABLE, to_status="undoing")
        Jobs(work).enqueue("undo_import", payload={"import_id": import_id}, unique_key=f"undo_import:{import_id}")
        return _shown(found)


def error_lines(store: Store, scope: Scope, actor: Actor, import_id: str) -> Iterator[str]:
    """The rows that have a reason, as CSV: line, outcome, reason, then the row's own columns; page by page, so that no
    read holds on to the store for long."""
    found = load_import(store, scope, import_id)
    names = [column["column"] for column in found.mapping]
    with store.write(SystemScope("an export is noted where its rows are from"), actor) as work:
        Audit(work).record("export", "import_errors", import_id, organization_id=found.organization_id)
    yield "\ufeff" + _line(["row_number", "outcome", "reason", *names])
    dialect = Dialect.from_json({**found.dialect, "skip_lines": 0})
    after = 0
    while True:
        with store.read(scope) as work:
            rows = Imports(work).rows(import_id, with_reason=True, after=after, limit=_PAGE)
            page = [(row.row_number, row.outcome, row.reason, row.raw) for row in rows]
        for number, outcome, reason, raw in page:
            yield _line([str(number), outcome, reason, *_cells(raw, dialect)])
        if len(page) < _PAGE:
            return
        after = page[-1][0]


def _cells(raw: str | None, dialect: Dialect) -> list[str]:
    """The original row split again; as one cell where that is what was wrong with it."""
    if not raw:
        return []
    record = next(read_records(io.StringIO(raw, newline=""), dialect), None)
    return record.fields if record is not None and record.fields is not None else [raw]


def _line(cells: list[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerow([_harmless(cell) for cell in cells])
    return stream.getvalue()


def _harmless(cell: str) -> str:
    """A spreadsheet would run a cell that begins like a formula; an apostrophe stops it."""
    is_formula = cell[:1] in {"=", "@", "\t", "\r"} or (cell[:1] in {"+", "-"} and not cell[1:2].isdigit())
    return f"'{cell}" if is_formula else cell


def _reasons(found: Any) -> list[ReasonOut]:
    return [ReasonOut(outcome=outcome, reason=reason, row_count=count) for outcome, reason, count in found]


def _shown(found: Import) -> ImportOut:
    values = {name: getattr(found, name) for name in ImportOut.model_fields if hasattr(found, name)}
    undo_done = found.detail.get("undo")
    return ImportOut(**values, can_undo=found.status in UNDOABLE and found.status != "undoing", undo=undo_done)
