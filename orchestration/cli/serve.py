"""`leadhouse up`: web, worker and Dagster under one supervisor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.console import out
from orchestration.cli.prepare import prepare
from orchestration.manifest import manifest_path
from orchestration.state import ROOT, current_settings, prepare_environment
from orchestration.supervisor import Child, free_port, python_module, supervise

PARTS = ("web", "worker", "dagster")


def up(
    only: Annotated[
        list[str] | None, typer.Option(help="Serve only this part (web, worker, dagster); may repeat.")
    ] = None,
) -> None:
    prepare(quiet=True)
    serve(tuple(only or PARTS))


def serve(parts: tuple[str, ...] = PARTS) -> None:
    """Serves the parts until Ctrl-C and prints where they are."""
    unknown = set(parts) - set(PARTS)
    if unknown:
        raise typer.BadParameter(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    prepare_environment()
    settings = current_settings()
    web_port = free_port(settings.web.host, settings.web.port)
    dagster_port = free_port(settings.scheduler.host, settings.scheduler.port)
    logs = settings.data.dir.absolute() / "logs"
    children = []
    if "web" in parts:
        children.append(
            Child("web", python_module("serving.main"), {"LEADHOUSE_WEB__PORT": str(web_port)}, logs / "web.log")
        )
    if "worker" in parts:
        children.append(Child("worker", python_module("serving.worker"), log=logs / "worker.log"))
    if "dagster" in parts:
        manifest_path()
        command = _dagster(settings.scheduler.host, dagster_port)
        children.append(Child("dagster", command, log=logs / "dagster.log", niceness=settings.worker.niceness))
    _say_where(parts, settings.web.host, web_port, settings.scheduler.host, dagster_port)
    code = supervise(children, say=out.print)
    out.print("Stopped.")
    raise SystemExit(code)


def _dagster(host: str, port: int) -> list[str]:
    dagster = str(Path(sys.executable).parent / "dagster")
    return [
        dagster, "dev", "-m", "orchestration.definitions", "-d", str(ROOT),
        "-h", host, "-p", str(port), "--log-level", "warning", "--code-server-log-level", "warning",
    ]  # fmt: skip


def _say_where(parts: tuple[str, ...], host: str, web_port: int, dagster_host: str, dagster_port: int) -> None:
    if "web" in parts:
        out.print(f"  Leadhouse  [bold]http://{host}:{web_port}/app[/]")
        out.print(f"  Site       http://{host}:{web_port}/demo-site/")
        out.print(f"  API        http://{host}:{web_port}/v1/docs")
    if "dagster" in parts:
        out.print(f"  Dagster    http://{dagster_host}:{dagster_port}  (no login: keep it on loopback)")
    out.print(f"  Logs       {current_settings().data.dir / 'logs'}")
    out.print("  Ctrl-C stops everything.\n")
