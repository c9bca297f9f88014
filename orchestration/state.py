"""The settings, the store and the lake of this process, each opened once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from domain.settings import Settings
from storage.lake import Lake
from storage.ops.store import Store

ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT = ROOT / "dbt_project"


@cache
def current_settings() -> Settings:
    """The settings of this process: its environment over the checkout's `.env`. Read here, by entry points, only."""
    return Settings.load(os.environ, ROOT / ".env")


@cache
def open_store() -> Store:
    return Store.open(current_settings())


@cache
def open_lake() -> Lake:
    return Lake.open(current_settings())


def prepare_environment() -> None:
    """Lets children (dbt, Dagster) find this interpreter's commands, the lake and their folders, and stay offline."""
    settings = current_settings()
    home = settings.data.dir.absolute() / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    bin_folder = str(Path(sys.executable).parent)
    if bin_folder not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = bin_folder + os.pathsep + os.environ.get("PATH", "")
    os.environ.update(
        {
            "DAGSTER_HOME": str(home),
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_TARGET_PATH": str(dbt_target()),
            "DBT_LOG_PATH": str(settings.data.dir.absolute() / "dbt" / "logs"),
            "DO_NOT_TRACK": "1",
            "GX_ANALYTICS_ENABLED": "false",
            # Threads of LightGBM that wait by spinning take the core from whoever they wait for.
            "OMP_WAIT_POLICY": "PASSIVE",
            "HF_HUB_OFFLINE": "1",
            **open_lake().dbt_environment(),
        }
    )


@contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """These variables for what runs in this process, and what was there before afterwards."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def dbt_target() -> Path:
    """dbt's compiled manifest and run results live with the run-time state, not in the project."""
    return current_settings().data.dir.absolute() / "dbt" / "target"
