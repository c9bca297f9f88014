"""The batch door: a file lands whole or not at all, and never twice; its name is its content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from domain.clock import Clock
from domain.decisions import DecisionKind
from domain.errors import InvalidInput, NotFound
from domain.ids import content_id
from domain.tenancy import Actor, Scope
from ingest import parsing, quality, registry, staging
from ingest.base import Feed, FileContext, Record
from storage.lake import Lake
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store

ACTOR = Actor.system("landing")
REPORT_EVERY = 10_000
Progress = Callable[[int], None]
"""Called with the number of records read so far."""


class BatchRefused(InvalidInput):
    """A file broke what must hold for a batch of its source; none of it landed."""

    code = "batch_refused"
    hint = "Mend the file and land it again; `--no-checks` lands it as it is."


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What became of a file."""

    source: str
    table: str
    batch_id: str
    file_name: str
    row_count: int = 0
    """Rows that landed."""
    quarantined_count: int = 0
    known_count: int = 0
    """Rows whose key was in the lake before, or came twice in the file, and were not landed again."""
    is_repeat: bool = False
    """The same content has landed before; nothing was done."""
    checks: list[quality.CheckResult] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """One sentence for a person."""
        if self.is_repeat:
            return f"{self.file_name} has landed before: nothing to do."
        parts = [f"{self.row_count} rows landed from {self.file_name}"]
        if self.known_count:
            parts.append(f"{self.known_count} were known")
        if self.quarantined_count:
            parts.append(f"{self.quarantined_count} went to quarantine")
        return ", ".join(parts) + "."


def land_file(
    lake: Lake,
    store: Store,
    source_name: str,
    organization_id: str,
    path: Path,
    *,
    clock: Clock,
    table: str | None = None,
    facts: Mapping[str, str] | None = None,
    file_name: str | None = None,
    gate: bool = True,
    progress: Progress | None = None,
    wait_seconds: float = 300.0,
) -> BatchReport:
    """Lands a file of one organization in one transaction that also remembers its content hash.

    `facts` are what the file does not say (`currency`, `import_id`). With `gate`, up to 50,000 of its rows must meet the
    source's Great Expectations suite; otherwise BatchRefused, and nothing lands. Raises NotFound for an unknown source,
    organization or file, InvalidInput for a file that is none of its formats, StoreBusy when the lake stays locked.
    """
    source = registry.source(source_name)
    feed = source.feed(table)
    if feed.read is None:
        raise InvalidInput(f"{source.title} take no files")
    if not path.is_file():
        raise NotFound(f"there is no file {path}", hint="Check the path.")
    context = context_of(
        store,
        organization_id,
        file_name=file_name or path.name,
        batch_id=_batch_id(feed, organization_id, path, facts or {}),
        received_at=clock(),
        facts=facts or {},
    )
    report = BatchReport(source_name, feed.table.name, context.batch_id, context.file_name)
    with lake.staging(wait_seconds) as cursor:
        if _has_landed(cursor, report, organization_id):
            return replace(report, is_repeat=True)
        shaped, incoming = _incoming(feed, path, context, progress)
        staged = staging.stage(cursor, source_name, shaped, incoming, batch_id=context.batch_id, loaded_at=clock())
        checks = quality.check_staged(staged, organization_id) if gate and staged.passed_count else []
        refused = [check for check in checks if check.is_error and not check.is_success]
        with lake.commit(cursor, wait_seconds):
            if _has_landed(cursor, report, organization_id):
                return replace(report, is_repeat=True)
            quality.record(cursor, checks, clock())
            landed = 0 if refused else _insert(staged, report, organization_id)
    if refused:
        reasons = "; ".join(f"{check.name}: {check.detail}" for check in refused)
        _decide(store, report, organization_id, "refused", reasons)
        raise BatchRefused(f"{context.file_name} was refused. {reasons}")
    report = replace(
        report,
        row_count=landed,
        quarantined_count=staged.failed_count,
        known_count=staged.passed_count - landed,
        checks=checks,
    )
    _decide(store, report, organization_id, "landed", report.summary)
    return report


def context_of(
    store: Store,
    organization_id: str,
    *,
    file_name: str,
    batch_id: str,
    received_at: datetime,
    facts: Mapping[str, str],
) -> FileContext:
    """What parsers may ask about the file and its organization; NotFound where there is no such organization."""
    with store.read(Scope.of(organization_id)) as work:
        key = Organizations(work).hash_key(organization_id)
    return FileContext(organization_id, file_name, batch_id, received_at, key, facts)


def _incoming(
    feed: Feed, path: Path, context: FileContext, progress: Progress | None
) -> tuple[Feed, Iterator[pa.Table]]:
    """What is to be staged, and the feed that says how: by columns where the feed can read the file so."""
    tables = feed.columnar.read(path, context) if feed.columnar is not None else None
    if feed.columnar is not None and tables is not None:
        shaped = replace(feed, shape=feed.columnar.shape, original=feed.columnar.original)
        return shaped, _counted_tables(tables, progress)
    assert feed.read is not None
    return feed, parsing.chunks(feed, _counted(feed.read(path, context), progress), context)


def _counted_tables(tables: Iterator[pa.Table], progress: Progress | None) -> Iterator[pa.Table]:
    count = 0
    for table in tables:
        count += table.num_rows
        if progress is not None:
            progress(count)
        yield table


def _insert(staged: staging.Staged, report: BatchReport, organization_id: str) -> int:
    landed = staged.insert(check_known=True)
    staged.cursor.execute(
        "insert into meta.landed_batches values (?, ?, ?, ?, ?, ?)",
        [report.source, organization_id, report.batch_id, report.file_name, landed, staged.loaded_at],
    )
    return landed


def _has_landed(cursor: Any, report: BatchReport, organization_id: str) -> bool:
    found = cursor.execute(
        "select 1 from meta.landed_batches where source = ? and organization_id = ? and batch_id = ?",
        [report.source, organization_id, report.batch_id],
    ).fetchone()
    return found is not None


def _batch_id(feed: Feed, organization_id: str, path: Path, facts: Mapping[str, str]) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    said = [f"{name}={value}" for name, value in sorted(facts.items())]
    return content_id(feed.table.name, organization_id, digest, *said)


def _counted(records: Iterator[Record], progress: Progress | None) -> Iterator[Record]:
    for number, record in enumerate(records, start=1):
        if progress is not None and number % REPORT_EVERY == 0:
            progress(number)
        yield record


def _decide(store: Store, report: BatchReport, organization_id: str, outcome: str, reason: str) -> None:
    """One row in the ledger a file: automated acts and their reasons are written down."""
    counts = {"rows": report.row_count, "quarantined": report.quarantined_count, "known": report.known_count}
    with store.write(Scope.of(organization_id), ACTOR) as work:
        Decisions(work).record(
            DecisionKind.LAND, "batch", report.batch_id, outcome, reason[:120], {"file": report.file_name, **counts}
        )
