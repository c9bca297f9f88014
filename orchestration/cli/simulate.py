"""`leadhouse simulate`: a world with known truth as files, in this installation, or as live traffic."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import httpx
import typer
from pydantic import ValidationError
from rich.table import Table

from data.simulator.parameters import ClientPlan, WorldParameters
from domain.clock import utc_now
from domain.errors import InvalidInput, LeadhouseError
from domain.tenancy import Scope
from orchestration.cli.console import emit, out, progress_bars
from orchestration.cli.prepare import prepare
from orchestration.organizations import Named, all_organizations, organization_named
from orchestration.people import create_organization
from orchestration.state import current_settings, open_lake, open_store
from storage.ops.repositories.api_keys import ApiKeys, is_live
from storage.ops.repositories.forms import Forms
from storage.ops.store import Store

if TYPE_CHECKING:
    from data.simulator.live import LiveReport


class NobodyListens(LeadhouseError):
    """Live traffic found no server."""

    code = "nobody_listens"
    hint = "Start one with `leadhouse up`, or name another with --url."


def simulate(
    events: Annotated[int, typer.Option(help="Website events of the world, 1,000 to 20,000,000.")] = 40_000,
    seed: Annotated[int, typer.Option(help="The same seed, the same world.")] = 20261,
    days: Annotated[int, typer.Option(help="Days of the world; they end today.")] = 120,
    out_folder: Annotated[Path | None, typer.Option("--out", help="Folder for history/ and truth/.")] = None,
    load: Annotated[bool, typer.Option("--load", help="Bring it into this installation as well.")] = False,
    live: Annotated[bool, typer.Option("--live", help="Send traffic to a running server instead.")] = False,
    rate: Annotated[float, typer.Option(min=0.1, help="Live: events a second, of all organizations together.")] = 20.0,
    minutes: Annotated[float, typer.Option(min=0.01, help="Live: how long.")] = 1.0,
    org: Annotated[
        list[str] | None, typer.Option(help="Live: slug or id of an organization; may repeat; default the demo's.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Live: address of the server; default this installation's.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    from orchestration.demo_agency import STUDIO
    from orchestration.simulation import load_world, write_world

    today = utc_now().date()
    try:
        parameters = WorldParameters(seed=seed, event_count=events, days=days, starts_on=today - timedelta(days=days))
    except ValidationError as error:
        problems = "; ".join(f"{found['loc'][0]}: {found['msg']}" for found in error.errors())
        raise InvalidInput(f"no such world: {problems}") from error
    if live:
        _live(parameters, rate, minutes, org or ["-".join(STUDIO.lower().split())], url, as_json=as_json)
        return
    folder = out_folder or current_settings().data.dir.absolute() / "simulated"
    parameters = _kept(folder, parameters)
    with progress_bars(quiet=as_json) as steps:
        if not load:
            files = write_world(parameters, folder, until=today, progress=steps)
            document: dict[str, Any] = {"folder": str(folder), "files": [str(file.path) for file in files]}
        else:
            prepare(quiet=True)
            store = open_store()
            loaded = load_world(
                store, open_lake(), parameters, folder, agency=_agency(store).slug, until=today, clock=utc_now,
                progress=steps,
            )  # fmt: skip
            document = {
                "folder": str(folder),
                "row_count": loaded.row_count,
                "crm": [asdict(one) for one in loaded.crm],
            }
    emit(document, as_json=as_json, show=lambda: _show(document))


def _kept(folder: Path, parameters: WorldParameters) -> WorldParameters:
    """The world of an earlier run of the same command, which began on an earlier day."""
    told = folder / "truth" / "parameters.json"
    if told.is_file():
        kept = WorldParameters.model_validate_json(told.read_text(encoding="utf-8"))
        if kept.model_copy(update={"starts_on": parameters.starts_on}) == parameters:
            return kept
    return parameters


def _show(document: dict[str, Any]) -> None:
    out.print(f"  History and truth are in {document['folder']}.")
    if "row_count" in document:
        out.print(f"  {document['row_count']:,} rows landed. Build with `leadhouse run`.")
    else:
        out.print("  Bring the files in with `leadhouse import file`, or all of it with `leadhouse simulate --load`.")


def _agency(store: Store) -> Named:
    from orchestration.demo_agency import AGENCY

    found = {each.name: each for each in all_organizations(store)}
    if AGENCY not in found:
        create_organization(store, name=AGENCY, time_zone="Europe/Lisbon", currency="EUR")
        found = {each.name: each for each in all_organizations(store)}
    return found[AGENCY]


def _live(
    parameters: WorldParameters, rate: float, minutes: float, orgs: list[str], url: str | None, *, as_json: bool
) -> None:
    from data.simulator.client import draw_client
    from data.simulator.live import play

    prepare(quiet=True)
    store, settings = open_store(), current_settings()
    chosen = [organization_named(store, org) for org in orgs]
    ways_in = [_key_and_form(store, organization) for organization in chosen]
    url = url or settings.web.public_url or f"http://127.0.0.1:{settings.web.port}"
    since = datetime.combine(utc_now().date(), time(), UTC)
    total = int(rate * minutes * 60 / len(chosen))

    def visit(organization: Named, way_in: tuple[str, str | None]) -> LiveReport:
        key, form_id = way_in
        client = draw_client(*_world_of(parameters, organization))
        with httpx.Client(base_url=url, headers={"x-lh-key": key}) as http:
            return play(
                client, http, since=since, rate=rate / len(chosen), seconds=minutes * 60, form_id=form_id,
                hear=lambda so_far: steps(f"live {organization.name}", min(total, sum(so_far.counts.values())), total),
            )  # fmt: skip

    try:
        with progress_bars(quiet=as_json) as steps, ThreadPoolExecutor(len(chosen)) as side_by_side:
            reports = list(side_by_side.map(visit, chosen, ways_in))
    except httpx.ConnectError as error:
        raise NobodyListens(f"no server answers at {url}") from error
    counts = [
        {"organization": organization.slug, "sent": sent, "answer": answer, "count": count}
        for organization, report in zip(chosen, reports, strict=True)
        for (sent, answer), count in sorted(report.counts.items())
    ]
    emit(counts, as_json=as_json, show=lambda: _show_live(counts))


def _world_of(parameters: WorldParameters, organization: Named) -> tuple[WorldParameters, ClientPlan]:
    """The world that the organization was loaded with (by the demo or `--load`), so that it goes on; else one of its own."""
    for told in current_settings().data.dir.absolute().glob("*/truth/parameters.json"):
        kept = WorldParameters.model_validate_json(told.read_text(encoding="utf-8"))
        for plan in kept.clients:
            if plan.slug == organization.slug:
                return kept, plan
    plan = ClientPlan(name=organization.name, share=1.0)
    return parameters.model_copy(update={"clients": (plan,), "days": parameters.days + 30}), plan


def _key_and_form(store: Store, organization: Named) -> tuple[str, str | None]:
    with store.read(Scope.of(organization.organization_id)) as work:
        keys = [key.prefix for key in ApiKeys(work).all() if key.kind == "write" and is_live(key, work.now())]
        forms = [form.form_id for form in Forms(work).all() if form.is_active]
    if not keys:
        raise InvalidInput(f"{organization.name} has no write key", hint="Make one under its API keys.")
    return keys[-1], forms[0] if forms else None


def _show_live(counts: list[dict[str, Any]]) -> None:
    columns = ("organization", "sent", "answer", "count")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, justify="right" if column == "count" else "left")
    for one in counts:
        table.add_row(*(f"{one[column]:,}" if column == "count" else one[column] for column in columns))
    out.print(table)
