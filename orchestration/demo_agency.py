"""The demo: an agency with its clients. One gets real leads by import, the others a simulated history by every other door."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from data.simulator.parameters import DEFAULT_CLIENTS, WorldParameters
from domain.clock import Clock
from domain.contacts import EmailAddress
from domain.settings import Settings
from domain.tenancy import Actor, Role, Scope
from ingest.landing import pending
from orchestration.demo_site import open_demo_site
from orchestration.organizations import Named, all_organizations
from orchestration.people import create_organization, create_user
from orchestration.simulation import ensure_client, load_world
from orchestration.state import ROOT
from storage.lake import Lake
from storage.ops.bulk.imports import create_import, run_import
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.store import Store

AGENCY = "Northlight Agency"
BANK = "Meridian Bank"
SIMULATED = DEFAULT_CLIENTS[:3]
STUDIO = SIMULATED[0].name
"""The organization of `/demo-site/`, and of `simulate --live`."""
EMAIL = "demo@northlight.example"
ACTOR = Actor.system("demo")
BANK_FILE = ROOT / "data" / "samples" / "uci_bank_marketing.csv.gz"
EVENTS, DAYS, WEEKS_BEFORE, PROSPECT_SHARE = 220_000, 150, 12, 0.05

Progress = Callable[[str, int, int, str], None]


@dataclass(frozen=True, slots=True)
class DemoAgency:
    """The agency's clients in order, the login made for this run, and whether anything is new since the last one."""

    clients: tuple[Named, ...]
    email: str
    password: str
    has_news: bool


def build_demo_agency(store: Store, lake: Lake, settings: Settings, *, clock: Clock, progress: Progress) -> DemoAgency:
    """Makes what is missing and brings in what is new; safe to run again."""
    found = {each.name: each for each in all_organizations(store)}
    if AGENCY not in found:
        create_organization(store, name=AGENCY, time_zone="Europe/Lisbon", currency="EUR")
        found = {each.name: each for each in all_organizations(store)}
    agency = found[AGENCY]
    bank = found.get(BANK) or _bank(store, agency)
    studio = ensure_client(store, SIMULATED[0], agency.slug)
    password = secrets.token_urlsafe(9)
    create_user(
        store, EmailAddress.parse(EMAIL), found[AGENCY].organization_id, Role.OWNER, password, name="Demo Owner"
    )
    open_demo_site(store, Scope.of(studio.organization_id))
    imported = _import_bank(store, settings, bank, progress)
    today = clock().date()
    loaded = load_world(
        store, lake, _world(store, Scope.of(studio.organization_id), today),
        settings.data.dir.absolute() / "demo", agency=agency.slug, until=today, clock=clock, progress=progress,
    )  # fmt: skip
    news = imported or loaded.has_news or any(pending(store).values())
    return DemoAgency((bank, *loaded.clients), EMAIL, password, news)


def _bank(store: Store, agency: Named) -> Named:
    create_organization(store, name=BANK, agency=agency.slug, time_zone="Europe/Lisbon", currency="EUR")
    return {each.name: each for each in all_organizations(store)}[BANK]


def _import_bank(store: Store, settings: Settings, bank: Named, progress: Progress) -> bool:
    """The UCI leads, through the path of any CSV; answers whether they were new."""
    scope = Scope.of(bank.organization_id)
    content = gzip.decompress(BANK_FILE.read_bytes())
    made = create_import(
        store, settings, scope, ACTOR, content=content, file_name="bank-full.csv", entity="contacts",
        outcome_column="y", positive_value="yes", post_outcome_columns=("duration",),
    )  # fmt: skip
    if made.was_imported_before:
        return False
    run_import(
        store, settings, made.import_id, progress=lambda done, total: progress("import bank leads", done, total, "")
    )
    return True


def _world(store: Store, scope: Scope, today: date) -> WorldParameters:
    """The same world at every run: its first day is remembered as a setting of the organization."""
    with store.write(scope, ACTOR) as work:
        settings = OrganizationSettings(work)
        kept = settings.current("demo_world")
        found = kept.value if kept else {"starts_on": str(today - timedelta(weeks=WEEKS_BEFORE))}
        settings.put("demo_world", found)
    return WorldParameters(
        event_count=EVENTS,
        starts_on=date.fromisoformat(found["starts_on"]),
        days=DAYS,
        clients=SIMULATED,
        prospect_share=PROSPECT_SHARE,
    )
