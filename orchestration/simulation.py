"""Brings a simulated client into an installation: its history through the batch doors, its CRM into the store.

Safe to run again: files that landed are known by their content, records of the CRM by their external ids.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from data.simulator.client import Client
from data.simulator.crm import CrmReport, contact_ids, write_crm, write_rates
from data.simulator.history import HistoryFile, write_history
from data.simulator.parameters import ClientPlan, WorldParameters
from data.simulator.truth import TruthWriter, complete_identifiers
from data.simulator.world import World
from domain.clock import Clock
from domain.tenancy import Scope, SystemScope
from ingest.batches import land_file
from orchestration.organizations import Named, all_organizations
from orchestration.people import create_organization
from storage.lake import Lake
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store

Progress = Callable[[str, int, int, str], None]
"""Called with step, done, total and detail."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of loading a world: events that were new to the lake, and what was new in the CRM, by client."""

    clients: tuple[Named, ...]
    row_count: int
    crm: tuple[CrmReport, ...]

    @property
    def has_news(self) -> bool:
        return bool(self.row_count) or any(self.crm)


def write_world(parameters: WorldParameters, folder: Path, *, until: date, progress: Progress) -> list[HistoryFile]:
    """History and truth of every client under `folder`, for the days before `until`."""
    files: list[HistoryFile] = []
    with TruthWriter(parameters, folder) as truth:
        for number, client in enumerate(World(parameters).clients(), start=1):
            files += write_history(client, folder / "history", until=until)
            truth.write(client)
            progress("simulate", number, len(parameters.clients), client.plan.name)
    return files


def load_world(
    store: Store, lake: Lake, parameters: WorldParameters, folder: Path, *, agency: str, until: date, clock: Clock,
    progress: Progress, gate: bool = True,
) -> Loaded:  # fmt: skip
    """Draws a world up to `until`, writes its files and truth under `folder`, and brings all of it in. `agency` is the
    slug of the organization whose clients they are; clients are found by name, or made. Without `gate` the files land
    unsampled (`land_file`)."""
    named = [ensure_client(store, plan, agency) for plan in parameters.clients]
    write_rates(store, parameters.starts_on, until)
    row_count, reports = 0, []
    known: list[dict[str, str]] = []
    with TruthWriter(parameters, folder) as truth:
        for client, organization in zip(World(parameters).clients(), named, strict=True):
            truth.write(client)
            files = write_history(client, folder / "history", until=until)
            reports.append(_load_crm(store, organization, client, until, progress))
            known.append(contact_ids(store, Scope.of(organization.organization_id), client))
            row_count += land_files(lake, store, organization, files, clock=clock, progress=progress, gate=gate)
    for plan, organization, ids in zip(parameters.clients, named, known, strict=True):
        complete_identifiers(folder, plan.slug, _hash_key(store, organization), ids)
    return Loaded(tuple(named), row_count, tuple(reports))


def ensure_client(store: Store, plan: ClientPlan, agency: str) -> Named:
    """The agency's client of this name, made if new."""
    found = {each.name: each for each in all_organizations(store)}
    if plan.name not in found:
        create_organization(store, name=plan.name, agency=agency, time_zone=plan.time_zone, currency=plan.currency)
        found = {each.name: each for each in all_organizations(store)}
    return found[plan.name]


def land_files(
    lake: Lake, store: Store, organization: Named, files: Sequence[HistoryFile], *, clock: Clock, progress: Progress,
    gate: bool = True,
) -> int:  # fmt: skip
    """Lands each file through its source's door; how many rows were new."""
    landed = 0
    for number, file in enumerate(files, start=1):
        report = land_file(lake, store, file.source, organization.organization_id, file.path, clock=clock, gate=gate)
        landed += report.row_count
        progress(f"land {organization.name}", number, len(files), file.source)
    return landed


def _load_crm(store: Store, organization: Named, client: Client, until: date, progress: Progress) -> CrmReport:
    return write_crm(
        store, Scope.of(organization.organization_id), client, until=datetime.combine(until, time(), UTC),
        progress=lambda done, total: progress(f"CRM of {organization.name}", done, total, ""),
    )  # fmt: skip


def _hash_key(store: Store, organization: Named) -> bytes:
    with store.read(SystemScope("hash of addresses")) as work:
        return Organizations(work).hash_key(organization.organization_id)
