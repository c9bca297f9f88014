"""Every raw table as an asset: queues of the store landed exactly once, and files of the drop folder by content hash."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dagster as dg

from ingest.base import Expectation, Feed, Source
from ingest.landing import land
from ingest.quality import CheckResult, check_landed
from ingest.registry import all_sources
from ingest.uploads import land_uploads
from orchestration.builds import record_build
from orchestration.drops import DroppedFile, dropped_files, land_dropped
from orchestration.keys import raw_key
from orchestration.resources import House

OWNER = "team:data-platform"
UPLOADS = "csv_upload"
"""The source of uploaded files, which lie beside the store rather than in the drop folder."""
FRESH_RAW = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=24), warn_window=timedelta(hours=6))


def key_of(source: Source, feed: Feed) -> dg.AssetKey:
    """`raw/<source>/<table>` of a feed."""
    return raw_key(source.name, feed.table.name.partition("__")[2])


def _spec(source: Source, feed: Feed) -> dg.AssetSpec:
    return dg.AssetSpec(
        key_of(source, feed),
        group_name=source.name,
        owners=[OWNER],
        description=f"{source.title}, as received.",
        tags={"pii": ""} if source.has_personal_data else {},
        kinds={"ducklake"},
        freshness_policy=FRESH_RAW if feed.door else None,
    )


def _check_name(expectation: Expectation) -> str:
    """Dagster's names hold letters, digits and underscores."""
    return re.sub(r"[^a-z0-9]+", "_", expectation.name.casefold()).strip("_")


def _check(source: Source, feed: Feed, expectation: Expectation) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        _check_name(expectation),
        asset=key_of(source, feed),
        description=f"Great Expectations: {expectation.kind} on what landed last.",
        blocking=expectation.is_error,
    )


def _verdict(source: Source, feed: Feed, expectation: Expectation, results: list[CheckResult]) -> dg.AssetCheckResult:
    """What the suite said of the newest batch; nothing new to check passes, and says so."""
    found = next((one for one in results if one.table == feed.table.name and one.name == expectation.name), None)
    return dg.AssetCheckResult(
        passed=found is None or found.is_success,
        asset_key=key_of(source, feed),
        check_name=_check_name(expectation),
        severity=dg.AssetCheckSeverity.ERROR if expectation.is_error else dg.AssetCheckSeverity.WARN,
        metadata={"said": found.detail if found else "nothing new to check"},
    )


def _landed(source: Source) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=f"land_{source.name}",
        specs=[_spec(source, feed) for feed in source.feeds],
        check_specs=[_check(source, feed, expectation) for feed in source.feeds for expectation in feed.suite],
        pool="lake_write",
        retry_policy=dg.RetryPolicy(max_retries=2, delay=5),
        can_subset=False,
    )
    def assets(context: dg.AssetExecutionContext, house: House) -> Iterator[Any]:
        counts = {feed.table.name: 0 for feed in source.feeds}
        if any(feed.door for feed in source.feeds):
            report = land(house.store, house.lake, clock=house.clock, sources=[source.name])
            if report.skipped_reason:
                raise dg.Failure(f"landing gave way: {report.skipped_reason}; it is tried again", allow_retries=True)
            for feed, landing in zip((feed for feed in source.feeds if feed.door), report.feeds, strict=True):
                counts[feed.table.name] += landing.landed_count
                context.log.info(
                    "%s: %s landed, %s quarantined", source.name, landing.landed_count, landing.quarantined_count
                )
        if source.name == UPLOADS:
            uploads = house.settings.data.dir.absolute() / "uploads"
            reports = land_uploads(house.store, house.lake, uploads, clock=house.clock)
            counts[source.feeds[0].table.name] += sum(report.row_count for report in reports)
        for file in dropped_files(house.drop, source.name):
            counts[source.feeds[0].table.name] += _land_file(context, house, file)
        if sum(counts.values()):
            record_build(house.lake, "land", f"{source.name}: {sum(counts.values())} rows", house.clock())
        results = check_landed(house.lake, source.name, clock=house.clock) if any(counts.values()) else []
        for feed in source.feeds:
            yield dg.MaterializeResult(
                asset_key=key_of(source, feed),
                metadata={"landed_rows": counts[feed.table.name]},
                check_results=[_verdict(source, feed, expectation, results) for expectation in feed.suite],
            )

    return assets


def _land_file(context: dg.AssetExecutionContext, house: House, file: DroppedFile) -> int:
    report = land_dropped(house.store, house.lake, file, clock=house.clock)
    context.log.info("%s of %s: %s rows", file.path.name, file.organization_slug, report.row_count)
    return int(report.row_count)


landed = [_landed(source) for source in all_sources().values()]
