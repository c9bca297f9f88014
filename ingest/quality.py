"""What must hold for a batch as a whole: Great Expectations on up to 50,000 of its rows, kept as results in the lake.

Row rules (`ingest.base.RowRule`) see every row and send bad ones to quarantine; these see the batch and can refuse it.
Great Expectations takes seconds to import, so that happens only when there are rows to look at.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from domain.clock import Clock
from ingest import registry
from ingest.base import Expectation, Feed
from ingest.staging import Staged, own_columns
from storage.lake import Lake

if TYPE_CHECKING:
    import pandas as pd

SAMPLE_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One expectation about one batch. `is_error` says whether a failure refuses the batch or fails the run."""

    source: str
    table: str
    batch_id: str
    organization_id: str | None
    """Whose file it was; None for a landing from the store, which holds everybody's rows."""
    name: str
    is_error: bool
    is_success: bool
    row_count: int
    failed_count: int
    detail: str
    """What was found, in words; empty where all is well."""


def check_landed(lake: Lake, source_name: str, *, clock: Clock, table: str | None = None) -> list[CheckResult]:
    """Checks what landed last in a source's table and keeps the results; nothing to check gives an empty list.

    For landings from the store, which cannot be refused without filling it up: here a failure stops what builds on them.
    """
    feed = registry.source(source_name).feed(table)
    with lake.staging() as cursor:
        newest = cursor.execute(
            f"select _batch_id from {feed.table.full_name} order by _loaded_at desc nulls last, _batch_id limit 1"
        ).fetchone()
        if newest is None:
            return []
        batch_id = str(newest[0])
        owner = _owner_of_file(cursor, source_name, batch_id)
        columns = ", ".join(f'"{name}"' for name in own_columns(feed))
        frame = cursor.execute(
            f"select {columns} from {feed.table.full_name} where _batch_id = ? limit {SAMPLE_ROWS}", [batch_id]
        ).df()
        results = check_batch(source_name, feed, batch_id, frame, organization_id=owner)
        if owner is None or not _was_checked(cursor, source_name, batch_id):
            with lake.commit(cursor):
                record(cursor, results, clock())
    return results


def check_staged(staged: Staged, organization_id: str) -> list[CheckResult]:
    """Checks rows of an organization's file that passed every row rule and are not in the lake yet."""
    columns = ", ".join(f'"{name}"' for name in own_columns(staged.feed))
    frame = staged.cursor.execute(f"select {columns} from temp.passed limit {SAMPLE_ROWS}").df()
    return check_batch(staged.source, staged.feed, staged.batch_id, frame, organization_id=organization_id)


def check_batch(
    source: str, feed: Feed, batch_id: str, frame: pd.DataFrame, *, organization_id: str | None = None
) -> list[CheckResult]:
    """The feed's suite on a frame of its columns. An expectation that cannot be evaluated counts as failed."""
    if frame.empty or not feed.suite:
        return []
    definition = _batch_definition()
    import great_expectations as gx
    from great_expectations import expectations as gxe

    made = [getattr(gxe, one.kind)(**one.arguments, meta={"name": one.name}) for one in feed.suite]
    suite = gx.ExpectationSuite(name=feed.table.name, expectations=made)
    found = definition.get_batch({"dataframe": frame}).validate(suite)
    by_name = {result.expectation_config.meta["name"]: result for result in found.results}
    return [
        _result(source, feed, batch_id, organization_id, expectation, by_name[expectation.name], len(frame))
        for expectation in feed.suite
    ]


def record(cursor: Any, results: list[CheckResult], now: datetime) -> None:
    """Keeps results in `meta.check_results`, inside the caller's transaction."""
    for result in results:
        cursor.execute(
            "insert into meta.check_results (source, table_name, batch_id, check_name, severity, is_success, row_count, "
            "failed_count, detail, checked_at, organization_id) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                result.source,
                result.table,
                result.batch_id,
                result.name,
                "error" if result.is_error else "warning",
                result.is_success,
                result.row_count,
                result.failed_count,
                result.detail,
                now,
                result.organization_id,
            ],
        )


def _owner_of_file(cursor: Any, source: str, batch_id: str) -> str | None:
    found = cursor.execute(
        "select organization_id from meta.landed_batches where source = ? and batch_id = ?", [source, batch_id]
    ).fetchone()
    return None if found is None else str(found[0])


def _was_checked(cursor: Any, source: str, batch_id: str) -> bool:
    """A file is checked before it lands; its verdicts are kept once."""
    found = cursor.execute(
        "select 1 from meta.check_results where source = ? and batch_id = ? limit 1", [source, batch_id]
    ).fetchone()
    return found is not None


@cache
def _batch_definition() -> Any:
    """One context a process: it keeps nothing on disk and tells nobody."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("batches").add_dataframe_asset("batch")
    return asset.add_batch_definition_whole_dataframe("whole")


def _result(
    source: str,
    feed: Feed,
    batch_id: str,
    organization_id: str | None,
    expectation: Expectation,
    found: Any,
    row_count: int,
) -> CheckResult:
    failed = int(found.result.get("unexpected_count", 0 if found.success else row_count))
    return CheckResult(
        source,
        feed.table.name,
        batch_id,
        organization_id,
        expectation.name,
        expectation.is_error,
        bool(found.success),
        row_count,
        failed,
        "" if found.success else _words(found, failed, row_count),
    )


def _words(found: Any, failed: int, row_count: int) -> str:
    if "unexpected_count" in found.result:
        examples = found.result.get("partial_unexpected_list", [])[:3]
        return f"{failed} of {row_count} rows do not, for instance {json.dumps(examples, default=str)}"
    if "observed_value" in found.result:
        return f"found {found.result['observed_value']}"
    return "could not be evaluated"
