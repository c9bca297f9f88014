"""`leadhouse import`: files into the store (contacts, deals) or straight into the lake (events, spend)."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from domain.clock import utc_now
from domain.errors import InvalidInput
from domain.imports.rates import parse_rates
from domain.tenancy import Actor, Scope, SystemScope
from ingest.batches import BatchReport, land_file
from orchestration.cli.console import emit, guarded, out, progress_bars
from orchestration.cli.prepare import prepare
from orchestration.organizations import Named, organization_named
from orchestration.state import current_settings, open_lake, open_store
from storage.background import stand_back
from storage.ops.bulk.imports import (
    ImportResult,
    Preview,
    UploadedImport,
    create_import,
    discard_import,
    preview_import,
    run_import,
    undo_import,
)
from storage.ops.repositories.imports import load_import
from storage.ops.repositories.money import FxRates

app = typer.Typer(no_args_is_help=True)
ACTOR = Actor.system("command line")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file to import.")]
Org = Annotated[str, typer.Option("--org", help="Slug or id of the organization.")]
Map = Annotated[
    list[str] | None, typer.Option("--map", help="Column=target; may repeat. An empty target leaves it out.")
]
Outcome = Annotated[str | None, typer.Option(help="Column that says what became of a lead: what the model learns.")]
Positive = Annotated[str | None, typer.Option(help="Its value that counts as success.")]
After = Annotated[
    list[str] | None, typer.Option("--post-outcome", help="Column known only after the outcome; may repeat.")
]
Duplicates = Annotated[str, typer.Option(help="What to do with known people: skip, update or create.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Count what would happen and write nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command("contacts", help="Leads from a CSV of any encoding and delimiter.")
@guarded
def contacts(
    file: File, org: Org, column_map: Map = None, outcome: Outcome = None, positive: Positive = None,
    post_outcome: After = None, duplicates: Duplicates = "update", dry_run: DryRun = False, as_json: AsJson = False,
) -> None:  # fmt: skip
    _import("contacts", file, org, column_map, outcome, positive, post_outcome, duplicates, dry_run, as_json)


@app.command("deals", help="Deals with their stages and amounts from a CSV.")
@guarded
def deals(
    file: File, org: Org, column_map: Map = None, duplicates: Duplicates = "update", dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    _import("deals", file, org, column_map, None, None, None, duplicates, dry_run, as_json)


@app.command("events", help="Website events from JSONL or Parquet.")
@guarded
def events(file: File, org: Org, as_json: AsJson = False) -> None:
    _land("website_events", file, org, as_json)


@app.command("spend", help="Ad spend: our columns, or an export of Google Ads, Meta Ads or LinkedIn Campaign Manager.")
@guarded
def spend(file: File, org: Org, as_json: AsJson = False) -> None:
    _land("ad_spend", file, org, as_json)


@app.command("rates", help="Exchange rates of all organizations: rate_on,from_currency,to_currency,rate.")
@guarded
def rates(file: File, as_json: AsJson = False) -> None:
    found = parse_rates(file.read_text(encoding="utf-8-sig").splitlines())
    with open_store().write(SystemScope("exchange rates"), ACTOR) as work:
        for rate in found:
            FxRates(work).put(rate.rate_on, rate.from_currency, rate.to_currency, rate.rate)
    emit({"rate_count": len(found)}, as_json=as_json, show=lambda: out.print(f"{len(found):,} rates."))


@app.command("file", help="A file for any source, by name.")
@guarded
def any_file(
    source: Annotated[str, typer.Argument(help="Name of the source.")], file: File, org: Org, as_json: AsJson = False
) -> None:
    _land(source, file, org, as_json)


@app.command("undo", help="Takes back one import: what it created goes, what it changed returns.")
@guarded
def undo(
    import_id: Annotated[str, typer.Argument(help="Id that the import printed.")], org: Org, as_json: AsJson = False
) -> None:
    prepare(quiet=True)
    load_import(open_store(), Scope.of(organization_named(open_store(), org).organization_id), import_id)
    report = undo_import(open_store(), import_id, actor=ACTOR)
    emit(
        asdict(report),
        as_json=as_json,
        show=lambda: out.print(
            f"{report.deleted_count:,} taken back, {report.restored_count:,} restored, {report.kept_count:,} left alone "
            "because they changed since."
        ),
    )


def _mapping(pairs: list[str] | None) -> dict[str, str]:
    found = {}
    for pair in pairs or ():
        column, equals, target = pair.partition("=")
        if not equals:
            raise InvalidInput(f"--map wants Column=target, not {pair!r}")
        found[column.strip()] = target.strip()
    return found


def _import(
    entity: str, file: Path, org: str, column_map: list[str] | None, outcome: str | None, positive: str | None,
    post_outcome: list[str] | None, duplicates: str, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    prepare(quiet=True)
    store, settings = open_store(), current_settings()
    stand_back(settings.worker.niceness)
    scope = Scope.of(organization_named(store, org).organization_id)
    made = create_import(
        store, settings, scope, ACTOR, content=file.read_bytes(), file_name=file.name, entity=entity,
        overrides=_mapping(column_map), outcome_column=outcome, positive_value=positive,
        post_outcome_columns=tuple(post_outcome or ()), duplicates=duplicates,
    )  # fmt: skip
    try:
        preview = preview_import(store, settings, scope, made.import_id)
    finally:
        if dry_run and not made.was_imported_before:
            discard_import(store, settings, scope, ACTOR, made.import_id)
    if dry_run:
        emit(asdict(preview), as_json=as_json, show=lambda: _show_preview(made, preview))
        return
    with progress_bars(quiet=as_json) as steps:
        result = run_import(
            store, settings, made.import_id, progress=lambda done, total: steps(f"import {entity}", done, total)
        )
    emit(asdict(result), as_json=as_json, show=lambda: _show_result(result, org))


def _land(source: str, file: Path, org: str, as_json: bool) -> None:
    prepare(quiet=True)
    organization: Named = organization_named(open_store(), org)
    report = land_file(open_lake(), open_store(), source, organization.organization_id, file, clock=utc_now)
    emit(asdict(report), as_json=as_json, show=lambda: _show_batch(report))


def _show_preview(made: UploadedImport, preview: Preview) -> None:
    out.print(
        f"{preview.rows_total:,} rows, {made.dialect.encoding}, delimiter {made.dialect.delimiter!r}. Nothing is written."
    )
    for column in made.columns:
        role = "" if column.role == "feature" else f"  [dim]{column.role}[/]"
        out.print(f"  {column.column:<28} → {column.target}{role}")
    for note in made.notes:
        out.print(f"  [yellow]Note:[/] {note}")
    _show_counts(preview)
    for outcome, reason, count in preview.reasons:
        out.print(f"  {count:>8,} {outcome}: {reason}")


def _show_result(result: ImportResult, org: str) -> None:
    _show_counts(result)
    out.print(f"Undo with: leadhouse import undo {result.import_id} --org {org}")


def _show_counts(counts: Preview | ImportResult) -> None:
    out.print(
        f"{counts.created_count:,} created, {counts.updated_count:,} updated, {counts.skipped_count:,} skipped, "
        f"{counts.rejected_count:,} rejected"
    )


def _show_batch(report: BatchReport) -> None:
    if report.is_repeat:
        out.print(f"{report.file_name} has landed before: nothing was done.")
        return
    out.print(
        f"{report.row_count:,} rows landed in raw.{report.table}, {report.quarantined_count:,} in quarantine, "
        f"{report.known_count:,} known already"
    )
