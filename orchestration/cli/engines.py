"""`leadhouse engine`: build everything on another engine than DuckDB."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from domain.clock import utc_now
from orchestration.cli.console import emit, guarded, out
from orchestration.cli.prepare import prepare
from orchestration.engine.session import Target
from orchestration.state import current_settings, open_lake, prepare_environment

app = typer.Typer(no_args_is_help=True)


@app.callback()
def root() -> None:
    """The second engine: the same models on Sail or Spark (docs/how-to/outgrow-one-machine.md)."""


@app.command("build", help="Build and test every model there from what has landed, and take the results into the lake.")
@guarded
def build(
    target: Annotated[Target, typer.Option(help="The engine.")] = "sail",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    from orchestration.engine.build import build_on

    prepare(quiet=True)
    prepare_environment()
    tell = (lambda _: None) if as_json else (lambda step: out.print(f"  {step} …"))
    report = build_on(target, open_lake(), current_settings().engine, clock=utc_now, tell=tell)

    def show() -> None:
        spent = ", ".join(f"{step} {seconds:g} s" for step, seconds in report.seconds.items())
        rows = sum(report.row_counts.values())
        out.print(f"{report.model_count} models and {report.test_count} data tests on {report.target}: {spent}.")
        out.print(f"The lake took in {rows:,} rows of {len(report.row_counts)} tables.")

    emit(asdict(report), as_json=as_json, show=show)
