"""Trying an import without writing anything: exact counts, reasons and examples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.imports.drafts import Draft
from domain.settings import Settings
from domain.tenancy import Scope
from storage.ops.bulk.plans import Plan, RowResult
from storage.ops.bulk.readings import CHUNK_ROWS, Progress, Reading, chunked, planner_of
from storage.ops.repositories.imports import group_reasons, load_import
from storage.ops.store import Store, Work
from storage.ops.tables import Import


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do: exact counts, why rows would be refused or cells left out, and examples of it."""

    rows_total: int
    created_count: int
    updated_count: int
    skipped_count: int
    rejected_count: int
    reasons: tuple[tuple[str, str, int], ...]
    """(outcome, reason, rows), most frequent first."""
    examples: tuple[RowResult, ...]
    """The first rows that have a reason."""
    sample: tuple[dict[str, Any], ...]
    """The first rows as they would be stored: {line, outcome, fields, attributes}."""


def preview_import(
    store: Store, settings: Settings, scope: Scope, import_id: str, *, progress: Progress | None = None
) -> Preview:
    """Tries the whole file without writing: the counts are those that a run would have now."""
    found = load_import(store, scope, import_id)
    with store.read(scope) as work:
        tried = Trial(work, settings, found)
    counts = dict.fromkeys(("created", "updated", "skipped", "rejected"), 0)
    reasons: dict[tuple[str, str], int] = {}
    examples: list[RowResult] = []
    sample: list[dict[str, Any]] = []
    done = 0
    for drafts in tried.chunks():
        plan = tried.plan(store, scope, drafts)
        for draft, result in zip(drafts, plan.results, strict=True):
            counts[result.outcome] += 1
            if result.reason:
                kind = (result.outcome, result.reason)
                reasons[kind] = reasons.get(kind, 0) + 1
                if len(examples) < 50:
                    examples.append(result)
            if len(sample) < 10 and result.outcome in {"created", "updated"}:
                sample.append(_shown(draft, result))
        done += len(drafts)
        if progress:
            progress(done, found.rows_total)
    grouped = group_reasons((outcome, reason, count) for (outcome, reason), count in reasons.items())
    totals = {f"{name}_count": count for name, count in counts.items()}
    return Preview(done, **totals, reasons=tuple(grouped), examples=tuple(examples), sample=tuple(sample))


class Trial:
    """Plans chunk after chunk as a run would, keeping what it planned instead of writing it.

    Only people and deals whose key comes twice in the file are kept: others cannot be met again.
    """

    def __init__(self, work: Work, settings: Settings, found: Import) -> None:
        self._reading = Reading(work, settings, found)
        self._planner = planner_of(work, found)
        self._twice: set[str] | None = None

    def chunks(self) -> Iterator[list[Draft]]:
        """The drafts of the file, 500 at a time."""
        seen: set[str] = set()
        twice: set[str] = set()
        for key in self._reading.row_keys():
            (twice if key in seen else seen).add(key)
        self._twice = twice
        yield from chunked(self._reading.drafts(), CHUNK_ROWS)

    def plan(self, store: Store, scope: Scope, drafts: list[Draft]) -> Plan:
        """What the drafts would do, given those before them."""
        with store.read(scope) as work:
            self._planner.load(work, drafts)
        plan = self._planner.plan(drafts, store.clock())
        self._planner.written(plan)
        self._planner.pretend(plan, self._twice or set())
        return plan


def _shown(draft: Draft, result: RowResult) -> dict[str, Any]:
    fields = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in draft.fields.items()}
    return {"line": draft.line, "outcome": result.outcome, "fields": fields, "attributes": draft.attributes}
