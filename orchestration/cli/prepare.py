"""Set-up of run-time state: keys, folders, the newest schema of store and lake."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ingest.registry import raw_tables
from orchestration.cli.console import out
from orchestration.state import current_settings, open_lake
from storage.ops import migrate as store_migrations
from storage.ops.sealing import ensure_keys


def prepare(quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing when all went well.")] = False) -> None:
    settings = current_settings()
    settings.data.dir.mkdir(parents=True, exist_ok=True)
    ensure_keys(settings)
    write_dagster_settings(settings.data.dir.absolute() / "dagster")
    store_migrations.upgrade(settings)
    open_lake().migrate(raw_tables())
    if not quiet:
        out.print(f"Ready: state in {settings.data.dir}.")


def migrate() -> None:
    prepare(quiet=True)
    out.print("Store and lake are at the newest schema.")


def write_dagster_settings(home: Path) -> None:
    """The instance's dagster.yaml: no telemetry, runs in turn, retried and watched (a run whose process died gives back
    the right to write a minute later), history kept seven days."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_text(
        "telemetry:\n  enabled: false\n"
        "run_retries:\n  enabled: true\n  max_retries: 1\n"
        "run_monitoring:\n  enabled: true\n  start_timeout_seconds: 180\n  poll_interval_seconds: 60\n"
        "  free_slots_after_run_end_seconds: 60\n"
        "concurrency:\n  runs:\n    max_concurrent_runs: 1\n  pools:\n    default_limit: 1\n"
        "retention:\n"
        "  schedule:\n    purge_after_days: 7\n"
        "  sensor:\n    purge_after_days:\n      skipped: 1\n      success: 7\n",
        encoding="utf-8",
    )
