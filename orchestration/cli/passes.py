"""One pipeline pass, with a bar for each job, and what newer rules about machines changed in it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from domain.clock import utc_now
from domain.tenancy import Actor, Scope
from orchestration.cli.console import emit, out, progress_bars
from orchestration.cli.prepare import prepare
from orchestration.organizations import Named, all_organizations, organization_named
from orchestration.state import current_settings, open_lake, open_store
from storage.background import stand_back
from storage.ops.repositories.organization_settings import OrganizationSettings

if TYPE_CHECKING:
    from orchestration.pipeline import JobReport
    from orchestration.rejudging import Change

WHOLE_PASS = ("land", "build_marts", "train_models", "activate", "land")
"""Activation changes scores in the store; the last landing brings them to the lake."""
SMALLEST_CHANGE = 0.05
"""Of a count that is shown to the tenth."""
ACTOR = Actor.system("command line")


def run(
    train: Annotated[bool, typer.Option(help="Train models anew; --no-train keeps the present champions.")] = True,
    rejudge: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="VERSION", help="Judge machines by this version of the rules, and show what changed."
        ),
    ] = None,
    org: Annotated[str | None, typer.Option("--org", help="With --rejudge: one organization; default: all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    from orchestration.rejudging import newest

    prepare(quiet=True)
    stand_back(current_settings().worker.niceness)
    began = utc_now()
    judged = _judge_by(rejudge, org) if rejudge else []
    reports = whole_pass(train=train, quiet=as_json)
    changes = [(each, newest(open_lake(), each.organization_id, since=began)) for each in judged]
    answer: Any = [asdict(report) for report in reports]
    if rejudge:
        answer = {"jobs": answer, "rejudged": {each.slug: [asdict(one) for one in found] for each, found in changes}}

    def show() -> None:
        show_reports(reports)
        show_changes(changes)

    emit(answer, as_json=as_json, show=show)


def whole_pass(*, train: bool, quiet: bool) -> list[JobReport]:
    """Lands, builds, trains (if asked), scores and activates; raises JobFailed."""
    from orchestration.pipeline import run_jobs

    names = [name for name in WHOLE_PASS if train or name != "train_models"]
    with progress_bars(quiet=quiet) as steps:
        return run_jobs(names, steps)


def show_reports(reports: list[JobReport]) -> None:
    for report in reports:
        checks = f", [yellow]{len(report.failed_checks)} checks failed[/]" if report.failed_checks else ""
        out.print(f"  {report.job:<14} {report.asset_count:>3} assets in {report.seconds:5.1f} s{checks}")
        for failed in report.failed_checks:
            name, *words = failed.splitlines()
            out.print(f"    [yellow]{name}[/]")
            for line in words:
                out.print(Padding(Text(line), (0, 0, 0, 6)))


def show_changes(changes: list[tuple[Named, list[Change]]]) -> None:
    for organization, found in changes:
        if not found:
            out.print(f"{organization.name}: nothing to judge anew, or judged by these rules already.")
            continue
        versions = f"version {found[0].from_version} → {found[0].to_version}"
        table = Table("", "", title=f"{organization.name}: {versions} of the rules about machines")
        for heading in ("before", "after", "change"):
            table.add_column(heading, justify="right")
        moved = [one for one in found if abs((one.after or 0.0) - one.before) >= SMALLEST_CHANGE]
        for one in moved:
            after = one.after or 0.0
            change = _number(after - one.before)
            table.add_row(
                one.measure.replace("_", " "), one.dimension, _number(one.before), _number(after),
                change if change.startswith("-") else f"+{change}",
            )  # fmt: skip
        table.caption = f"{len(found) - len(moved)} more counts stayed as they were"
        out.print(table)


def _judge_by(version: int, org: str | None) -> list[Named]:
    """Sets the version for one organization or all; answers which."""
    store = open_store()
    chosen = [organization_named(store, org)] if org else list(all_organizations(store))
    for each in chosen:
        with store.write(Scope.of(each.organization_id), ACTOR) as work:
            OrganizationSettings(work).put("bot_rules", {"version": version})
    return chosen


def _number(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")
