"""Imports and what each of their rows did."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from domain.errors import Conflict
from domain.tenancy import AnyScope
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.store import Store
from storage.ops.tables import Import, ImportRow

STARTED = ("queued", "running", "done")
AUDITED = {"queued": "start", "done": "run", "undoing": "start_undo", "undone": "undo"}
"""Steps of an import that somebody answers for, by the status they lead to, and what the audit log calls them."""
COUNTS = ("rows_total", "created_count", "updated_count", "skipped_count", "rejected_count")


class RowDone(NamedTuple):
    """What an undo needs of a row."""

    row_number: int
    outcome: str
    entity_id: str | None
    before: dict[str, Any] | None
    written_at: datetime | None


class Imports(Repository):
    def create(self, **values: Any) -> Import:
        """An uploaded file, with what was detected in it."""
        made = Import(organization_id=self.target(), created_at=self.work.now(), updated_at=self.work.now(), **values)
        self.session.add(made)
        self.session.flush()
        Audit(self.work).record(
            "create", "import", made.import_id,
            after={"file_name": made.file_name, "entity": made.entity, "content_hash": made.content_hash},
        )  # fmt: skip
        return made

    def get(self, import_id: str) -> Import:
        """Raises NotFound."""
        return self.one(select(Import).where(Import.import_id == import_id, self.readable(Import.organization_id)))

    def newest(self, *, limit: int = 50, offset: int = 0) -> list[Import]:
        """Those of the one organization that may be written, newest first."""
        return list(
            self.session.scalars(
                select(Import)
                .where(Import.organization_id == self.target())
                .order_by(Import.created_at.desc(), Import.import_id.desc())
                .limit(limit)
                .offset(offset)
            )
        )

    def finished(self) -> list[Import]:
        """Those that are done, oldest first."""
        return list(
            self.session.scalars(
                select(Import)
                .where(Import.status == "done", self.readable(Import.organization_id))
                .order_by(Import.finished_at, Import.import_id)
            )
        )

    def newest_finished_at(self) -> datetime | None:
        """When the last import or undo ended."""
        return self.session.scalar(
            select(func.max(Import.finished_at)).where(
                Import.status.in_(["done", "undone"]), self.readable(Import.organization_id)
            )
        )

    def started_with(self, content_hash: str, entity: str) -> Import | None:
        """An import of the very same bytes that has been started and not been undone."""
        return self.session.scalars(
            select(Import)
            .where(
                Import.organization_id == self.target(),
                Import.content_hash == content_hash,
                Import.entity == entity,
                Import.status.in_(STARTED),
            )
            .order_by(Import.created_at.desc())
            .limit(1)
        ).first()

    def move(self, import_id: str, *, from_status: Collection[str], to_status: str, **values: Any) -> Import:
        """Changes the status if it is still one of `from_status`; raises Conflict if not."""
        found = self.get(import_id)
        self.writable(found.organization_id)
        if found.status not in from_status:
            raise Conflict(
                f"the import is {found.status}", hint=f"This is possible while it is {' or '.join(from_status)}."
            )
        is_news = found.status != to_status
        found.status = to_status
        for name, value in values.items():
            setattr(found, name, value)
        found.updated_at = self.work.now()
        self.session.flush()
        if is_news and to_status in AUDITED:
            counts = {name: getattr(found, name) for name in COUNTS}
            Audit(self.work).record(
                AUDITED[to_status], "import", import_id, after=counts, organization_id=found.organization_id
            )
        return found

    def discard(self, import_id: str) -> None:
        """Forgets a file that nobody started. Raises Conflict once it has been: then it is undone instead."""
        found = self.get(import_id)
        self.writable(found.organization_id)
        if found.status != "uploaded":
            raise Conflict(f"the import is {found.status}", hint="What has started can be undone.")
        before = {"file_name": found.file_name, "content_hash": found.content_hash}
        Audit(self.work).record(
            "discard", "import", import_id, before=before, organization_id=found.organization_id
        )  # fmt: skip
        self.session.delete(found)

    def advance(self, import_id: str, *, status: str, done_before: int, **values: Any) -> bool:
        """Writes progress, if nobody else has meanwhile: False means that another worker has this import now."""
        table = Import.__table__
        found = self.session.connection().execute(
            update(table)  # type: ignore[arg-type]
            .where(table.c.import_id == import_id, table.c.status == status, table.c.rows_done == done_before)
            .values(**values, updated_at=self.work.now())
        )
        return found.rowcount == 1

    def last_line(self, import_id: str) -> int:
        """The line of the last row that is done; 0 before the first."""
        return self.session.scalar(select(func.max(ImportRow.row_number)).where(ImportRow.import_id == import_id)) or 0

    def rows(
        self,
        import_id: str,
        *,
        outcomes: Collection[str] = (),
        with_reason: bool = False,
        after: int = 0,
        limit: int = 500,
    ) -> list[ImportRow]:
        """Rows in the order of the file, after a line; only those with a reason where asked."""
        query = select(ImportRow).where(
            ImportRow.import_id == import_id, ImportRow.row_number > after, self.readable(ImportRow.organization_id)
        )
        if outcomes:
            query = query.where(ImportRow.outcome.in_(sorted(outcomes)))
        if with_reason:
            query = query.where(ImportRow.reason != "")
        return list(self.session.scalars(query.order_by(ImportRow.row_number).limit(limit)))

    def rows_before(self, import_id: str, line: int, *, limit: int) -> list[RowDone]:
        """Rows backwards from a line (exclusive), for an undo."""
        columns = [getattr(ImportRow, name) for name in RowDone._fields]
        found = self.session.execute(
            select(*columns)
            .where(ImportRow.import_id == import_id, ImportRow.row_number < line)
            .order_by(ImportRow.row_number.desc())
            .limit(limit)
        )
        return list(map(RowDone._make, found))

    def reasons(self, import_id: str, *, limit: int = 20) -> list[tuple[str, str, int]]:
        """(outcome, reason up to its first colon, how many rows), most frequent first."""
        rows = self.session.execute(
            select(ImportRow.outcome, ImportRow.reason, func.count())
            .where(ImportRow.import_id == import_id, ImportRow.reason != "", self.readable(ImportRow.organization_id))
            .group_by(ImportRow.outcome, ImportRow.reason)
        )
        return group_reasons(((row[0], row[1], row[2]) for row in rows), limit=limit)


def load_import(store: Store, scope: AnyScope, import_id: str) -> Import:
    """An import as it is now, to be read after its unit of work has ended. Raises NotFound."""
    with store.read(scope) as work:
        found = Imports(work).get(import_id)
        work.session.expunge(found)
    return found


def group_reasons(found: Iterable[tuple[str, str, int]], *, limit: int = 20) -> list[tuple[str, str, int]]:
    """Reasons without their particulars (what follows the first colon), counted, most frequent first."""
    counts: dict[tuple[str, str], int] = {}
    for outcome, reason, count in found:
        kind = (outcome, reason.partition(":")[0])
        counts[kind] = counts.get(kind, 0) + count
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(outcome, reason, count) for (outcome, reason), count in ordered[:limit]]
