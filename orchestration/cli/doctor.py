"""`leadhouse doctor`: what works here, what is not configured, and what that costs."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import text

from domain.settings import Settings
from orchestration.cli.console import emit, out
from orchestration.state import current_settings, open_lake, open_store

PACKAGES = (
    "duckdb", "duckdb-extension-ducklake", "dagster", "dagster-dbt", "dbt-core", "dbt-duckdb", "fastapi", "streamlit",
    "sqlalchemy", "polars", "pyarrow", "lancedb", "lightgbm", "openai", "great-expectations",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `state`: `ok`, `off` (not configured; `note` says what that costs) or `broken`."""

    area: str
    name: str
    state: str
    note: str


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False) -> None:
    findings = list(examine(current_settings()))
    emit([asdict(finding) for finding in findings], as_json=as_json, show=lambda: _show(findings))
    if any(finding.state == "broken" for finding in findings):
        raise SystemExit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, in the order of the layers; nothing is changed."""
    yield Finding("versions", "python", "ok", platform.python_version())
    for name in PACKAGES:
        yield _package(name)
    yield _tried("store", settings.store_url.partition(":")[0], _store)
    yield _tried("lake", "DuckLake", _lake)
    yield _keys(settings)
    yield _port("web", settings.web.host, settings.web.port)
    yield _port("dagster", settings.scheduler.host, settings.scheduler.port)
    yield from _accounts(settings)


def _package(name: str) -> Finding:
    try:
        return Finding("versions", name, "ok", version(name))
    except PackageNotFoundError:
        return Finding("versions", name, "broken", "not installed: run make setup")


def _tried(area: str, name: str, trial: Callable[[], str]) -> Finding:
    try:
        return Finding(area, name, "ok", trial())
    except Exception as error:  # noqa: BLE001  a doctor reports every illness
        return Finding(area, name, "broken", f"{type(error).__name__}: {error}; run `leadhouse migrate`")


def _store() -> str:
    with open_store().engine.connect() as connection:
        revision: str = connection.execute(text("select version_num from alembic_version")).scalar_one()
        waiting: int = connection.execute(text("select count(*) from event_inbox")).scalar_one()
    return f"schema {revision}, {waiting} events waiting to land"


def _lake() -> str:
    with open_lake().reader() as cursor:
        tables = cursor.execute("select count(*) from duckdb_tables() where database_name = 'lake'").fetchone()
    return f"{tables[0] if tables else 0} tables"


def _keys(settings: Settings) -> Finding:
    if settings.security.keys is not None:
        return Finding("security", "encryption keys", "ok", "from LEADHOUSE_SECURITY__KEYS")
    path = settings.data.dir / "keys"
    if not path.is_file():
        return Finding("security", "encryption keys", "broken", "none: run make setup")
    if path.stat().st_mode & 0o077:
        return Finding("security", "encryption keys", "broken", f"{path.name} is readable by others: chmod 600 it")
    return Finding("security", "encryption keys", "ok", "a file that only you can read; keep a copy elsewhere")


def _port(name: str, host: str, port: int) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return Finding(
                "ports", name, "off", f"{port} is in use (perhaps by Leadhouse): `up` takes the next free one"
            )
    return Finding("ports", name, "ok", f"{port} is free")


def _accounts(settings: Settings) -> Iterator[Finding]:
    geo = settings.data.geoip_asn
    yield Finding("accounts", "IP networks", "ok" if geo else "off",
                  str(geo) if geo else "no MaxMind-format database: the open ASN set of 2026 names network owners")  # fmt: skip
    yield Finding("accounts", "language model", "ok" if settings.ai.base_url else "off",
                  settings.ai.base_url or "no model is connected: texts come from templates")  # fmt: skip
    embeddings = importlib.util.find_spec("torch") is not None
    yield Finding("accounts", "embeddings", "ok" if embeddings else "off",
                  "torch is installed" if embeddings else "no torch: companies are compared by shared words alone (make embeddings)")  # fmt: skip
    chromium = shutil.which("chromium") is not None
    yield Finding("accounts", "Chromium", "ok" if chromium else "off",
                  "for the browser tests" if chromium else "none: browser tests are skipped")  # fmt: skip


def _show(findings: list[Finding]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "area", "name", "note"):
        table.add_column(heading)
    marks = {"ok": "[green]✓[/]", "off": "[yellow]–[/]", "broken": "[red]✗[/]"}
    for finding in findings:
        table.add_row(marks[finding.state], finding.area, finding.name, finding.note)
    out.print(table)
