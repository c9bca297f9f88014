"""A shorthand for tests of imports: text in, rows out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from domain.tenancy import Scope
from storage.ops.bulk.imports import ImportResult, create_import, preview_import, run_import
from storage.ops.repositories.imports import Imports
from storage.ops.tables import ImportRow
from tests.factories import TESTER


def uploaded(store, settings, organization_id, content, **options: Any):
    data = content.encode() if isinstance(content, str) else content
    return create_import(
        store, settings, Scope.of(organization_id), TESTER, content=data, file_name="leads.csv", **options
    )


def imported(store, settings, organization_id, content, **options: Any) -> ImportResult:
    made = uploaded(store, settings, organization_id, content, even_if_imported=True, **options)
    preview = preview_import(store, settings, Scope.of(organization_id), made.import_id)
    result = run_import(store, settings, made.import_id)
    assert counts(preview) == counts(result), "the preview promised something else"
    return result


def counts(result) -> tuple[int, int, int, int]:
    found = (result.created_count, result.updated_count, result.skipped_count, result.rejected_count)
    assert sum(found) == result.rows_total
    return found


def all_of(store, organization_id, table) -> list[dict[str, Any]]:
    with store.read(Scope.of(organization_id)) as work:
        key = next(iter(table.__table__.primary_key.columns))
        rows = work.session.execute(select(table.__table__).order_by(key)).mappings()
        return [dict(row) for row in rows if row.get("organization_id", organization_id) == organization_id]


def reasons(store, organization_id, import_id) -> list[tuple[int, str, str]]:
    with store.read(Scope.of(organization_id)) as work:
        return [(row.row_number, row.outcome, row.reason) for row in Imports(work).rows(import_id, with_reason=True)]


def row_count(store, organization_id, import_id) -> int:
    with store.read(Scope.of(organization_id)) as work:
        return len(list(work.session.scalars(select(ImportRow).where(ImportRow.import_id == import_id))))
