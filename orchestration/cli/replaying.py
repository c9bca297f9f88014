"""`leadhouse replay`: what was refused gets another try."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from ingest.replay import replay_rejected

from domain.clock import utc_now
from domain.tenancy import Scope, SystemScope
from orchestration.cli.console import emit, guarded, out
from orchestration.organizations import organization_named
from orchestration.resources import current_settings, open_store

app = typer.Typer(no_args_is_help=True)


@app.callback()
def replay() -> None:
    """Try again what was refused."""


@app.command("rejected", help="Rejected events, through today's validation; those that pass go to the inbox.")
@guarded
def rejected(
    org: Annotated[str | None, typer.Option("--org", help="Slug or id of one organization; default: all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    store = open_store()
    scope = Scope.of(organization_named(store, org).organization_id) if org else SystemScope("replay by an operator")
    report = replay_rejected(store, scope, settings=current_settings(), clock=utc_now)
    emit(
        asdict(report),
        as_json=as_json,
        show=lambda: out.print(f"{report.accepted_count} accepted, {report.rejected_count} refused again."),
    )
