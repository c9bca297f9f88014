"""One pipeline pass, with a bar for each job."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from orchestration.cli.console import emit, out, progress_bars
from orchestration.cli.prepare import prepare
from orchestration.pipeline import JobReport, run_jobs

WHOLE_PASS = ("land", "build_marts", "train_models", "activate", "land")
"""Activation changes scores in the store; the last landing brings them to the lake."""


def run(
    train: Annotated[bool, typer.Option(help="Train models anew; --no-train keeps the present champions.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    prepare(quiet=True)
    reports = whole_pass(train=train, quiet=as_json)
    emit([asdict(report) for report in reports], as_json=as_json, show=lambda: show_reports(reports))


def whole_pass(*, train: bool, quiet: bool) -> list[JobReport]:
    """Lands, builds, trains (if asked), scores and activates; raises JobFailed."""
    names = [name for name in WHOLE_PASS if train or name != "train_models"]
    with progress_bars(quiet=quiet) as steps:
        return run_jobs(names, steps)


def show_reports(reports: list[JobReport]) -> None:
    for report in reports:
        checks = f", [yellow]{len(report.failed_checks)} checks failed[/]" if report.failed_checks else ""
        out.print(f"  {report.job:<14} {report.asset_count:>3} assets in {report.seconds:5.1f} s{checks}")
        for failed in report.failed_checks:
            out.print(f"    [yellow]{failed}[/]")
