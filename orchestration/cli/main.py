"""The `leadhouse` command line."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli import (
    auditing,
    catalog,
    decisions,
    demo,
    doctor,
    engines,
    erasing,
    identities,
    importing,
    models,
    organizations,
    passes,
    prepare,
    replaying,
    serve,
    simulate,
)
from orchestration.cli.console import guarded
from orchestration.cli.passing_on import PASSED_ON, passed_on

app = typer.Typer(
    name="leadhouse",
    help="Lead generation on a lakehouse you own: capture, land, build, score, activate.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.command("demo", help="Set up a demo agency, run the main job, print the summary, then serve.")(guarded(demo.demo))
app.command("up", help="Serve web, worker and Dagster under one supervisor until Ctrl-C.")(guarded(serve.up))
app.command("run", help="One pipeline pass: land, build marts, train, score, activate.")(guarded(passes.run))
app.command("erase", help="Forget a person everywhere: store, files, lake; a hash keeps them from being written to.")(
    guarded(erasing.erase)
)
app.command("doctor", help="Versions, stores, extensions, ports, and what is not configured.")(guarded(doctor.doctor))
app.command(
    "domain",
    context_settings=PASSED_ON,
    help="Whether a domain is ready to send: MX, SPF, DKIM, DMARC, PTR, tracking host.",
)(passed_on("serving.deliverability"))
app.command(
    "sending",
    context_settings=PASSED_ON,
    help="Stop all sending of this installation, let it go on, or say how it stands: stop, go-on, status.",
)(passed_on("serving.sending.installation"))
app.command("prepare", help="Make keys and folders; bring store and lake to the newest schema.")(
    guarded(prepare.prepare)
)
app.command("migrate", help="Bring store and lake to the newest schema, after a backup.")(guarded(prepare.migrate))
app.command("docs", help="Write the browsable catalog of every table, column and their lineage as one HTML file.")(
    guarded(catalog.docs)
)
app.command("simulate", help="Draw a world with known truth: files, this installation's history, or live traffic.")(
    guarded(simulate.simulate)
)
app.command("new-source", help="Start a source from the template.")(guarded(decisions.new_source))
app.command("new-decision", help="Start a decision record.")(guarded(decisions.new_decision))
app.add_typer(importing.app, name="import", help="Import contacts, deals, events, spend or exchange rates from a file.")
app.add_typer(replaying.app, name="replay", help="Try again what was refused.")
app.add_typer(identities.app, name="identity", help="Say that two records are one person, or are not.")
app.add_typer(models.app, name="models", help="Versions of the scoring model, and which of them scores.")
app.add_typer(engines.app, name="engine", help="Build everything on Sail or Spark instead of DuckDB.")
app.add_typer(auditing.app, name="audit", help="Whether anybody changed the record of what was done.")
app.add_typer(organizations.app, name="organizations", help="Agencies, their clients, and who may sign in.")


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False) -> None:
    """Lead generation on a lakehouse you own."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"leadhouse {installed('leadhouse')}")
        raise typer.Exit


if __name__ == "__main__":
    app()
