"""Runs of enrichment, row by row: listed, claimed under a lease, carried on, and replayed where they failed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select, update

from domain.enrichment.fields import Subject
from domain.errors import NotFound
from domain.ids import new_id
from storage.ops.insertion import upsertion
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.repositories.listing import owned
from storage.ops.tables import Base, EnrichmentRow, EnrichmentRun, EnrichmentWorkflow

_ROWS = Base.metadata.tables[EnrichmentRow.__tablename__]


class EnrichmentRuns(Repository):
    def create(
        self, enrichment_workflow_id: str, version: int, trigger: str, *, most_rows: int | None = None
    ) -> EnrichmentRun:
        """A run that lists its rows first. Raises NotFound for another organization's workflow."""
        target = self.target()
        made = EnrichmentRun(
            organization_id=target,
            enrichment_workflow_id=self.own(EnrichmentWorkflow, enrichment_workflow_id, target),
            version=version,
            trigger=trigger,
            most_rows=most_rows,
            started_by=self.work.actor.id or self.work.actor.kind,
            created_at=self.work.now(),
            updated_at=self.work.now(),
        )
        self.session.add(made)
        self.session.flush()
        if trigger != "lead":
            Audit(self.work).record("start", "enrichment_run", made.enrichment_run_id, after=_shown(made))
        return made

    def get(self, enrichment_run_id: str) -> EnrichmentRun:
        """Raises NotFound."""
        found = self.by_id(EnrichmentRun, enrichment_run_id)
        if found is None:
            raise NotFound("There is no such run here.")
        return found

    def hold(self, enrichment_run_id: str) -> EnrichmentRun:
        """The run, held until the unit of work ends. Raises NotFound."""
        return self.one(
            select(EnrichmentRun)
            .where(EnrichmentRun.enrichment_run_id == enrichment_run_id, EnrichmentRun.organization_id == self.target())
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    def newest(self, *, enrichment_workflow_id: str | None = None, limit: int = 50) -> list[EnrichmentRun]:
        """Newest first; those of single leads are many and left out."""
        asked = select(EnrichmentRun).where(
            EnrichmentRun.organization_id == self.target(), EnrichmentRun.trigger != "lead"
        )
        if enrichment_workflow_id:
            asked = asked.where(EnrichmentRun.enrichment_workflow_id == enrichment_workflow_id)
        newest = (EnrichmentRun.created_at.desc(), EnrichmentRun.enrichment_run_id.desc())
        return list(self.session.scalars(asked.order_by(*newest).limit(limit)))

    def move(self, run: EnrichmentRun, status: str, reason: str = "", *, resumes_at: datetime | None = None) -> None:
        """Enters a state. What a person or a limit did is answered for; that it is done is not news."""
        self.writable(run.organization_id)
        before = _shown(run)
        run.status, run.reason, run.resumes_at, run.updated_at = status, reason[:60], resumes_at, self.work.now()
        run.finished_at = self.work.now() if status in {"finished", "stopped"} else None
        self.session.flush()
        if run.trigger != "lead" and before != _shown(run):
            Audit(self.work).record("switch", "enrichment_run", run.enrichment_run_id, before=before, after=_shown(run))

    def list_rows(self, run: EnrichmentRun, subject: Subject, ids: Sequence[str], filled_after: str) -> int:
        """Writes rows down, ≤ 500 in a transaction, each once; answers how many were new."""
        target, now = self.writable(run.organization_id), self.work.now()
        rows: list[dict[str, Any]] = [
            {
                "enrichment_row_id": new_id(), "organization_id": target, "enrichment_run_id": run.enrichment_run_id,
                "subject_id": each, "contact_id": each if subject is Subject.CONTACT else None,
                "company_id": each if subject is Subject.COMPANY else None, "status": "waiting", "walk": {},
                "problem": "", "spent": 0, "filled_count": 0, "due_at": now, "created_at": now, "updated_at": now,
            }
            for each in ids
        ]  # fmt: skip
        made = 0
        if rows:
            once = upsertion(_ROWS, self.work.store.engine.dialect).on_conflict_do_nothing(
                index_elements=["organization_id", "enrichment_run_id", "subject_id"]
            )
            made = int(self.session.connection().execute(once, rows).rowcount)
        run.row_count += made
        run.filled_after, run.updated_at = filled_after, now
        self.session.flush()
        return made

    def claim(
        self, enrichment_run_id: str, worker: str, *, limit: int, now: datetime, leased_until: datetime
    ) -> list[EnrichmentRow]:
        """Rows that are due, now leased to `worker`; no other worker gets them."""
        due = (
            select(EnrichmentRow.enrichment_row_id)
            .where(*self._of(enrichment_run_id), EnrichmentRow.status == "waiting", EnrichmentRow.due_at <= now)
            .order_by(EnrichmentRow.due_at, EnrichmentRow.enrichment_row_id)
            .limit(limit)
        )
        if self.session.get_bind().dialect.name == "postgresql":
            due = due.with_for_update(skip_locked=True)
        claimed = self.session.scalars(
            update(EnrichmentRow)
            .where(EnrichmentRow.enrichment_row_id.in_(select(due.cte("due").c.enrichment_row_id)))
            .values(status="running", leased_by=worker, leased_until=leased_until, updated_at=now)
            .returning(EnrichmentRow)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
        return sorted(claimed, key=lambda row: row.enrichment_row_id)

    def lapsed(self, enrichment_run_id: str, now: datetime, *, limit: int = 200) -> list[EnrichmentRow]:
        """Rows whose worker is gone, held until the unit of work ends."""
        asked = (
            select(EnrichmentRow)
            .where(*self._of(enrichment_run_id), EnrichmentRow.status == "running", EnrichmentRow.leased_until < now)
            .order_by(EnrichmentRow.enrichment_row_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        return list(self.session.scalars(asked))

    def extend(self, enrichment_row_ids: Collection[str], worker: str, until: datetime) -> None:
        """Keeps the leases of rows in hand alive."""
        self.session.execute(
            update(EnrichmentRow)
            .where(
                EnrichmentRow.organization_id == self.target(),
                EnrichmentRow.enrichment_row_id.in_(sorted(enrichment_row_ids)),
                EnrichmentRow.leased_by == worker,
            )
            .values(leased_until=until, updated_at=EnrichmentRow.updated_at)
            .execution_options(synchronize_session=False)
        )

    def settle(self, settled: Sequence[Mapping[str, Any]], worker: str) -> None:
        """Writes what became of rows in hand: `enrichment_row_id`, status, walk, problem, spent, filled_count, due_at. A row
        that another worker took over meanwhile stays as that one has it."""
        if not settled:
            return
        table = EnrichmentRow.__table__
        names = ("status", "walk", "problem", "spent", "filled_count", "due_at")
        connection = self.session.connection()
        connection.execute(
            update(table)  # type: ignore[arg-type]
            .where(
                table.c.enrichment_row_id == bindparam("row_id"),
                table.c.organization_id == self.target(),
                table.c.leased_by == worker,
            )
            .values(
                {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
                | {"leased_by": None, "leased_until": None, "updated_at": self.work.now()}
            ),
            [
                {"row_id": row["enrichment_row_id"], **{f"new_{name}": row[name] for name in names}}
                for row in settled
            ],
        )  # fmt: skip

    def counts(self, enrichment_run_ids: Collection[str]) -> dict[str, dict[str, int]]:
        """Rows by run and status, and `filled` values, in one question."""
        asked = (
            select(
                EnrichmentRow.enrichment_run_id, EnrichmentRow.status, func.count(), func.sum(EnrichmentRow.filled_count),
                func.sum(EnrichmentRow.spent),
            )
            .where(
                EnrichmentRow.organization_id == self.target(),
                EnrichmentRow.enrichment_run_id.in_(sorted(enrichment_run_ids)),
            )
            .group_by(EnrichmentRow.enrichment_run_id, EnrichmentRow.status)
        )  # fmt: skip
        found: dict[str, dict[str, int]] = {}
        for run_id, status, count, filled, spent in self.session.execute(asked).tuples():
            of_run = found.setdefault(run_id, {"filled": 0, "spent": 0})
            of_run[status] = count
            of_run["filled"] += int(filled or 0)
            of_run["spent"] += int(spent or 0)
        return found

    def rows_with_values(self, enrichment_run_id: str) -> tuple[int, int]:
        """Rows that are over, and those of them in which something was filled."""
        over = EnrichmentRow.status.in_(("done", "failed"))
        asked = select(func.count(), func.count().filter(EnrichmentRow.filled_count > 0)).where(
            *self._of(enrichment_run_id), over
        )
        count, filled = self.session.execute(asked).one()
        return int(count), int(filled)

    def next_due(self, enrichment_run_id: str) -> datetime | None:
        """When a row that waits is due next; None where none waits."""
        asked = select(func.min(EnrichmentRow.due_at)).where(
            *self._of(enrichment_run_id), EnrichmentRow.status == "waiting"
        )
        return self.session.scalar(asked)

    def in_hand(self, enrichment_run_id: str) -> datetime | None:
        """When the last lease of a row that somebody works on ends; None where nobody does."""
        asked = select(func.max(EnrichmentRow.leased_until)).where(
            *self._of(enrichment_run_id), EnrichmentRow.status == "running"
        )
        return self.session.scalar(asked)

    def dead_letters(self, enrichment_run_id: str, *, after: str = "", limit: int = 100) -> list[EnrichmentRow]:
        """Rows that failed, in the order of their ids."""
        asked = select(EnrichmentRow).where(
            *self._of(enrichment_run_id), EnrichmentRow.status == "failed", EnrichmentRow.enrichment_row_id > after
        )
        return list(self.session.scalars(asked.order_by(EnrichmentRow.enrichment_row_id).limit(limit)))

    def lines(
        self, enrichment_run_id: str, *, status: str = "", after: str = "", limit: int = 100
    ) -> list[EnrichmentRow]:
        """Rows of a run, in the order of their ids."""
        conditions: list[ColumnElement[bool]] = [*self._of(enrichment_run_id), EnrichmentRow.enrichment_row_id > after]
        if status:
            conditions.append(EnrichmentRow.status == status)
        asked = select(EnrichmentRow).where(*conditions).order_by(EnrichmentRow.enrichment_row_id).limit(limit)
        return list(self.session.scalars(asked))

    def give_back(self, held: Sequence[EnrichmentRow], walks: Mapping[str, Mapping[str, Any]]) -> None:
        """Dead letters, or rows whose worker is gone, wait again with these walks (by row id)."""
        for row in held:
            self.writable(row.organization_id)
            row.status, row.walk, row.due_at = "waiting", dict(walks[row.enrichment_row_id]), self.work.now()
            row.problem, row.leased_by, row.leased_until = "", None, None
        self.session.flush()

    def _of(self, enrichment_run_id: str) -> list[ColumnElement[bool]]:
        return [
            owned(self.work, EnrichmentRow.organization_id, self.target()),
            EnrichmentRow.enrichment_run_id == enrichment_run_id,
        ]


def _shown(run: EnrichmentRun) -> dict[str, Any]:
    names = ("enrichment_workflow_id", "version", "trigger", "status", "reason", "most_rows")
    return {name: getattr(run, name) for name in names}
