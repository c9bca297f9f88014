"""`leadhouse replay`: what was refused gets another try."""

from __future__ import annotations

import json
import subprocess
from typing import Annotated

import typer

from domain.errors import LeadhouseError
from orchestration.cli.console import emit, guarded, out
from orchestration.organizations import organization_named
from orchestration.state import ROOT, open_store
from orchestration.supervisor import python_module

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
    organization = [organization_named(open_store(), org).organization_id] if org else []
    done = subprocess.run(  # noqa: S603  our own module; the rules of the collector live in serving
        python_module("serving.capture.replay", *organization), cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        raise LeadhouseError(f"the replay failed: {done.stderr.strip()[-400:]}", hint="`leadhouse doctor` may say why.")
    report = json.loads(done.stdout)
    emit(
        report,
        as_json=as_json,
        show=lambda: out.print(f"{report['accepted_count']} accepted, {report['rejected_count']} refused again."),
    )
