"""Set-up of run-time state: keys, folders, the newest schema of store and lake."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli.console import out
from orchestration.state import current_settings, open_lake
from storage.ops import migrate as store_migrations
from storage.ops.sealing import ensure_keys


def prepare(quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing when all went well.")] = False) -> None:
    settings = current_settings()
    settings.data.dir.mkdir(parents=True, exist_ok=True)
    ensure_keys(settings)
    store_migrations.upgrade(settings)
    open_lake().migrate()
    if not quiet:
        out.print(f"Ready: state in {settings.data.dir}.")


def migrate() -> None:
    prepare(quiet=True)
    out.print("Store and lake are at the newest schema.")
